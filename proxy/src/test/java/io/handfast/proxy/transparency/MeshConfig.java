package io.handfast.proxy.transparency;

import io.handfast.proxy.transparency.Way.Http;
import java.nio.file.Path;
import java.util.function.ToIntFunction;

/**
 * Configurations of the two sidecars.
 *
 * @param directory with the certificates
 */
record MeshConfig(Path directory) {
  private static final String TYPE = "'@type': type.googleapis.com/envoy.extensions.";

  /** The service's sidecar. */
  String inbound(int servicePort) {
    StringBuilder listeners = new StringBuilder();
    for (Http service : Http.values()) {
      for (boolean tls : new boolean[] {false, true}) {
        String name = new Way(Http.H1, null, service, tls).inbound();
        listeners.append(
            listener(name, "service-" + service.text(), tls ? downstreamTls() : "", true));
      }
    }
    listeners.append(tcp("tcp-plain", "service-tcp", ""));
    listeners.append(tcp("tcp-mtls", "service-tcp", downstreamTls()));
    String clusters =
        cluster("service-tcp", servicePort, Http.H1, "idle_timeout: 60s", "")
            + cluster("service-h1", servicePort, Http.H1, "max_requests_per_connection: 1", "")
            + cluster("service-h2", servicePort, Http.H2, "max_requests_per_connection: 1", "");
    return bootstrap(listeners, clusters);
  }

  /** The client's sidecar. */
  String outbound(ToIntFunction<String> inboundPort) {
    StringBuilder listeners = new StringBuilder();
    StringBuilder clusters = new StringBuilder();
    for (Http link : Http.values()) {
      for (Http service : Http.values()) {
        for (boolean tls : new boolean[] {false, true}) {
          Way way = new Way(Http.H1, link, service, tls);
          listeners.append(listener(way.listener(), way.listener(), "", false));
          clusters.append(
              cluster(
                  way.listener(),
                  inboundPort.applyAsInt(way.inbound()),
                  link,
                  "idle_timeout: 60s",
                  tls ? upstreamTls(link) : ""));
        }
      }
    }
    for (String name : new String[] {"tcp-plain", "tcp-mtls"}) {
      String tls = name.equals("tcp-mtls") ? upstreamTls(Http.H1) : "";
      listeners.append(tcp(name, name, ""));
      clusters.append(
          cluster(name, inboundPort.applyAsInt(name), Http.H1, "idle_timeout: 60s", tls));
    }
    return bootstrap(listeners, clusters);
  }

  private static String bootstrap(CharSequence listeners, CharSequence clusters) {
    return "admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }\n"
        + "static_resources:\n  listeners:\n"
        + listeners
        + "  clusters:\n"
        + clusters;
  }

  private static String tcp(String name, String cluster, String tls) {
    return """
      - name: %1$s
        address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        filter_chains:
        - filters:
          - name: tcp
            typed_config: { %2$sfilters.network.tcp_proxy.v3.TcpProxy, stat_prefix: tcp, cluster: %3$s }
          %4$s
    """
        .formatted(name, TYPE, cluster, tls);
  }

  private static String listener(String name, String cluster, String tls, boolean terminates) {
    String connect =
        terminates ? "{ upgrade_type: CONNECT, connect_config: {} }" : "{ upgrade_type: CONNECT }";
    return """
      - name: %1$s
        address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        filter_chains:
        - filters:
          - name: hcm
            typed_config:
              %2$sfilters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: mesh
              http_protocol_options: { accept_http_10: true, default_host_for_http_10: default.example, enable_trailers: true }
              http2_protocol_options: { allow_connect: true }
              upgrade_configs: [{ upgrade_type: websocket }]
              route_config:
                virtual_hosts:
                - name: v
                  domains: ["*"]
                  routes:
                  - match: { connect_matcher: {}, headers: [{ name: x-pass, present_match: true }] }
                    route: { cluster: %3$s, upgrade_configs: [{ upgrade_type: CONNECT }] }
                  - match: { connect_matcher: {}, headers: [{ name: x-off, present_match: true }] }
                    route: { cluster: %3$s }
                  - match: { connect_matcher: {}, headers: [{ name: x-lost, present_match: false }] }
                    route: { cluster: %3$s, upgrade_configs: [%4$s] }
                  - match: { prefix: /off }
                    route: { cluster: %3$s, upgrade_configs: [{ upgrade_type: websocket, enabled: false }] }
                  - match: { prefix: / }
                    route: { cluster: %3$s }
              http_filters:
              - name: router
                typed_config: { %2$sfilters.http.router.v3.Router }
          %5$s
    """
        .formatted(name, TYPE, cluster, connect, tls);
  }

  private static String cluster(String name, int port, Http http, String common, String tls) {
    String options =
        http == Http.H1
            ? "http_protocol_options: { enable_trailers: true }"
            : "http2_protocol_options: {}";
    return """
      - name: %1$s
        load_assignment:
          cluster_name: %1$s
          endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %2$d } } } }] }]
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            %3$supstreams.http.v3.HttpProtocolOptions
            common_http_protocol_options: { %4$s }
            explicit_http_config: { %5$s }
        %6$s
    """
        .formatted(name, port, TYPE, common, options, tls);
  }

  private String downstreamTls() {
    return "transport_socket: { name: tls, typed_config: { %stransport_sockets.tls.v3.DownstreamTlsContext, require_client_certificate: true, common_tls_context: { alpn_protocols: [h2, http/1.1], %s } } }"
        .formatted(TYPE, certificates("back"));
  }

  private String upstreamTls(Http http) {
    return "transport_socket: { name: tls, typed_config: { %stransport_sockets.tls.v3.UpstreamTlsContext, sni: back.example.com, common_tls_context: { alpn_protocols: [%s], %s } } }"
        .formatted(TYPE, http == Http.H1 ? "http/1.1" : "h2", certificates("front"));
  }

  private String certificates(String name) {
    return "tls_certificates: [{ certificate_chain: { filename: %1$s/%2$s.pem }, private_key: { filename: %1$s/%2$s.key } }], validation_context: { trusted_ca: { filename: %1$s/ca.pem } }"
        .formatted(directory, name);
  }
}
