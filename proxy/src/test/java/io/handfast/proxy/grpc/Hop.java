package io.handfast.proxy.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import java.nio.file.Path;

/** A sidecar in this process that sends everything to one port by HTTP/2. */
final class Hop implements AutoCloseable {
  private static final String CONFIG =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      static_resources:
        listeners:
        - name: in
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - filters:
            - name: hcm
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: ingress
                route_config:
                  virtual_hosts:
                  - name: v
                    domains: ["*"]
                    routes: [%2$s]
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
            %3$s
        clusters:
        - name: next
          load_assignment:
            cluster_name: next
            endpoints:
            - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %1$d } } }
          typed_extension_protocol_options:
            envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
              "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
              explicit_http_config: { http2_protocol_options: {} }
          %4$s
      """;

  private final Sidecar sidecar;

  private Hop(String yaml) throws StartException {
    sidecar = Sidecars.start(yaml);
  }

  /** Without a limit of its own. */
  static Hop to(int port) throws StartException {
    return to(port, "timeout: 0s");
  }

  /** With more to say of the route's action, in YAML's flow style. */
  static Hop to(int port, String action) throws StartException {
    return ofRoutes(port, route(action));
  }

  /** With routes of the test's choice, separated by commas. */
  static Hop ofRoutes(int port, String routes) throws StartException {
    return new Hop(CONFIG.formatted(port, routes, "", ""));
  }

  private static String route(String action) {
    return "{ match: { prefix: / }, route: { cluster: next, " + action + " } }";
  }

  /**
   * With TLS on both sides.
   *
   * @param downstream the {@code DownstreamTlsContext}, in YAML's flow style
   * @param upstream the {@code UpstreamTlsContext}
   */
  static Hop tls(int port, String downstream, String upstream) throws StartException {
    return new Hop(
        CONFIG.formatted(
            port,
            route("timeout: 0s"),
            socket("DownstreamTlsContext", downstream),
            socket("UpstreamTlsContext", upstream)));
  }

  /**
   * With TLS on both sides, by one certificate, and without one of the client.
   *
   * @param directory with {@code NAME.pem}, {@code NAME.key} and {@code ca.pem}
   */
  static Hop tls(int port, Path directory, String name, String sni) throws StartException {
    String own =
        "common_tls_context: { alpn_protocols: [h2], tls_certificates: [{ certificate_chain: { filename: %1$s/%2$s.pem }, private_key: { filename: %1$s/%2$s.key } }], validation_context: { trusted_ca: { filename: %1$s/ca.pem } } }"
            .formatted(directory, name);
    return tls(port, "require_client_certificate: false, " + own, "sni: " + sni + ", " + own);
  }

  private static String socket(String type, String context) {
    return "transport_socket: { name: tls, typed_config: { '@type': type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."
        + type
        + ", "
        + context
        + " } }";
  }

  int port() {
    return sidecar.listenerAddress("in").orElseThrow().getPort();
  }

  Sidecar sidecar() {
    return sidecar;
  }

  /** A client of it, or of anything else on this host, without TLS. */
  static ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  @Override
  public void close() {
    sidecar.close();
  }
}
