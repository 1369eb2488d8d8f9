package io.handfast.proxy.config.compile;

import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.Http1Options;
import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig.ClientCertForwarding;
import io.handfast.proxy.config.HttpConnectionManagerConfig.ClientCertForwarding.Mode;
import io.handfast.proxy.config.HttpConnectionManagerConfig.CodecType;
import io.handfast.proxy.config.HttpConnectionManagerConfig.EscapedSlashes;
import io.handfast.proxy.config.HttpConnectionManagerConfig.Forwarding;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HeaderLimits;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HostOptions;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.config.HttpConnectionManagerConfig.PathOptions;
import io.handfast.proxy.config.HttpConnectionManagerConfig.StripPort;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code HttpConnectionManager}. */
final class HttpConnectionManagerCompiler {

  private HttpConnectionManagerCompiler() {}

  static @Nullable HttpConnectionManagerConfig compile(
      HttpConnectionManager proto, Compilation compilation, Scope scope) {
    FilterChainBuilder chain =
        FilterChainBuilder.of(proto.getHttpFiltersList(), compilation, scope);
    RouteTable routes = routes(proto, chain, compilation, scope);
    HttpTimeouts timeouts = timeouts(proto, scope);
    HeaderLimits limits = limits(proto, scope);
    Http1Options http1 = http1(proto.getHttpProtocolOptions());
    Http2Options http2 =
        Http2Compiler.compile(
            proto.getHttp2ProtocolOptions(), scope.field("http2_protocol_options"));
    List<AccessLogConfig> accessLogs =
        AccessLogCompiler.compile(proto.getAccessLogList(), compilation, scope);
    List<HttpFilterConfig> filters = chain.filters();
    if (filters.isEmpty() || limits == null) {
      return null;
    }
    return scope.build(() ->
        new HttpConnectionManagerConfig(
            proto.getStatPrefix(),
            codecType(proto.getCodecType()),
            routes,
            filters,
            timeouts,
            limits,
            http1,
            http2,
            forwarding(proto),
            new PathOptions(
                proto.getNormalizePath().getValue(),
                proto.getMergeSlashes(),
                escapedSlashes(proto.getPathWithEscapedSlashesAction())),
            proto.getServerName().isEmpty()
                ? HttpConnectionManagerConfig.DEFAULT_SERVER_NAME
                : proto.getServerName(),
            accessLogs,
            hosts(proto, scope)));
  }

  private static HostOptions hosts(HttpConnectionManager proto, Scope scope) {
    if (proto.getStripMatchingHostPort() && proto.getStripAnyHostPort()) {
      scope
          .field("strip_matching_host_port")
          .error("excludes strip_any_host_port, which is set too (expected: one of them)");
    }
    StripPort port = proto.getStripMatchingHostPort() ? StripPort.MATCHING : StripPort.NONE;
    return new HostOptions(
        proto.getStripAnyHostPort() ? StripPort.ANY : port, proto.getStripTrailingHostDot());
  }

  private static RouteTable routes(
      HttpConnectionManager proto, FilterChainBuilder chain, Compilation compilation, Scope scope) {
    UpgradeTypes upgrades = UpgradeTypes.of(proto.getUpgradeConfigsList(), scope);
    if (!proto.hasRds()) {
      return RouteTableCompiler.inline(
          proto.getRouteConfig(), chain, upgrades, compilation, scope.field("route_config"));
    }
    String name = XdstpName.normalise(proto.getRds().getRouteConfigName());
    if (name.isEmpty()) {
      scope
          .field("rds")
          .field("route_config_name")
          .error("missing (expected: the name of a RouteConfiguration)");
    }
    return compilation
        .neighbours()
        .find(ResourceType.ROUTE, name)
        .map(offered ->
            RouteTableCompiler.discovered(offered, chain, upgrades, compilation, scope.errors()))
        // Known not to be there: every request is answered 404, as in Envoy.
        .orElseGet(() ->
            new RouteTable(
                new ResourceName(ResourceType.ROUTE, name).toString(), "", List.of(), false));
  }

  private static EscapedSlashes escapedSlashes(
      HttpConnectionManager.PathWithEscapedSlashesAction action) {
    return switch (action) {
      case REJECT_REQUEST -> EscapedSlashes.REJECT;
      case UNESCAPE_AND_REDIRECT -> EscapedSlashes.UNESCAPE_AND_REDIRECT;
      case UNESCAPE_AND_FORWARD -> EscapedSlashes.UNESCAPE_AND_FORWARD;
      case IMPLEMENTATION_SPECIFIC_DEFAULT, KEEP_UNCHANGED, UNRECOGNIZED -> EscapedSlashes.KEEP;
    };
  }

  private static CodecType codecType(HttpConnectionManager.CodecType proto) {
    return switch (proto) {
      case HTTP1 -> CodecType.HTTP1;
      case HTTP2 -> CodecType.HTTP2;
      case AUTO, HTTP3, UNRECOGNIZED -> CodecType.AUTO;
    };
  }

  private static HttpTimeouts timeouts(HttpConnectionManager proto, Scope scope) {
    HttpProtocolOptions common = proto.getCommonHttpProtocolOptions();
    HttpTimeouts defaults = HttpTimeouts.DEFAULTS;
    Scope commonScope = scope.field("common_http_protocol_options");
    return new HttpTimeouts(
        scope
            .field("stream_idle_timeout")
            .duration(
                proto.hasStreamIdleTimeout(), proto.getStreamIdleTimeout(), defaults.streamIdle()),
        scope
            .field("request_timeout")
            .duration(proto.hasRequestTimeout(), proto.getRequestTimeout(), defaults.request()),
        scope
            .field("request_headers_timeout")
            .duration(
                proto.hasRequestHeadersTimeout(),
                proto.getRequestHeadersTimeout(),
                defaults.requestHeaders()),
        commonScope
            .field("idle_timeout")
            .duration(common.hasIdleTimeout(), common.getIdleTimeout(), defaults.connectionIdle()),
        scope
            .field("delayed_close_timeout")
            .duration(
                proto.hasDelayedCloseTimeout(),
                proto.getDelayedCloseTimeout(),
                defaults.delayedClose()));
  }

  private static @Nullable HeaderLimits limits(HttpConnectionManager proto, Scope scope) {
    HttpProtocolOptions common = proto.getCommonHttpProtocolOptions();
    Scope commonScope = scope.field("common_http_protocol_options");
    if (common.hasMaxRequestsPerConnection()) {
      commonScope
          .field("max_requests_per_connection")
          .error("is not supported in a connection manager (expected: not set)");
    }
    if (common.hasMaxConnectionDuration()) {
      commonScope
          .field("max_connection_duration")
          .error("is not supported in a connection manager (expected: not set)");
    }
    int count =
        common.hasMaxHeadersCount()
            ? Scope.clamped(common.getMaxHeadersCount().getValue())
            : HeaderLimits.DEFAULTS.maxHeadersCount();
    int kib =
        proto.hasMaxRequestHeadersKb()
            ? Scope.clamped(proto.getMaxRequestHeadersKb().getValue())
            : HeaderLimits.DEFAULTS.maxRequestHeadersKib();
    if (count == 0) {
      commonScope.field("max_headers_count").error(0, "at least 1");
      return null;
    }
    return scope.build(() -> new HeaderLimits(kib, count));
  }

  private static Http1Options http1(Http1ProtocolOptions proto) {
    return new Http1Options(
        !proto.hasAllowAbsoluteUrl() || proto.getAllowAbsoluteUrl().getValue(),
        proto.getAcceptHttp10(),
        proto.getDefaultHostForHttp10(),
        proto.getEnableTrailers());
  }

  private static Forwarding forwarding(HttpConnectionManager proto) {
    return new Forwarding(
        proto.getUseRemoteAddress().getValue(),
        Scope.clamped(proto.getXffNumTrustedHops()),
        !proto.hasGenerateRequestId() || proto.getGenerateRequestId().getValue(),
        proto.getPreserveExternalRequestId(),
        clientCert(proto));
  }

  private static ClientCertForwarding clientCert(HttpConnectionManager proto) {
    var set = proto.getSetCurrentClientCertDetails();
    return new ClientCertForwarding(
        switch (proto.getForwardClientCertDetails()) {
          case SANITIZE, UNRECOGNIZED -> Mode.SANITIZE;
          case FORWARD_ONLY -> Mode.FORWARD_ONLY;
          case APPEND_FORWARD -> Mode.APPEND_FORWARD;
          case SANITIZE_SET -> Mode.SANITIZE_SET;
          case ALWAYS_FORWARD_ONLY -> Mode.ALWAYS_FORWARD_ONLY;
        },
        set.getCert(),
        set.getChain(),
        set.getSubject().getValue(),
        set.getUri(),
        set.getDns());
  }
}
