package io.handfast.proxy.transparency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.runtime.UnixSockets;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.tls.TestPki;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP that comes by Unix sockets, goes on by Unix sockets, and never has an IP address. */
final class UnixHttpTest {
  private static final String SECURE =
      """
      transport_socket: { name: tls, typed_config: { "@type": a/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext,
        common_tls_context: { alpn_protocols: [h2, http/1.1], tls_certificates: [{
          certificate_chain: { filename: DIR/server.pem }, private_key: { filename: DIR/server.key } }] } } }\
      """;
  private static final String TRUSTING =
      """
      transport_socket: { name: tls, typed_config: { "@type": a/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext,
        common_tls_context: { alpn_protocols: [h2], validation_context: { trusted_ca: { filename: DIR/ca.pem } } } } }\
      """;
  private static final String HTTP2 =
      """
      typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
        "@type": a/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
        explicit_http_config: { http2_protocol_options: {} } } }\
      """;

  @TempDir private Path directory;
  private Sidecar sidecar;

  @BeforeEach
  void start() throws Exception {
    assumeThat(UnixSockets.areAvailable()).as("a kernel with epoll").isTrue();
    Programs.assumeThere("curl");
    TestPki pki = new TestPki();
    pki.write(directory, "server", pki.workload("server"));
    String yaml =
        """
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
          listeners:
        """
            + listener("plain", "route: { cluster: h1 }", "")
            + listener("secure", "route: { cluster: h2 }", SECURE)
            + listener("inner", "direct_response: { status: 200, body: { inline_string: hi } }", "")
            + listener(
                "innermost",
                "direct_response: { status: 200, body: { inline_string: hey } }",
                SECURE)
            + "  clusters:\n"
            + cluster("h1", "inner", "")
            + cluster("h2", "innermost", ", " + TRUSTING + ", " + HTTP2);
    sidecar = Sidecars.start(yaml.replace("DIR", directory.toString()), 2, Duration.ofSeconds(1));
  }

  @AfterEach
  void stop() {
    if (sidecar != null) {
      sidecar.close();
    }
  }

  private static String listener(String name, String action, String chain) {
    return """
      - name: NAME
        address: { pipe: { path: DIR/NAME.sock } }
        filter_chains:
        - { filters: [{ name: h, typed_config: {
            "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager,
            stat_prefix: NAME, use_remote_address: true,
            access_log: [{ name: f, typed_config: {
              "@type": a/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: DIR/NAME.log,
              log_format: { text_format_source: { inline_string: "%PROTOCOL% %DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_REMOTE_PORT% %DOWNSTREAM_LOCAL_ADDRESS% %UPSTREAM_HOST% %UPSTREAM_REMOTE_ADDRESS% %UPSTREAM_LOCAL_ADDRESS% %REQ(X-FORWARDED-FOR)% %REQ(X-FORWARDED-PROTO)%\\n" } } } }],
            route_config: { virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, ACTION }] }] },
            http_filters: [{ name: r, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }] } }],
            CHAIN }
    """
        .replace("NAME", name)
        .replace("ACTION", action)
        .replace("CHAIN", chain);
  }

  private static String cluster(String name, String listener, String fields) {
    return """
      - { name: NAME, load_assignment: { cluster_name: NAME, endpoints: [{ lb_endpoints: [{
          endpoint: { address: { pipe: { path: DIR/LISTENER.sock } } } }] }] } FIELDS }
    """
        .replace("NAME", name)
        .replace("LISTENER", listener)
        .replace("FIELDS", fields);
  }

  private String curl(String socket, String url, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "20"));
    command.addAll(List.of("--unix-socket", directory.resolve(socket).toString()));
    command.addAll(List.of(options));
    command.addAll(List.of("-w", " %{http_version} %{http_code}", url));
    return Programs.run(directory, command);
  }

  private List<String> logged(String listener, int lines) {
    Path file = directory.resolve(listener + ".log");
    return await()
        .until(
            () -> Files.exists(file) ? Files.readAllLines(file) : List.<String>of(),
            all -> all.size() == lines);
  }

  @Test
  void shouldServeHttp1AndHttp2InTheClear() throws Exception {
    // When
    String first = curl("plain.sock", "http://a/");
    String second = curl("plain.sock", "http://a/", "--http2-prior-knowledge");

    // Then
    assertThat(first).isEqualTo("hi 1.1 200");
    assertThat(second).isEqualTo("hi 2 200");
    String own = directory.resolve("plain.sock").toString();
    String up = directory.resolve("inner.sock").toString();
    // As in Envoy: a client without an address has the listener's, and xff names nobody.
    assertThat(logged("plain", 2))
        .containsExactly(
            "HTTP/1.1 %1$s %1$s - %1$s %2$s %2$s - - http".formatted(own, up),
            "HTTP/2 %1$s %1$s - %1$s %2$s %2$s - - http".formatted(own, up));
    assertThat(logged("inner", 2))
        .containsExactly(
            "HTTP/1.1 %1$s %1$s - %1$s - - - - http".formatted(up),
            "HTTP/1.1 %1$s %1$s - %1$s - - - - http".formatted(up));
  }

  @Test
  void shouldServeTlsAndSpeakItToAnEndpoint() throws Exception {
    // When
    String first = curl("secure.sock", "https://a/", "-k", "--http1.1");
    String second = curl("secure.sock", "https://a/", "-k", "--http2");

    // Then
    assertThat(first).isEqualTo("hey 1.1 200");
    assertThat(second).isEqualTo("hey 2 200");
    assertThat(logged("secure", 2)).allSatisfy(line -> assertThat(line).endsWith(" - - https"));
    assertThat(logged("innermost", 2)).allSatisfy(line -> assertThat(line).startsWith("HTTP/2 "));
  }

  @Test
  void shouldAnswer503WhenNobodyListensAnyMore() throws Exception {
    // Given
    Files.delete(directory.resolve("inner.sock"));

    // When
    String answer = curl("plain.sock", "http://a/");

    // Then
    assertThat(answer)
        .isEqualTo(
            "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure 1.1 503");
  }
}
