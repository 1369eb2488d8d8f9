package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The access log's file is renamed, and SIGUSR1 comes, as from logrotate. */
final class ReopenLogsTest {
  private static final String CONFIG =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      static_resources:
        listeners:
        - name: in
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                access_log:
                - name: file
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                    path: ${path}
                    log_format: { text_format_source: { inline_string: "%REQ(:PATH)%\\n" } }
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
                route_config:
                  virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes: [ { match: { prefix: / }, direct_response: { status: 204 } } ]
      """;

  @TempDir Path directory;

  @Test
  void shouldWriteToANewFileWhenTheOldOneIsRenamed() throws Exception {
    // Given
    Path file = directory.resolve("access.log");
    Path renamed = directory.resolve("access.log.1");
    try (Sidecar sidecar = Sidecars.start(CONFIG.replace("${path}", file.toString()));
        HttpClient client = HttpClient.newHttpClient()) {
      assertThat(Signals.on("USR1", sidecar::reopenLogs)).isTrue();
      get(client, sidecar, "/before");
      Awaitility.await().until(() -> Files.size(file) > 0);
      Files.move(file, renamed);

      // When
      String pid = Long.toString(ProcessHandle.current().pid());
      // The shell's own: the program is not on every machine.
      Process kill = new ProcessBuilder("sh", "-c", "kill -USR1 " + pid).start();
      assertThat(kill.waitFor()).isZero();
      Awaitility.await().until(() -> Files.exists(file));
      get(client, sidecar, "/after");

      // Then
      Awaitility.await().until(() -> Files.size(file) > 0);
    }
    assertThat(file).hasContent("/after\n");
    assertThat(renamed).hasContent("/before\n");
  }

  private static void get(HttpClient client, Sidecar sidecar, String path)
      throws IOException, InterruptedException {
    InetSocketAddress listener = sidecar.listenerAddress("in").orElseThrow();
    URI uri = URI.create("http://127.0.0.1:" + listener.getPort() + path);
    int status =
        client
            .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
            .statusCode();
    assertThat(status).isEqualTo(204);
  }
}
