package io.handfast.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Filter chains with certificates of their own, chosen by SNI, beside one in plaintext. */
final class SniChainsTest {
  private static final TestPki PKI = new TestPki();

  @TempDir private Path directory;

  private String chain(String name) {
    PKI.write(directory, name, PKI.workload(name));
    return """
        - filter_chain_match: { server_names: ["*.%1$s.example"] }
          filters: [%3$s]
          transport_socket:
            name: tls
            typed_config:
              "@type": a/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
              common_tls_context:
                tls_certificates:
                - { certificate_chain: { filename: %2$s/%1$s.pem }, private_key: { filename: %2$s/%1$s.key } }
    """
        .formatted(name, directory, manager(name));
  }

  private static String manager(String name) {
    return """
    { name: hcm, typed_config: {
      "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager,
      stat_prefix: %1$s,
      route_config: { virtual_hosts: [{ name: v, domains: ["*"], routes: [
        { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: %1$s } } }] }] },
      http_filters: [{ name: router, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }] } }\
    """
        .formatted(name)
        .replace("\n", "");
  }

  @Test
  void shouldShowTheCertificateOfTheChainThatTheNameChooses() throws Exception {
    // Given
    String yaml =
        """
        static_resources:
          listeners:
          - name: in
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            listener_filters:
            - { name: tls, typed_config: { "@type": a/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector } }
            filter_chains:
        """
            + chain("one")
            + chain("two");
    try (TlsSidecar sidecar = new TlsSidecar(yaml)) {
      for (String name : List.of("one", "two")) {
        try (SSLSocket client =
            sidecar.connect(
                PKI.jdk(null),
                parameters ->
                    parameters.setServerNames(
                        List.of(new SNIHostName("www." + name + ".example"))))) {
          // When
          String answer = TlsSidecar.get(client);

          // Then
          assertThat(answer).endsWith(name);
          X509Certificate shown = (X509Certificate) client.getSession().getPeerCertificates()[0];
          assertThat(shown.getSubjectX500Principal().getName()).isEqualTo("CN=" + name);
        }
      }
    }
  }
}
