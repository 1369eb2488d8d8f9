package io.handfast.xds.stream;

import io.grpc.ManagedChannelBuilder;
import io.handfast.xds.resource.ConfigError;
import java.util.List;
import java.util.Optional;

/**
 * How {@code envoy_grpc} reaches the endpoints of a cluster of the bootstrap. Whoever knows
 * clusters implements it; their TLS is part of it. Thread-safe.
 */
@FunctionalInterface
public interface ClusterChannels {

  /** No cluster is known. */
  ClusterChannels NONE = cluster -> List.of();

  /**
   * One builder for each endpoint, made anew for each call, in the order in which they are to be
   * tried. Message limit, keepalive and authority are set by the caller.
   *
   * @return empty if there is no such cluster or it has no endpoint
   */
  List<ManagedChannelBuilder<?>> builders(String cluster);

  /** Why no gRPC can be spoken with that cluster; empty if it can, or if there is no such. */
  default Optional<ConfigError> problem(String cluster) {
    return Optional.empty();
  }

  /** What that cluster says of connections that are dead. */
  default Liveness liveness(String cluster) {
    return Liveness.DEFAULT;
  }
}
