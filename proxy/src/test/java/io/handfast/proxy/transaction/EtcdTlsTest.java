package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.tls.TestPki;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar whose etcd demands certificates of its clients. */
class EtcdTlsTest {
  private static final TestPki PKI = new TestPki();
  private static final String CERTIFICATE =
      "tls_certificates: [{ certificate_chain: { filename: %1$s/front.pem },"
          + " private_key: { filename: %1$s/front.key } }]\n";
  private static final String AUTHORITY =
      "validation_context: { trusted_ca: { filename: %1$s/ca.pem } }\n";

  @TempDir private Path directory;

  @Test
  void shouldOpenItsStoreOverMutualTls() throws Exception {
    // Given
    try (EtcdProcess etcd = etcd();
        // When
        Sidecar sidecar = Sidecars.start(config(etcd, CERTIFICATE + AUTHORITY))) {
      // Then
      String ready = get(sidecar, "/ready");
      assertThat(ready).startsWith("200");
      assertThat(get(sidecar, "/stats/prometheus")).contains("handfast_etcd_writes");
    }
  }

  @Test
  void shouldSayThatItDoesNotTrustTheAuthorityOfEtcd() throws Exception {
    // Given
    try (EtcdProcess etcd = etcd()) {
      TestPki other = new TestPki();
      Files.createDirectories(directory.resolve("other"));
      other.write(directory.resolve("other"), "front", other.workload("front"));

      // When / Then
      assertThatThrownBy(() ->
              Sidecars.start(config(etcd, CERTIFICATE + AUTHORITY.replace("/ca", "/other/ca"))))
          .hasStackTraceContaining(etcd.endpoint())
          .hasStackTraceContaining("do not accept each other's certificates: ")
          .hasStackTraceContaining("(expected: a trusted_ca that vouches for etcd's certificate");
    }
  }

  @Test
  void shouldSayThatEtcdWantsACertificate() throws Exception {
    // Given
    try (EtcdProcess etcd = etcd()) {
      // When / Then
      assertThatThrownBy(() -> Sidecars.start(config(etcd, AUTHORITY)))
          .hasStackTraceContaining("do not accept each other's certificates: ")
          .hasStackTraceContaining("a certificate of this sidecar for which etcd's");
    }
  }

  private EtcdProcess etcd() throws Exception {
    PKI.write(directory, "etcd", PKI.workload("etcd"));
    PKI.write(directory, "front", PKI.workload("front"));
    return EtcdProcess.start(
        directory.resolve("etcd"),
        "https",
        "--cert-file=" + directory.resolve("etcd.pem"),
        "--key-file=" + directory.resolve("etcd.key"),
        "--trusted-ca-file=" + directory.resolve("ca.pem"),
        "--client-cert-auth");
  }

  private static String get(Sidecar sidecar, String path) throws Exception {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + sidecar.adminAddress().getPort() + path)
                .toURL()
                .openConnection();
    int status = connection.getResponseCode();
    try (var body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return status + " " + new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String config(EtcdProcess etcd, String tls) {
    return
"""
    admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
    bootstrap_extensions:
    - name: handfast.transaction_manager
      typed_config:
        "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
        service_name: front
        store:
          etcd:
            endpoints: ["%2$s"]
            tls:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext
%3$s
        control: { address: 127.0.0.1, port: 0, authority: "front-1:15014" }
        control_trust: PLAINTEXT
"""
        .formatted(directory, etcd.endpoint(), tls.formatted(directory).indent(14).stripTrailing());
  }
}
