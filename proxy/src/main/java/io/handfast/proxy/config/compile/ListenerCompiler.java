package io.handfast.proxy.config.compile;

import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.config.compile.address.Addresses;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.TlsConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.listener.v3.Listener}. */
final class ListenerCompiler {

  private ListenerCompiler() {}

  /** The listener, or null if something is wrong that leaves none. */
  static @Nullable ListenerConfig compile(Listener proto, Compilation process, Scope scope) {
    TrafficDirection direction =
        switch (proto.getTrafficDirection()) {
          case INBOUND -> TrafficDirection.INBOUND;
          case OUTBOUND -> TrafficDirection.OUTBOUND;
          case UNSPECIFIED, UNRECOGNIZED -> TrafficDirection.UNSPECIFIED;
        };
    Compilation compilation = process.withDirection(direction);
    NetworkAddress address = Addresses.toBind(proto.getAddress(), scope.field("address"));
    List<FilterChainConfig> chains = new ArrayList<>();
    for (int i = 0; i < proto.getFilterChainsCount(); i++) {
      FilterChainConfig chain =
          chain(proto.getFilterChains(i), compilation, scope.field("filter_chains", i));
      if (chain != null) {
        chains.add(chain);
      }
    }
    if (proto.getFilterChainsCount() != 1) {
      scope
          .field("filter_chains")
          .error(
              proto.getFilterChainsCount()
                  + " entries (expected: 1; choosing among filter chains is not built yet)");
    }
    if (address == null || chains.isEmpty()) {
      return null;
    }
    int bufferLimit =
        proto.hasPerConnectionBufferLimitBytes()
            ? Scope.clamped(proto.getPerConnectionBufferLimitBytes().getValue())
            : ListenerConfig.DEFAULT_PER_CONNECTION_BUFFER_LIMIT_BYTES;
    return scope.build(() ->
        new ListenerConfig(
            proto.getName().isEmpty() ? address.toString() : proto.getName(),
            address,
            direction,
            chains,
            proto,
            bufferLimit));
  }

  private static @Nullable FilterChainConfig chain(
      FilterChain proto, Compilation compilation, Scope scope) {
    List<NetworkFilterConfig> filters =
        NetworkFiltersCompiler.compile(proto.getFiltersList(), compilation, scope);
    Optional<TlsConfig.Downstream> tls =
        proto.hasTransportSocket()
            ? Optional.ofNullable(
                TlsCompiler.downstream(
                    proto.getTransportSocket(), compilation, scope.field("transport_socket")))
            : Optional.empty();
    Duration handshakeTimeout =
        scope
            .field("transport_socket_connect_timeout")
            .duration(
                proto.hasTransportSocketConnectTimeout(),
                proto.getTransportSocketConnectTimeout(),
                FilterChainConfig.DEFAULT_HANDSHAKE_TIMEOUT);
    return filters.isEmpty() ? null : new FilterChainConfig(filters, tls, handshakeTimeout);
  }
}
