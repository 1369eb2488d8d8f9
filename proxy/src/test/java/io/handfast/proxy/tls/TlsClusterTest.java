package io.handfast.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.server.StartException;
import io.handfast.proxy.stats.TlsStats;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS of a cluster, whose endpoint is a server of the JDK's. */
final class TlsClusterTest {

  private static final String CONFIG =
      """
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
                    routes: [{ match: { prefix: / }, route: { cluster: service } }]
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
        clusters:
        - name: service
          connect_timeout: %3$s
          load_assignment:
            cluster_name: service
            endpoints:
            - lb_endpoints:
              - endpoint: { hostname: server.example.com, address: { socket_address: { address: 127.0.0.1, port_value: %1$d } } }
          transport_socket:
            name: tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
              %2$s
      """;

  private static final TestPki PKI = new TestPki();
  private static final X509Bundle SERVER = PKI.workload("server");
  private static final X509Bundle CLIENT = PKI.workload("client");
  private static final String ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

  @TempDir private Path directory;

  @BeforeEach
  void write() {
    PKI.write(directory, "client", CLIENT);
  }

  private String verified(String rules) {
    return "validation_context: { trusted_ca: { filename: %s/ca.pem }%s }"
        .formatted(directory, rules);
  }

  private static TlsSidecar sidecar(TlsService service, String upstream) throws StartException {
    return new TlsSidecar(CONFIG.formatted(service.port(), upstream, "20s"));
  }

  private static HttpResponse<String> get(TlsSidecar sidecar) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + sidecar.port() + "/")).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shouldProveWhoItIsToAServerThatItHasVerified(String version) throws Exception {
    // Given
    String own =
        "tls_certificates: [{ certificate_chain: { filename: %1$s/client.pem }, private_key: { filename: %1$s/client.key } }]"
            .formatted(directory);
    String names =
        ", match_typed_subject_alt_names: [{ san_type: URI, matcher: { exact: 'spiffe://mesh.example/server' } }]";
    try (TlsService service = TlsService.answering(PKI.jdk(SERVER), ANSWER, version);
        TlsSidecar sidecar =
            sidecar(
                service,
                "sni: a.example.com\n        common_tls_context: { %s, %s, alpn_protocols: [http/1.1] }"
                    .formatted(own, verified(names)))) {
      // When
      HttpResponse<String> response = get(sidecar);

      // Then
      assertThat(response.body()).isEqualTo("hi");
      TlsService.Seen seen = service.next();
      assertThat(seen.version()).isEqualTo(version);
      assertThat(seen.serverNames()).containsExactly("a.example.com");
      assertThat(seen.peer()).isEqualTo(CLIENT.getCertificate());
      assertThat(seen.applicationProtocol()).isEqualTo("http/1.1");
      assertThat(sidecar.clusterStats().tls.handshake.value()).isEqualTo(1);
      assertThat(sidecar.clusterStats().cxActive.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldAskForTheEndpointsNameAndVerifyIt() throws Exception {
    // Given
    try (TlsService service = TlsService.answering(PKI.jdk(SERVER), ANSWER, "TLSv1.3");
        TlsSidecar sidecar =
            sidecar(
                service,
                "auto_host_sni: true\n        auto_sni_san_validation: true\n        common_tls_context: { %s }"
                    .formatted(verified("")))) {
      // When
      HttpResponse<String> response = get(sidecar);

      // Then
      assertThat(response.body()).isEqualTo("hi");
      assertThat(service.next().serverNames()).containsExactly("server.example.com");
    }
  }

  @Test
  void shouldRefuseAServerThatIsNotTheOneThatWasAskedFor() throws Exception {
    // Given
    try (TlsService service = TlsService.answering(PKI.jdk(SERVER), ANSWER, "TLSv1.3");
        TlsSidecar sidecar =
            sidecar(
                service,
                "sni: other.example.com\n        auto_sni_san_validation: true\n        common_tls_context: { %s }"
                    .formatted(verified("")))) {
      // When
      HttpResponse<String> response = get(sidecar);

      // Then
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(sidecar.clusterStats().tls.failVerifySan.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldRefuseAServerOfAnotherAuthority() throws Exception {
    // Given
    TestPki others = new TestPki();
    try (TlsService service =
            TlsService.answering(others.jdk(others.workload("server")), ANSWER, "TLSv1.3");
        TlsSidecar sidecar =
            sidecar(service, "common_tls_context: { %s }".formatted(verified("")))) {
      // When
      HttpResponse<String> response = get(sidecar);

      // Then
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(sidecar.clusterStats().tls.failVerifyError.value()).isEqualTo(1);
      assertThat(sidecar.clusterStats().cxConnectFail.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldGiveUpWhenTheHandshakeTakesLongerThanConnectingMay() throws Exception {
    // Given
    try (TlsService service = TlsService.silent();
        TlsSidecar sidecar =
            new TlsSidecar(
                CONFIG.formatted(
                    service.port(),
                    "common_tls_context: { %s }".formatted(verified("")),
                    "0.2s"))) {
      // When
      HttpResponse<String> response = get(sidecar);

      // Then
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(sidecar.clusterStats().cxConnectTimeout.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldTakeTheEndOfTlsForTheEndOfTheBody() throws Exception {
    // Given
    try (TlsService service =
            TlsService.closing(PKI.jdk(SERVER), "HTTP/1.1 200 OK\r\n\r\nall of it", true);
        TlsSidecar sidecar =
            sidecar(service, "common_tls_context: { %s }".formatted(verified("")))) {
      // When
      HttpResponse<String> response = get(sidecar);

      // Then
      assertThat(response.body()).isEqualTo("all of it");
    }
  }

  @Test
  void shouldNotTakeACutForTheEndOfTheBody() throws Exception {
    // Given
    try (TlsService service =
            TlsService.closing(PKI.jdk(SERVER), "HTTP/1.1 200 OK\r\n\r\nhalf of", false);
        TlsSidecar sidecar =
            sidecar(service, "common_tls_context: { %s }".formatted(verified("")))) {
      // When / Then
      assertThatThrownBy(() -> get(sidecar)).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shouldResumeASessionWithAServerThatItHasVerified(String version) throws Exception {
    // Given
    String names =
        ", match_typed_subject_alt_names: [{ san_type: URI, matcher: { exact: 'spiffe://mesh.example/server' } }]";
    try (TlsService service =
            TlsService.answering(
                PKI.jdk(SERVER),
                ANSWER.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"),
                version);
        TlsSidecar sidecar =
            sidecar(service, "common_tls_context: { %s }".formatted(verified(names)))) {
      // When
      List<String> bodies = List.of(get(sidecar).body(), get(sidecar).body());

      // Then
      assertThat(bodies).containsExactly("hi", "hi");
      TlsStats stats = sidecar.clusterStats().tls;
      assertThat(stats.handshake.value()).isEqualTo(2);
      assertThat(stats.sessionReused.value()).isEqualTo(1);
      assertThat(stats.noCertificate.value()).isZero();
    }
  }

  @Test
  void shouldUseAConnectionAgain() throws Exception {
    // Given
    try (TlsService service = TlsService.answering(PKI.jdk(SERVER), ANSWER, "TLSv1.3");
        TlsSidecar sidecar =
            sidecar(service, "common_tls_context: { %s }".formatted(verified("")))) {
      // When
      List<String> bodies = List.of(get(sidecar).body(), get(sidecar).body());

      // Then
      assertThat(bodies).containsExactly("hi", "hi");
      assertThat(sidecar.clusterStats().cxTotal.value()).isEqualTo(1);
    }
  }
}
