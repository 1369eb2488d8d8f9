package io.handfast.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is offered to endpoints by ALPN where no protocols are configured, and what comes of it. */
final class UpstreamAlpnTest {
  private static final TestPki PKI = new TestPki();
  private static final X509Bundle SERVER = PKI.workload("server");

  private static final String CONFIG =
      """
      static_resources:
        listeners:
        - name: in
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - filters:
            - name: last
              typed_config: %3$s
        clusters:
        - name: service
          load_assignment:
            cluster_name: service
            endpoints:
            - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %1$d } } }
          transport_socket:
            name: tls
            typed_config: { "@type": a/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext }
          typed_extension_protocol_options:
            envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
              "@type": a/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
              %2$s
      """;

  private static final String HTTP =
      """
      { "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: near,
        route_config: { virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: service } }] }] },
        http_filters: [{ name: r, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }] }
      """
          .replace("\n", " ");

  private static final String TCP =
      "{ '@type': a/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: near, cluster: service }";

  @TempDir private Path directory;

  @BeforeEach
  void write() {
    PKI.write(directory, "server", SERVER);
  }

  /** Asks by HTTP/1.1; everything up to the end. */
  private static String ask(TlsSidecar near) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), near.port())) {
      socket.setSoTimeout(20_000);
      String request = "GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  /** As Envoy 1.40 does; a service that knows neither says nothing. */
  @ParameterizedTest
  @CsvSource({
    "http, 'explicit_http_config: { http_protocol_options: {} }', http/1.1",
    "http, 'explicit_http_config: { http2_protocol_options: {} }', h2",
    "http, 'use_downstream_protocol_config: { http2_protocol_options: {} }', http/1.1",
    "http, 'auto_config: {}', h2",
    "tcp, 'explicit_http_config: { http2_protocol_options: {} }', ''"
  })
  void shouldOfferWhatIsSpoken(String filter, String options, String agreed) throws Exception {
    // Given
    try (TlsService service = TlsService.offering(PKI.jdk(SERVER), "h2", "http/1.1");
        TlsSidecar near =
            new TlsSidecar(
                CONFIG.formatted(service.port(), options, filter.equals("tcp") ? TCP : HTTP))) {
      // When
      ask(near);

      // Then
      assertThat(service.next().applicationProtocol()).isEqualTo(agreed);
    }
  }

  @ParameterizedTest
  @CsvSource({"'h2, http/1.1', 2", "http/1.1, 1", "'', 1"})
  void shouldSpeakWhatIsAgreedOn(String protocols, int version) throws Exception {
    // Given
    String certificate =
        "common_tls_context: { alpn_protocols: [%2$s], tls_certificates: [{ certificate_chain: { filename: %1$s/server.pem }, private_key: { filename: %1$s/server.key } }] }"
            .formatted(directory, protocols);
    try (TlsSidecar far = TlsSidecar.answering(certificate);
        TlsSidecar near = new TlsSidecar(CONFIG.formatted(far.port(), "auto_config: {}", HTTP))) {
      // When
      String answer = ask(near);

      // Then
      assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("hi");
      assertThat(near.clusterStats().cxHttp2Total.value()).isEqualTo(version == 2 ? 1 : 0);
      assertThat(near.clusterStats().cxHttp1Total.value()).isEqualTo(version == 1 ? 1 : 0);
      assertThat(far.sidecar().stats().http("ingress").rqHttp2Total.value())
          .isEqualTo(version == 2 ? 1 : 0);
    }
  }
}
