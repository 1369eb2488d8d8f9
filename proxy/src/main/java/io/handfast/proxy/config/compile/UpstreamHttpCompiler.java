package io.handfast.proxy.config.compile;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.AutoHttpConfig;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UseDownstreamHttpConfig;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.config.extension.Scope;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** {@code typed_extension_protocol_options} of a cluster. */
final class UpstreamHttpCompiler {

  private static final String FIELD = "typed_extension_protocol_options";
  private static final String KEY = HttpProtocolOptions.getDescriptor().getFullName();

  private static final Set<String> OF_SERVERS =
      Set.of("allow_absolute_url", "accept_http_10", "default_host_for_http_10");

  private UpstreamHttpCompiler() {}

  /**
   * @param secure the cluster speaks TLS
   */
  static UpstreamHttpOptions compile(
      Map<String, Any> options, boolean secure, Compilation compilation, Scope scope) {
    for (String key : options.keySet()) {
      if (!key.equals(KEY)) {
        scope.entry(FIELD, key).error("is not supported (expected: " + KEY + ")");
      }
    }
    Any any = options.get(KEY);
    if (any == null) {
      return UpstreamHttpOptions.DEFAULTS;
    }
    Scope here = scope.entry(FIELD, KEY);
    return compilation
        .unpack(any, HttpProtocolOptions.class, here)
        .map(proto -> compile(proto, secure, here))
        .orElse(UpstreamHttpOptions.DEFAULTS);
  }

  private static UpstreamHttpOptions compile(
      HttpProtocolOptions proto, boolean secure, Scope scope) {
    io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions common =
        proto.getCommonHttpProtocolOptions();
    Scope here = scope.field("common_http_protocol_options");
    if (common.hasMaxHeadersCount()) {
      here.field("max_headers_count").error("is not supported in a cluster (expected: not set)");
    }
    Duration idle =
        here.field("idle_timeout")
            .duration(
                common.hasIdleTimeout(),
                common.getIdleTimeout(),
                UpstreamHttpOptions.DEFAULTS.idleTimeout());
    Duration maxDuration =
        here.field("max_connection_duration")
            .duration(
                common.hasMaxConnectionDuration(),
                common.getMaxConnectionDuration(),
                UpstreamHttpOptions.DEFAULTS.maxConnectionDuration());
    int maxRequests = Scope.clamped(common.getMaxRequestsPerConnection().getValue());
    UpstreamProtocol protocol = protocol(proto);
    return switch (protocol) {
      case DOWNSTREAM -> {
        UseDownstreamHttpConfig use = proto.getUseDownstreamProtocolConfig();
        yield options(
            idle,
            maxDuration,
            maxRequests,
            protocol,
            use.getHttpProtocolOptions(),
            use.getHttp2ProtocolOptions(),
            scope.field("use_downstream_protocol_config"));
      }
      case AUTO -> {
        AutoHttpConfig use = proto.getAutoConfig();
        Scope auto = scope.field("auto_config");
        if (!secure) {
          auto.error("without TLS (expected: a transport_socket with TLS, which agrees on one)");
        }
        yield options(
            idle,
            maxDuration,
            maxRequests,
            protocol,
            use.getHttpProtocolOptions(),
            use.getHttp2ProtocolOptions(),
            auto);
      }
      case HTTP1, HTTP2 -> {
        ExplicitHttpConfig use = proto.getExplicitHttpConfig();
        yield options(
            idle,
            maxDuration,
            maxRequests,
            protocol,
            use.getHttpProtocolOptions(),
            use.getHttp2ProtocolOptions(),
            scope.field("explicit_http_config"));
      }
    };
  }

  private static UpstreamProtocol protocol(HttpProtocolOptions proto) {
    if (proto.hasUseDownstreamProtocolConfig()) {
      return UpstreamProtocol.DOWNSTREAM;
    }
    if (proto.hasAutoConfig()) {
      return UpstreamProtocol.AUTO;
    }
    return proto.getExplicitHttpConfig().hasHttp2ProtocolOptions()
        ? UpstreamProtocol.HTTP2
        : UpstreamProtocol.HTTP1;
  }

  private static UpstreamHttpOptions options(
      Duration idle,
      Duration maxDuration,
      int maxRequests,
      UpstreamProtocol protocol,
      Http1ProtocolOptions http1,
      Http2ProtocolOptions http2,
      Scope scope) {
    checkHttp1(http1, scope.field("http_protocol_options"));
    return new UpstreamHttpOptions(
        idle,
        maxDuration,
        maxRequests,
        http1.getEnableTrailers(),
        protocol,
        Http2Compiler.compile(http2, scope.field("http2_protocol_options")));
  }

  /** Most of the options are about requests that come in. */
  private static void checkHttp1(Http1ProtocolOptions proto, Scope scope) {
    for (FieldDescriptor field : proto.getAllFields().keySet()) {
      if (OF_SERVERS.contains(field.getName())) {
        scope.field(field.getName()).error("is not supported in a cluster (expected: not set)");
      }
    }
  }
}
