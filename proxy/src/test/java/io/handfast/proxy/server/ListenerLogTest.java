package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Access logs of listeners: a line for every connection, whatever became of it, as Envoy's. */
final class ListenerLogTest {
  private static final String CONFIG =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      static_resources:
        listeners:
        - name: http
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          access_log:
          - name: file
            typed_config: &log
              "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
              path: ${path}
              log_format: { text_format_source: { inline_string: "%ACCESS_LOG_TYPE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %BYTES_RECEIVED% %BYTES_SENT% %DOWNSTREAM_TRANSPORT_FAILURE_REASON%\\n" } }
          filter_chains:
          - filters: &filters
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
                route_config:
                  virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes: [ { match: { prefix: / }, direct_response: { status: 204 } } ]
        - name: nobody
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          access_log: [ { name: file, typed_config: *log } ]
          filter_chains: [ { filter_chain_match: { destination_port: 1 }, filters: *filters } ]
        - name: looked-at
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          access_log: [ { name: file, typed_config: *log } ]
          listener_filters:
          - name: tls
            typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector }
          filter_chains: [ { filters: *filters } ]
      """;

  @TempDir Path directory;

  private Path file;
  private Sidecar sidecar;

  @BeforeEach
  void start() throws StartException {
    file = directory.resolve("access.log");
    sidecar = Sidecars.start(CONFIG.replace("${path}", file.toString()));
  }

  @AfterEach
  void stop() {
    sidecar.close();
  }

  @Test
  void shouldTellOfEachConnectionAtItsEndWhateverRanOnIt() throws Exception {
    // Given
    String request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

    // When
    String answer = ask("http", request);

    // Then
    assertThat(answer).startsWith("HTTP/1.1 204 ");
    assertThat(line()).isEqualTo("NotSet - - " + request.length() + " " + answer.length() + " -");
  }

  @Test
  void shouldTellOfAConnectionWhenNoFilterChainIsForIt() throws Exception {
    // When
    ask("nobody", "");

    // Then
    assertThat(line()).isEqualTo("NotSet NR filter_chain_not_found 0 0 -");
  }

  @Test
  void shouldTellOfAConnectionWhenItEndsWhileItIsLookedAt() throws Exception {
    // When
    try (Socket client = connect("looked-at")) {
      client.getOutputStream().write(new byte[] {0x16, 3, 1});
    }

    // Then
    assertThat(line()).isEqualTo("NotSet - - 0 0 -");
  }

  private String ask(String listener, String request) throws IOException {
    try (Socket client = connect(listener)) {
      client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private Socket connect(String listener) throws IOException {
    InetSocketAddress address = sidecar.listenerAddress(listener).orElseThrow();
    return new Socket(address.getAddress(), address.getPort());
  }

  private String line() throws IOException {
    Awaitility.await().until(() -> Files.exists(file) && Files.size(file) > 0);
    return Files.readString(file).strip();
  }
}
