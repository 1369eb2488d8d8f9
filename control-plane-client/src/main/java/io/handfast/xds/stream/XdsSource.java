package io.handfast.xds.stream;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource.ApiType;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.MethodDescriptor;
import io.handfast.xds.protocol.Backoff;
import io.handfast.xds.protocol.DeltaMachine;
import io.handfast.xds.protocol.SotwMachine;
import io.handfast.xds.protocol.StreamMachine;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Servers that resources come from, as an {@code api_config_source} or {@code ads_config} says.
 *
 * @param delta whether they are asked for changes only
 * @param nodeOnce whether only the first request of a stream says who asks
 * @param types what one stream carries: everything, or a single type
 * @param servers the primary first
 */
public record XdsSource(
    boolean delta, boolean nodeOnce, List<ResourceType<?>> types, List<XdsClient.Server> servers) {

  public XdsSource {
    types = List.copyOf(types);
    servers = List.copyOf(servers);
  }

  /** What its servers are called. */
  public Set<String> names() {
    return servers.stream().map(XdsClient.Server::name).collect(Collectors.toUnmodifiableSet());
  }

  /** {@code ads_config}: one stream for everything. */
  public static Optional<XdsSource> aggregated(
      ApiConfigSource source, String path, ClusterChannels clusters, ConfigErrors errors) {
    return compile(source, ResourceType.ALL, DiscoveryMethods.AGGREGATED, path, clusters, errors);
  }

  /** A stream of one type's own service. */
  public static Optional<XdsSource> ofType(
      ApiConfigSource source,
      ResourceType<?> type,
      String path,
      ClusterChannels clusters,
      ConfigErrors errors) {
    boolean aggregated =
        source.getApiType() == ApiType.AGGREGATED_GRPC
            || source.getApiType() == ApiType.AGGREGATED_DELTA_GRPC;
    return compile(
        source,
        List.of(type),
        aggregated ? DiscoveryMethods.AGGREGATED : DiscoveryMethods.of(type),
        path,
        clusters,
        errors);
  }

  private static Optional<XdsSource> compile(
      ApiConfigSource source,
      List<ResourceType<?>> types,
      DiscoveryMethods.Methods methods,
      String path,
      ClusterChannels clusters,
      ConfigErrors errors) {
    if (source.getTransportApiVersion() != ApiVersion.V3) {
      errors.add(path + ".transport_api_version", source.getTransportApiVersion(), "V3");
    }
    Optional<Boolean> delta = isDelta(source.getApiType(), path, errors);
    if (source.getGrpcServicesCount() == 0) {
      errors.add(path + ".grpc_services", "empty (expected: at least one)");
    }
    MethodDescriptor<? extends Message, ? extends Message> method =
        delta.orElse(true) ? methods.delta() : methods.sotw();
    List<XdsClient.Server> servers = new ArrayList<>();
    for (int i = 0; i < source.getGrpcServicesCount(); i++) {
      GrpcServices.server(
              source.getGrpcServices(i),
              method,
              path + ".grpc_services[" + i + "]",
              clusters,
              errors)
          .ifPresent(servers::add);
    }
    return delta
        .filter(known -> errors.isEmpty())
        .map(known -> new XdsSource(known, source.getSetNodeOnFirstMessageOnly(), types, servers));
  }

  private static Optional<Boolean> isDelta(ApiType type, String path, ConfigErrors errors) {
    return switch (type) {
      case DELTA_GRPC, AGGREGATED_DELTA_GRPC -> Optional.of(true);
      case GRPC, AGGREGATED_GRPC -> Optional.of(false);
      case REST, DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE, UNRECOGNIZED -> {
        errors.add(
            path + ".api_type", type, "GRPC, DELTA_GRPC, AGGREGATED_GRPC or AGGREGATED_DELTA_GRPC");
        yield Optional.empty();
      }
    };
  }

  /** Makes machines for these servers, each of which knows nothing. */
  public Supplier<StreamMachine> machines(
      Node node, boolean failOnDataErrors, RandomGenerator random) {
    StreamMachine.Options options =
        new StreamMachine.Options(node, nodeOnce, types, Backoff.Policy.GRPC, failOnDataErrors);
    return delta ? () -> new DeltaMachine(options, random) : () -> new SotwMachine(options, random);
  }

  /** A client of these servers, not begun. */
  public XdsClient client(Node node, ResourceHandler handler, ClientRuntime runtime) {
    return new XdsClient(
        servers, machines(node, false, runtime.random()), Backoff.Policy.GRPC, handler, runtime);
  }
}
