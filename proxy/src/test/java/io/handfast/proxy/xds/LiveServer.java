package io.handfast.proxy.xds;

import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.DiscoveryServerCallbacks;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;

/** Envoy's own control plane for Java, on a port of the loopback. */
final class LiveServer implements AutoCloseable {
  private static final String GROUP = "all";

  private final SimpleCache<String> cache = new SimpleCache<>(node -> GROUP);
  private final List<String> refusals = new CopyOnWriteArrayList<>();
  private final Map<Long, String> nodes = new ConcurrentSkipListMap<>();
  private final V3DiscoveryServer discovery =
      new V3DiscoveryServer(
          new DiscoveryServerCallbacks() {
            @Override
            public void onV3StreamRequest(long stream, DiscoveryRequest request) {
              note(
                  stream,
                  request.getNode().getId(),
                  request.hasErrorDetail(),
                  request.getErrorDetail().getMessage());
            }

            @Override
            public void onV3StreamDeltaRequest(long stream, DeltaDiscoveryRequest request) {
              note(
                  stream,
                  request.getNode().getId(),
                  request.hasErrorDetail(),
                  request.getErrorDetail().getMessage());
            }
          },
          cache);
  private final FilterServer filters = new FilterServer(refusals);
  private final IntFunction<NettyServerBuilder> builders;
  private Server server;
  private final int port;

  /** Without TLS. */
  LiveServer() {
    this(LiveServer::loopback);
  }

  /**
   * @param builders makes one that listens at that port; 0: any
   */
  LiveServer(IntFunction<NettyServerBuilder> builders) {
    this.builders = builders;
    this.server = listen(0);
    this.port = server.getPort();
  }

  static NettyServerBuilder loopback(int port) {
    return NettyServerBuilder.forAddress(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private void note(long stream, String node, boolean refused, String detail) {
    nodes.putIfAbsent(stream, node);
    if (refused) {
      refusals.add(detail);
    }
  }

  private Server listen(int at) {
    try {
      return builders
          .apply(at)
          .addService(discovery.getAggregatedDiscoveryServiceImpl())
          .addService(discovery.getClusterDiscoveryServiceImpl())
          .addService(discovery.getEndpointDiscoveryServiceImpl())
          .addService(discovery.getListenerDiscoveryServiceImpl())
          .addService(discovery.getRouteDiscoveryServiceImpl())
          .addService(discovery.getSecretDiscoveryServiceImpl())
          .addService(filters)
          .build()
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  void serve(Snapshot snapshot) {
    cache.setSnapshot(GROUP, snapshot);
  }

  /** Serves an HTTP filter by its own service, which Envoy's server has not. */
  void serve(TypedExtensionConfig filter) {
    filters.serve(filter);
  }

  /** What clients said to what they refused. */
  List<String> refusals() {
    return List.copyOf(refusals);
  }

  /** Who connected, stream by stream. */
  List<String> nodes() {
    return List.copyOf(nodes.values());
  }

  /** Nobody listens any more. */
  void stop() {
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Listens again, where it did. */
  void restart() {
    server = listen(port);
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
