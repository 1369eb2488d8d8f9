package io.handfast.proxy.config.compile;

import static io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType.EDS;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ClusterConfig.DnsLookupFamily;
import io.handfast.proxy.config.ClusterConfig.DnsOptions;
import io.handfast.proxy.config.ClusterConfig.Thresholds;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.config.FilterMetadata;
import io.handfast.proxy.config.LoadBalancing;
import io.handfast.proxy.config.LocalityEndpoints;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.compile.address.Addresses;
import io.handfast.proxy.config.compile.types.ExtensionTypes;
import io.handfast.proxy.config.extension.ClusterMetadataParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.resource.XdstpName;
import io.handfast.xds.text.TreeMerger;
import io.handfast.xds.text.Trees;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.cluster.v3.Cluster}. */
final class ClusterCompiler {

  private ClusterCompiler() {}

  /** The cluster, or null if something is wrong that leaves none. */
  static @Nullable ClusterConfig compile(
      Cluster proto, int index, Compilation compilation, Scope scope) {
    DiscoveryType type =
        switch (proto.getType()) {
          case STRICT_DNS -> DiscoveryType.STRICT_DNS;
          case LOGICAL_DNS -> DiscoveryType.LOGICAL_DNS;
          case ORIGINAL_DST -> DiscoveryType.ORIGINAL_DST;
          case STATIC, EDS, UNRECOGNIZED -> DiscoveryType.STATIC;
        };
    List<LocalityEndpoints> localities = localities(proto, type, compilation, scope);
    Duration connectTimeout =
        scope
            .field("connect_timeout")
            .duration(
                proto.hasConnectTimeout(),
                proto.getConnectTimeout(),
                ClusterConfig.DEFAULT_CONNECT_TIMEOUT);
    CircuitBreakers breakers = circuitBreakers(proto, scope.field("circuit_breakers"));
    int bufferLimit =
        proto.hasPerConnectionBufferLimitBytes()
            ? Scope.clamped(proto.getPerConnectionBufferLimitBytes().getValue())
            : ClusterConfig.DEFAULT_PER_CONNECTION_BUFFER_LIMIT_BYTES;
    UpstreamHttpOptions http =
        UpstreamHttpCompiler.compile(
            proto.getTypedExtensionProtocolOptionsMap(),
            isSecure(proto, compilation.types()),
            compilation,
            scope);
    LoadBalancing loadBalancing = LoadBalancingCompiler.compile(proto, compilation, scope);
    DnsOptions dns = dns(proto, scope);
    FilterMetadata metadata = metadata(proto.getMetadata(), compilation, scope.field("metadata"));
    Optional<TlsConfig.Upstream> tls =
        proto.hasTransportSocket()
            ? Optional.ofNullable(
                TlsCompiler.upstream(
                    proto.getTransportSocket(), compilation, scope.field("transport_socket")))
            : Optional.empty();
    Optional<NetworkAddress.Tcp> source =
        proto.hasUpstreamBindConfig()
            ? Optional.ofNullable(
                Addresses.toBindTcp(
                    proto.getUpstreamBindConfig().getSourceAddress(),
                    scope.field("upstream_bind_config").field("source_address")))
            : Optional.empty();
    return scope.build(() ->
        new ClusterConfig(
            proto.getName(),
            index,
            type,
            localities,
            loadBalancing,
            connectTimeout,
            breakers,
            bufferLimit,
            http,
            dns,
            metadata,
            tls,
            source));
  }

  /** Whether it says that it speaks TLS, be it well said or not. */
  private static boolean isSecure(Cluster proto, TypeRegistry types) {
    return proto.hasTransportSocket()
        && !TypeRegistry.nameOf(types.typeUrlIn(proto.getTransportSocket().getTypedConfig()))
            .equals(RawBuffer.getDescriptor().getFullName());
  }

  private static List<LocalityEndpoints> localities(
      Cluster proto, DiscoveryType type, Compilation compilation, Scope scope) {
    Scope inline = scope.field("load_assignment");
    boolean expected = type != DiscoveryType.ORIGINAL_DST && proto.getType() != EDS;
    if (proto.hasLoadAssignment() && !expected) {
      inline.error(
          "endpoints (expected: not set; "
              + (proto.getType() == EDS ? "a control plane brings" : "clients bring")
              + " them, as the type says)");
    } else if (!proto.hasLoadAssignment() && expected && type != DiscoveryType.STATIC) {
      // A static one without endpoints is a way to say that nothing is to be reached.
      inline.error("missing (expected: the endpoints of the cluster)");
    }
    if (proto.getType() != EDS) {
      return EndpointCompiler.compile(proto.getLoadAssignment(), type, inline);
    }
    if (!proto.getEdsClusterConfig().hasEdsConfig()) {
      scope
          .field("eds_cluster_config")
          .field("eds_config")
          .error("missing (expected: where the endpoints come from, such as ads: {})");
    }
    return endpoints(proto, compilation)
        .map(offered ->
            EndpointCompiler.discovered(
                offered.message(), type, new Scope(offered.path(), scope.errors())))
        .orElse(List.of());
  }

  /** What a control plane says of its endpoints, if it is a cluster that it does it for. */
  static Optional<Offered<ClusterLoadAssignment>> endpoints(
      Cluster proto, Compilation compilation) {
    if (proto.getType() != EDS) {
      return Optional.empty();
    }
    String service = proto.getEdsClusterConfig().getServiceName();
    return compilation
        .neighbours()
        .find(
            ResourceType.ENDPOINT,
            XdstpName.normalise(service.isEmpty() ? proto.getName() : service));
  }

  private static CircuitBreakers circuitBreakers(Cluster proto, Scope scope) {
    List<io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds> all =
        proto.getCircuitBreakers().getThresholdsList();
    Map<RoutingPriority, Thresholds> found = new EnumMap<>(RoutingPriority.class);
    for (int i = 0; i < all.size(); i++) {
      RoutingPriority priority = all.get(i).getPriority();
      if (found.putIfAbsent(priority, thresholds(all.get(i))) != null) {
        scope
            .field("thresholds", i)
            .error("a second entry of priority " + priority + " (expected: one)");
      }
    }
    return new CircuitBreakers(
        found.getOrDefault(RoutingPriority.DEFAULT, Thresholds.DEFAULTS),
        found.getOrDefault(RoutingPriority.HIGH, Thresholds.DEFAULTS));
  }

  private static Thresholds thresholds(
      io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds proto) {
    Thresholds defaults = Thresholds.DEFAULTS;
    return new Thresholds(
        bound(proto.hasMaxConnections(), proto.getMaxConnections(), defaults.maxConnections()),
        bound(
            proto.hasMaxPendingRequests(),
            proto.getMaxPendingRequests(),
            defaults.maxPendingRequests()),
        bound(proto.hasMaxRequests(), proto.getMaxRequests(), defaults.maxRequests()),
        bound(proto.hasMaxRetries(), proto.getMaxRetries(), defaults.maxRetries()),
        proto.getTrackRemaining());
  }

  private static int bound(boolean set, UInt32Value value, int byDefault) {
    return set ? Scope.clamped(value.getValue()) : byDefault;
  }

  @SuppressWarnings(
      "deprecation") // Newer Envoys also read it from a cluster extension; files have it here.
  private static DnsOptions dns(Cluster proto, Scope scope) {
    Duration refresh =
        scope
            .field("dns_refresh_rate")
            .duration(
                proto.hasDnsRefreshRate(),
                proto.getDnsRefreshRate(),
                DnsOptions.DEFAULTS.refreshRate());
    DnsLookupFamily family =
        switch (proto.getDnsLookupFamily()) {
          case AUTO, UNRECOGNIZED -> DnsLookupFamily.AUTO;
          case V4_ONLY -> DnsLookupFamily.V4_ONLY;
          case V6_ONLY -> DnsLookupFamily.V6_ONLY;
          case V4_PREFERRED -> DnsLookupFamily.V4_PREFERRED;
          case ALL -> DnsLookupFamily.ALL;
        };
    if (refresh.isZero()) {
      scope.field("dns_refresh_rate").error("0s", "> 0s");
      return DnsOptions.DEFAULTS;
    }
    return new DnsOptions(refresh, family);
  }

  private static FilterMetadata metadata(Metadata proto, Compilation compilation, Scope scope) {
    Map<String, Object> byName = new HashMap<>();
    for (ClusterMetadataParser parser : compilation.extensions().clusterMetadata()) {
      boolean typed = proto.containsTypedFilterMetadata(parser.key());
      if (!typed && !proto.containsFilterMetadata(parser.key())) {
        continue;
      }
      Scope here = scope.entry(typed ? "typed_filter_metadata" : "filter_metadata", parser.key());
      Optional<? extends Message> message =
          typed
              ? unpack(proto.getTypedFilterMetadataOrThrow(parser.key()), parser, compilation, here)
              : merge(proto, parser, compilation, here);
      message
          .map(found -> parser.parse(found, here))
          .ifPresent(parsed -> byName.put(parser.key(), parsed));
    }
    return new FilterMetadata(byName);
  }

  private static Optional<Message> unpack(
      Any any, ClusterMetadataParser parser, Compilation compilation, Scope scope) {
    Optional<Message> message = compilation.unpack(any, scope);
    if (message.isPresent() && !ExtensionTypes.sameType(message.get(), parser.type())) {
      scope.error(
          compilation.types().typeUrlIn(any), parser.type().getDescriptorForType().getFullName());
      return Optional.empty();
    }
    return message;
  }

  /** Untyped metadata has the JSON form of the typed message. */
  private static Optional<Message> merge(
      Metadata proto, ClusterMetadataParser parser, Compilation compilation, Scope scope) {
    Message.Builder into = parser.type().newBuilderForType();
    new TreeMerger(compilation.types(), scope.errors())
        .merge(Trees.of(proto.getFilterMetadataOrThrow(parser.key())), into, scope.path());
    return Optional.of(into.build());
  }
}
