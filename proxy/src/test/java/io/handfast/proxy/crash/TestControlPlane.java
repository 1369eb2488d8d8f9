package io.handfast.proxy.crash;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.handfast.transaction.v1.ClusterPolicy;
import io.handfast.transaction.v1.Transaction;
import io.handfast.transaction.v1.TransactionManager;
import io.handfast.transaction.v1.TransactionPerRoute;
import io.handfast.xds.bootstrap.BootstrapLoader;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.TypeRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** Tells sidecars of what their files said, so that these need say little more than who to ask. */
final class TestControlPlane implements AutoCloseable {
  /** The one cluster that the transaction manager itself names. */
  private static final String LOCAL = "service";

  private static final String SELF = "control-plane";

  private final BootstrapLoader loader =
      new BootstrapLoader(
          TypeRegistry.of(
              List.of(
                  HttpConnectionManager.getDefaultInstance(),
                  Router.getDefaultInstance(),
                  ClusterPolicy.getDefaultInstance(),
                  Transaction.getDefaultInstance(),
                  TransactionManager.getDefaultInstance(),
                  TransactionPerRoute.getDefaultInstance())));
  private final SimpleCache<String> cache = new SimpleCache<>(node -> node.getId());
  private final Server server;

  TestControlPlane() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new V3DiscoveryServer(cache).getAggregatedDiscoveryServiceImpl())
            .build()
            .start();
  }

  /** Takes listeners and clusters out of a bootstrap, to tell of them. */
  String take(String yaml) {
    ConfigErrors errors = new ConfigErrors();
    Bootstrap whole = loader.load(BootstrapSource.ofYaml(yaml), errors);
    if (!errors.isEmpty()) {
      throw new AssertionError(errors.list().toString());
    }
    List<Cluster> clusters = whole.getStaticResources().getClustersList();
    cache.setSnapshot(
        whole.getNode().getId(),
        Snapshot.create(
            clusters.stream().filter(cluster -> !cluster.getName().equals(LOCAL)).toList(),
            List.of(),
            whole.getStaticResources().getListenersList(),
            List.of(),
            List.of(),
            "1"));
    Bootstrap.Builder asking = whole.toBuilder();
    asking
        .clearStaticResources()
        .getStaticResourcesBuilder()
        .addAllClusters(
            clusters.stream().filter(cluster -> cluster.getName().equals(LOCAL)).toList())
        .addClusters(self());
    asking
        .getDynamicResourcesBuilder()
        .setAdsConfig(ads())
        .setCdsConfig(ofAds())
        .setLdsConfig(ofAds());
    return json(asking.build());
  }

  private Cluster self() {
    Cluster.Builder self = Cluster.newBuilder().setName(SELF);
    self.getLoadAssignmentBuilder()
        .setClusterName(SELF)
        .addEndpointsBuilder()
        .addLbEndpointsBuilder()
        .getEndpointBuilder()
        .getAddressBuilder()
        .getSocketAddressBuilder()
        .setAddress("127.0.0.1")
        .setPortValue(server.getPort());
    return self.build();
  }

  private static ApiConfigSource ads() {
    ApiConfigSource.Builder ads =
        ApiConfigSource.newBuilder()
            .setApiType(ApiConfigSource.ApiType.DELTA_GRPC)
            .setTransportApiVersion(ApiVersion.V3);
    ads.addGrpcServicesBuilder().getEnvoyGrpcBuilder().setClusterName(SELF);
    return ads.build();
  }

  private static ConfigSource ofAds() {
    return ConfigSource.newBuilder()
        .setAds(AggregatedConfigSource.getDefaultInstance())
        .setResourceApiVersion(ApiVersion.V3)
        .build();
  }

  private static String json(Bootstrap bootstrap) {
    JsonFormat.TypeRegistry types =
        JsonFormat.TypeRegistry.newBuilder().add(TransactionManager.getDescriptor()).build();
    try {
      return JsonFormat.printer().usingTypeRegistry(types).print(bootstrap);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** It is gone, and nobody listens where it did. */
  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
