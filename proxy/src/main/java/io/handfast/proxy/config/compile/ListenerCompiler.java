package io.handfast.proxy.config.compile;

import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.ListenerConfig.Accepting;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.config.compile.address.AddressClaims;
import io.handfast.proxy.config.compile.address.Addresses;
import io.handfast.proxy.config.compile.listener.FilterChainMatchCompiler;
import io.handfast.proxy.config.compile.listener.ListenerFilterCompiler;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.listener.FilterChainIndex;
import io.handfast.proxy.config.listener.FilterChainMatch;
import io.handfast.proxy.config.listener.ListenerFilterConfig;
import io.handfast.proxy.config.listener.ListenerInspection;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.xds.resource.ConfigErrors;
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
    List<NetworkAddress> additional = additional(proto, scope);
    List<FilterChainConfig> chains = chains(proto, compilation, scope);
    if (proto.getFilterChainsCount() == 0 && !proto.hasDefaultFilterChain()) {
      scope.field("filter_chains").error("[] (expected: at least one)");
    }
    Optional<FilterChainConfig> defaultChain =
        proto.hasDefaultFilterChain()
            ? Optional.ofNullable(
                chain(
                    proto.getDefaultFilterChain(),
                    compilation,
                    scope.field("default_filter_chain")))
            : Optional.empty();
    ListenerInspection inspection =
        ListenerFilterCompiler.compile(proto, chains, compilation::unpack, scope);
    if (address != null) {
      checkPlace(proto, address, inspection, scope.field("address"));
    }
    additional.forEach(
        other -> checkPlace(proto, other, inspection, scope.field("additional_addresses")));
    if (address == null || (chains.isEmpty() && defaultChain.isEmpty())) {
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
            additional,
            direction,
            chains,
            defaultChain,
            inspection,
            proto.getUseOriginalDst().getValue(),
            bindsToPort(proto),
            accepting(proto),
            AccessLogCompiler.compile(proto.getAccessLogList(), compilation, scope),
            proto,
            bufferLimit));
  }

  /** Notes the addresses of a listener that was accepted. */
  static void claim(Listener proto, String path, AddressClaims claims) {
    Scope scope = new Scope(path, new ConfigErrors());
    boolean bound = bindsToPort(proto);
    Optional.ofNullable(Addresses.toBind(proto.getAddress(), scope))
        .ifPresent(address -> claims.add(address, bound, path));
    additional(proto, scope).forEach(address -> claims.add(address, bound, path));
  }

  private static List<NetworkAddress> additional(Listener proto, Scope scope) {
    List<NetworkAddress> additional = new ArrayList<>();
    for (int i = 0; i < proto.getAdditionalAddressesCount(); i++) {
      NetworkAddress address =
          Addresses.toBind(
              proto.getAdditionalAddresses(i).getAddress(),
              scope.field("additional_addresses", i).field("address"));
      if (address != null) {
        additional.add(address);
      }
    }
    return additional;
  }

  /** What the kernel tells of TCP only cannot be asked for elsewhere. */
  private static void checkPlace(
      Listener proto, NetworkAddress address, ListenerInspection inspection, Scope scope) {
    switch (address) {
      case NetworkAddress.Tcp tcp -> {
        if (tcp.port() == 0 && !bindsToPort(proto)) {
          scope.error(address, "a port: one that nobody binds cannot be chosen by the kernel");
        }
      }
      case NetworkAddress.Pipe pipe -> {
        if (!bindsToPort(proto)) {
          scope.error(pipe, "socket_address: no connection is redirected to a Unix socket");
        }
        if (proto.getUseOriginalDst().getValue()
            || inspection.filters().stream()
                .anyMatch(ListenerFilterConfig.OriginalDst.class::isInstance)) {
          scope.error(
              pipe, "socket_address: a Unix socket has no original destination to be restored");
        }
      }
    }
  }

  private static Accepting accepting(Listener proto) {
    return new Accepting(
        !proto.hasEnableReusePort() || proto.getEnableReusePort().getValue(),
        proto.hasTcpBacklogSize()
            ? Scope.clamped(proto.getTcpBacklogSize().getValue())
            : Accepting.DEFAULTS.backlog());
  }

  private static boolean bindsToPort(Listener proto) {
    return !proto.hasBindToPort() || proto.getBindToPort().getValue();
  }

  /** Two chains for the same connections are an error of the second. */
  private static List<FilterChainConfig> chains(
      Listener proto, Compilation compilation, Scope scope) {
    List<FilterChainConfig> chains = new ArrayList<>();
    FilterChainIndex<Integer> index = new FilterChainIndex<>();
    for (int i = 0; i < proto.getFilterChainsCount(); i++) {
      Scope here = scope.field("filter_chains", i);
      FilterChainConfig chain = chain(proto.getFilterChains(i), compilation, here);
      if (chain != null) {
        index
            .add(chain.match(), i)
            .ifPresent(other ->
                here.field("filter_chain_match")
                    .error(
                        "the same connections as filter_chains["
                            + other
                            + "] (expected: a match of its own)"));
        chains.add(chain);
      }
    }
    return chains;
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
    FilterChainMatch match =
        FilterChainMatchCompiler.compile(
            proto.getFilterChainMatch(), scope.field("filter_chain_match"));
    return filters.isEmpty() ? null : new FilterChainConfig(match, filters, tls, handshakeTimeout);
  }
}
