package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /certs} beside Envoy's, of listeners and clusters, from files, inline and by SDS. */
@Tag("full")
final class CertsDifferentialTest {
  private static final String CONFIG =
      """
      node: { id: node-1, cluster: shop }
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: ${admin} } } }
      static_resources:
        secrets:
        - name: authority
          validation_context: { trusted_ca: { filename: "${dir}/ca.pem" } }
        clusters:
        - name: secured
          connect_timeout: 1s
          load_assignment: { cluster_name: secured }
          transport_socket:
            name: tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
              sni: a.example
              common_tls_context:
                tls_certificates:
                - { certificate_chain: { filename: "${dir}/cert.pem" }, private_key: { filename: "${dir}/key.pem" } }
                validation_context_sds_secret_config: { name: authority }
        listeners:
        - name: in
          address: { socket_address: { address: 127.0.0.1, port_value: ${in} } }
          filter_chains:
          - filters:
            - name: tcp
              typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: tcp, cluster: secured }
            transport_socket:
              name: tls
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                common_tls_context:
                  tls_certificates:
                  - { certificate_chain: { inline_string: "${cert}" }, private_key: { filename: "${dir}/key.pem" } }
        - name: discovered
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - filters:
            - name: tcp
              typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: tcp, cluster: secured }
            transport_socket:
              name: tls
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                common_tls_context:
                  tls_certificate_sds_secret_configs:
                  - { name: told, sds_config: { path_config_source: { path: "${dir}/sds.yaml" } } }
      """;

  private static final String SDS =
      """
      resources:
      - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
        name: told
        tls_certificate:
          certificate_chain: { inline_string: "${other}" }
          private_key: { inline_string: "${key}" }
      """;

  @TempDir Path directory;

  @Test
  void shouldShowTheCertificatesOfEnvoy() throws Exception {
    // Given
    X509Bundle authority =
        builder().subject("CN=authority").setIsCertificateAuthority(true).buildSelfSigned();
    X509Bundle own =
        builder()
            .subject("CN=own")
            .addSanDnsName("a.example")
            .addSanDnsName("b.example")
            .addSanUriName("spiffe://mesh/own")
            .addSanIpAddress("127.0.0.1")
            .buildIssuedBy(authority);
    X509Bundle other =
        builder().subject("CN=other").setIsCertificateAuthority(true).buildSelfSigned();
    Files.writeString(directory.resolve("ca.pem"), authority.getCertificatePEM());
    Files.writeString(directory.resolve("cert.pem"), own.getCertificatePEM());
    Files.writeString(directory.resolve("key.pem"), own.getPrivateKeyPEM());
    Files.writeString(
        directory.resolve("sds.yaml"),
        SDS.replace("${other}", line(other.getCertificatePEM()))
            .replace("${key}", line(other.getPrivateKeyPEM())));
    int in = Envoy.freePort();
    int admin = Envoy.freePort();
    List<String> theirs;
    try (Envoy _ = Envoy.start(config(own, in, admin), in, directory)) {
      theirs = certificates(admin);
    }
    assertThat(theirs).hasSize(3);

    // When
    try (Sidecar sidecar = Sidecars.start(config(own, 0, 0))) {
      // Then
      Awaitility.await()
          .untilAsserted(() ->
              assertThat(certificates(sidecar.adminAddress().getPort()))
                  .containsExactlyInAnyOrderElementsOf(theirs));
    }
  }

  /** Of certificates whose days are not over while the test runs. */
  private static CertificateBuilder builder() {
    Instant now = Instant.now();
    return new CertificateBuilder()
        .notBefore(now.minus(Duration.ofHours(1)))
        .notAfter(now.plus(Duration.ofHours(60)));
  }

  private static String line(String pem) {
    return pem.replace("\n", "\\n");
  }

  private String config(X509Bundle own, int in, int admin) {
    return CONFIG
        .replace("${dir}", directory.toString())
        .replace("${cert}", line(own.getCertificatePEM()))
        .replace("${in}", Integer.toString(in))
        .replace("${admin}", Integer.toString(admin));
  }

  /** One text for each context: keys in their order. */
  private static List<String> certificates(int admin) throws Exception {
    List<String> all = new ArrayList<>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      JsonNode json =
          new ObjectMapper()
              .readTree(
                  client
                      .send(
                          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + "/certs"))
                              .build(),
                          HttpResponse.BodyHandlers.ofString())
                      .body());
      json.get("certificates").forEach(each -> all.add(each.toPrettyString()));
    }
    return all;
  }
}
