package io.handfast.xds.stream;

import io.envoyproxy.envoy.service.cluster.v3.ClusterDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.endpoint.v3.EndpointDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.extension.v3.ExtensionConfigDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.listener.v3.ListenerDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.route.v3.RouteDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;
import io.grpc.MethodDescriptor;
import io.handfast.xds.resource.ResourceType;
import java.util.Map;

/** Which method of gRPC carries which type, for a client and for a server. */
public final class DiscoveryMethods {

  /** The two methods of a discovery service. */
  public record Methods(
      MethodDescriptor<DiscoveryRequest, DiscoveryResponse> sotw,
      MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> delta) {}

  /** Those of the aggregated service. */
  public static final Methods AGGREGATED =
      new Methods(
          AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod(),
          AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod());

  private static final Map<ResourceType<?>, Methods> BY_TYPE =
      Map.of(
          ResourceType.CLUSTER,
          new Methods(
              ClusterDiscoveryServiceGrpc.getStreamClustersMethod(),
              ClusterDiscoveryServiceGrpc.getDeltaClustersMethod()),
          ResourceType.ENDPOINT,
          new Methods(
              EndpointDiscoveryServiceGrpc.getStreamEndpointsMethod(),
              EndpointDiscoveryServiceGrpc.getDeltaEndpointsMethod()),
          ResourceType.LISTENER,
          new Methods(
              ListenerDiscoveryServiceGrpc.getStreamListenersMethod(),
              ListenerDiscoveryServiceGrpc.getDeltaListenersMethod()),
          ResourceType.ROUTE,
          new Methods(
              RouteDiscoveryServiceGrpc.getStreamRoutesMethod(),
              RouteDiscoveryServiceGrpc.getDeltaRoutesMethod()),
          ResourceType.SECRET,
          new Methods(
              SecretDiscoveryServiceGrpc.getStreamSecretsMethod(),
              SecretDiscoveryServiceGrpc.getDeltaSecretsMethod()),
          ResourceType.EXTENSION_CONFIG,
          new Methods(
              ExtensionConfigDiscoveryServiceGrpc.getStreamExtensionConfigsMethod(),
              ExtensionConfigDiscoveryServiceGrpc.getDeltaExtensionConfigsMethod()));

  private DiscoveryMethods() {}

  /** Those of the type's own service. */
  public static Methods of(ResourceType<?> type) {
    Methods methods = BY_TYPE.get(type);
    if (methods == null) {
      throw new IllegalArgumentException("type: " + type + " (expected: one with a service)");
    }
    return methods;
  }
}
