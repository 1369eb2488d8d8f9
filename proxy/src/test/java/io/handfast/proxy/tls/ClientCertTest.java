package io.handfast.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.http.tls.CertificateInfo;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What services and access logs learn of the client's certificate. */
final class ClientCertTest {

  private static final TestPki PKI = new TestPki();
  private static final X509Bundle SERVER = PKI.workload("server");
  private static final X509Bundle CLIENT = PKI.workload("client");
  private static final String HASH = new CertificateInfo(List.of(CLIENT.getCertificate())).sha256();
  private static final String FORWARDED = "By=spiffe://other/x;Hash=00";

  private static final String CLUSTERS =
      """
        clusters:
        - name: service
          load_assignment:
            cluster_name: service
            endpoints:
            - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: PORT } } }
      """;

  @TempDir private Path directory;
  private HttpServer service;

  ClientCertTest() throws IOException {
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void start() {
    PKI.write(directory, "server", SERVER);
    service.createContext(
        "/",
        exchange -> {
          String told =
              exchange.getRequestHeaders().getFirst("x-forwarded-proto")
                  + "|"
                  + exchange.getRequestHeaders().getFirst("x-forwarded-client-cert");
          byte[] body = told.getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    service.start();
  }

  @AfterEach
  void stop() {
    service.stop(0);
  }

  private TlsSidecar sidecar(String manager) throws Exception {
    String context =
        "common_tls_context: { tls_certificates: [{ certificate_chain: { filename: %1$s/server.pem }, private_key: { filename: %1$s/server.key } }], validation_context: { trusted_ca: { filename: %1$s/ca.pem } } }"
            .formatted(directory);
    return new TlsSidecar(
        TlsSidecar.listener(
                context, "", manager, "{ match: { prefix: / }, route: { cluster: service } }")
            + CLUSTERS.replace("PORT", String.valueOf(service.getAddress().getPort())));
  }

  private static String told(TlsSidecar sidecar, boolean mutual) throws IOException {
    try (SSLSocket client = sidecar.connect(PKI.jdk(mutual ? CLIENT : null))) {
      String answer = TlsSidecar.get(client, "x-forwarded-client-cert: " + FORWARDED);
      return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SANITIZE, true, null",
    "SANITIZE, false, null",
    "FORWARD_ONLY, true, FORWARDED",
    "FORWARD_ONLY, false, null",
    "ALWAYS_FORWARD_ONLY, true, FORWARDED",
    "ALWAYS_FORWARD_ONLY, false, FORWARDED",
    "SANITIZE_SET, true, OURS",
    "SANITIZE_SET, false, null",
    "APPEND_FORWARD, true, 'FORWARDED,OURS'",
    "APPEND_FORWARD, false, null"
  })
  void shouldTellOfTheClientsCertificateAsConfigured(String mode, boolean mutual, String expected)
      throws Exception {
    // Given
    try (TlsSidecar sidecar =
        sidecar(
            "forward_client_cert_details: %s\n          set_current_client_cert_details: { subject: true, uri: true, dns: true }"
                .formatted(mode))) {
      // When
      String told = told(sidecar, mutual);

      // Then
      String ours =
          "By=spiffe://mesh.example/server;Hash="
              + HASH
              + ";Subject=\"CN=client\";URI=spiffe://mesh.example/client;DNS=client.example.com";
      assertThat(told)
          .isEqualTo("https|" + expected.replace("FORWARDED", FORWARDED).replace("OURS", ours));
    }
  }

  @Test
  void shouldTellTheWholeCertificateWhenAsked() throws Exception {
    // Given
    try (TlsSidecar sidecar =
        sidecar(
            "forward_client_cert_details: SANITIZE_SET\n          set_current_client_cert_details: { cert: true }")) {
      // When
      String told = told(sidecar, true);

      // Then
      assertThat(told)
          .contains(";Cert=\"-----BEGIN%20CERTIFICATE-----%0A")
          .endsWith("-----END%20CERTIFICATE-----%0A\"");
    }
  }

  @Test
  void shouldLogWhoTheClientIs() throws Exception {
    // Given
    Path log = directory.resolve("access.log");
    String format =
        "%DOWNSTREAM_TLS_VERSION% %DOWNSTREAM_TLS_CIPHER% %REQUESTED_SERVER_NAME% %DOWNSTREAM_PEER_URI_SAN% %DOWNSTREAM_PEER_SUBJECT% %DOWNSTREAM_PEER_ISSUER% %DOWNSTREAM_PEER_FINGERPRINT_256% %DOWNSTREAM_LOCAL_URI_SAN% %DOWNSTREAM_PEER_DNS_SAN%\\n";
    try (TlsSidecar sidecar =
            sidecar(
                "access_log: [{ name: f, typed_config: { '@type': type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: %s, log_format: { text_format_source: { inline_string: \"%s\" } } } }]"
                    .formatted(log, format));
        SSLSocket client =
            sidecar.connect(
                PKI.jdk(CLIENT),
                parameters -> {
                  parameters.setProtocols(new String[] {"TLSv1.2"});
                  parameters.setServerNames(List.of(new SNIHostName("server.example.com")));
                  parameters.setCipherSuites(
                      new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"});
                })) {
      // When
      TlsSidecar.get(client);

      // Then
      await()
          .untilAsserted(() ->
              assertThat(Files.readString(log))
                  .isEqualTo(
                      "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256 server.example.com spiffe://mesh.example/client CN=client CN=test authority "
                          + HASH
                          + " spiffe://mesh.example/server client.example.com\n"));
    }
  }
}
