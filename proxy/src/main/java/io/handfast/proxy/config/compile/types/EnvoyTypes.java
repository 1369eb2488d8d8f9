package io.handfast.proxy.config.compile.types;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.route.v3.FilterConfig;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StderrAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.filters.network.zookeeper_proxy.v3.ZooKeeperProxy;
import io.envoyproxy.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.envoyproxy.envoy.extensions.load_balancing_policies.random.v3.Random;
import io.envoyproxy.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import io.envoyproxy.envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig;
import io.envoyproxy.envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.List;

/**
 * Envoy's messages that may stand in an {@code Any}. Some are refused by the table: they are here
 * so that a file that has them is refused for what it asks for, and not for a type that nobody
 * knows.
 */
public final class EnvoyTypes {

  public static final List<Message> ALL =
      List.of(
          FixedHeapConfig.getDefaultInstance(),
          DownstreamConnectionsConfig.getDefaultInstance(),
          OriginalDst.getDefaultInstance(),
          TlsInspector.getDefaultInstance(),
          HttpInspector.getDefaultInstance(),
          HttpConnectionManager.getDefaultInstance(),
          Router.getDefaultInstance(),
          LocalRateLimit.getDefaultInstance(),
          io.envoyproxy.envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit
              .getDefaultInstance(),
          FilterConfig.getDefaultInstance(),
          FileAccessLog.getDefaultInstance(),
          StdoutAccessLog.getDefaultInstance(),
          StderrAccessLog.getDefaultInstance(),
          HttpProtocolOptions.getDefaultInstance(),
          RoundRobin.getDefaultInstance(),
          LeastRequest.getDefaultInstance(),
          Random.getDefaultInstance(),
          TcpProxy.getDefaultInstance(),
          MongoProxy.getDefaultInstance(),
          ZooKeeperProxy.getDefaultInstance(),
          DownstreamTlsContext.getDefaultInstance(),
          UpstreamTlsContext.getDefaultInstance(),
          CommonTlsContext.getDefaultInstance(),
          UpstreamStartTlsConfig.getDefaultInstance(),
          RawBuffer.getDefaultInstance());

  private EnvoyTypes() {}
}
