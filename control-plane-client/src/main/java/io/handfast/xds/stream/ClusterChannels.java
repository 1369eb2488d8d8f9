package io.handfast.xds.stream;

import io.grpc.ManagedChannelBuilder;
import java.util.List;

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
}
