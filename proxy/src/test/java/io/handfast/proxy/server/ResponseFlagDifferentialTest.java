package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What goes wrong is told in access logs as an Envoy with the same configuration tells it: status,
 * details and response flags, where the service closes, resets, lies or says nothing, where the
 * client leaves or talks nonsense, and where there is no room.
 */
@Tag("full")
final class ResponseFlagDifferentialTest {
  private static final String CONFIG =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      static_resources:
        clusters:
        - name: odd
          connect_timeout: 1s
          load_assignment: { cluster_name: odd, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${odd} } } } } ] } ] }
        - name: full
          connect_timeout: 1s
          circuit_breakers: { thresholds: [ { max_requests: 0, max_pending_requests: 0 } ] }
          load_assignment: { cluster_name: full, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${odd} } } } } ] } ] }
        - name: away
          connect_timeout: 1s
          load_assignment: { cluster_name: away, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${away} } } } } ] } ] }
        listeners:
        - name: in
          address: { socket_address: { address: 127.0.0.1, port_value: ${in} } }
          filter_chains:
          - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                stream_idle_timeout: 5s
                access_log:
                - name: text
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                    path: ${directory}/flags.log
                    log_format: { text_format_source: { inline_string: "%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG% %RESPONSE_CODE_DETAILS% R=%BYTES_RECEIVED% S=%BYTES_SENT% A=%UPSTREAM_REQUEST_ATTEMPT_COUNT% K=%UPSTREAM_CLUSTER%\\n" } }
                route_config:
                  virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes:
                    - { match: { path: /hang/timeout }, route: { cluster: odd, timeout: 0.3s } }
                    - { match: { path: /half/timeout }, route: { cluster: odd, timeout: 0.3s } }
                    - { match: { path: /hang/idle }, route: { cluster: odd, timeout: 0s, idle_timeout: 0.3s } }
                    - { match: { path: /half/idle }, route: { cluster: odd, timeout: 0s, idle_timeout: 0.3s } }
                    - { match: { path: /hang/duration }, route: { cluster: odd, max_stream_duration: { max_stream_duration: 0.3s } } }
                    - { match: { path: /full }, route: { cluster: full } }
                    - { match: { path: /retried }, route: { cluster: away, retry_policy: { retry_on: connect-failure, num_retries: 2 } } }
                    - { match: { prefix: / }, route: { cluster: odd, timeout: 0s } }
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
      """;

  /** Requests of clients that stay; the first part of the path tells the service what to do. */
  private static final List<String> STAYING =
      List.of(
          get("/close"),
          get("/reset"),
          get("/garbage"),
          get("/two-lengths"),
          get("/cut"),
          get("/cut-chunk"),
          get("/bad-chunk"),
          get("/switch"),
          get("/hang/timeout"),
          get("/half/timeout"),
          get("/hang/idle"),
          get("/half/idle"),
          get("/hang/duration"),
          get("/full"),
          get("/retried"),
          "POST /close HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
          "POST /hang/idle HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhel",
          "GARBAGE\r\n\r\n",
          "GET /no-host HTTP/1.1\r\nconnection: close\r\n\r\n",
          "GET /header HTTP/1.1\r\nhost: h\r\nbad header: 1\r\n\r\n",
          "POST /lengths HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
          "GET /large HTTP/1.1\r\nhost: h\r\nx: " + "x".repeat(70_000) + "\r\n\r\n");

  /** Those of clients that leave before the answer, or in the midst of it. */
  private static final List<String> LEAVING =
      List.of(
          get("/hang"),
          get("/half"),
          "POST /hang HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhel");

  /**
   * Where we mean to differ: what no client asked for is no answer, a limit on a stream has a flag,
   * a request without host is refused before it is one, and what was wrong is said, though not how
   * long the answer to it was.
   */
  private static final Map<String, String> MEANT =
      Map.of(
          "GET /switch 502 UPE UpstreamProtocolError upstream_reset_before_response_started{protocol_error} R=0 S=87 A=1 K=odd",
          "GET /switch 101 - - via_upstream R=0 S=0 A=1 K=odd",
          "GET /hang/duration 504 DT DurationTimeout max_duration_timeout R=0 S=27 A=1 K=odd",
          "GET /hang/duration 504 - - max_duration_timeout R=0 S=27 A=1 K=odd",
          refused(400, "missing_host", 0),
          "GET /no-host 400 - - missing_host_header R=0 S=0 A=0 K=-",
          refused(400, "bad_request_line", 0),
          refused(400, "codec_error", 11),
          refused(400, "bad_header_name", 0),
          refused(400, "codec_error", 11),
          refused(400, "two_content_lengths", 0),
          refused(400, "codec_error", 11),
          refused(431, "headers_too_large", 0),
          refused(431, "headers_too_large", 31));

  @TempDir Path directory;

  private final Semaphore arrived = new Semaphore(0);

  @Test
  void shouldTellWhatGoesWrongAsEnvoyDoes() throws Exception {
    Path own = Files.createDirectories(directory.resolve("own"));
    Path others = Files.createDirectories(directory.resolve("others"));
    int away = Envoy.freePort();
    try (ServerSocket odd = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      // Given
      Thread.startVirtualThread(() -> serve(odd));
      int in = Envoy.freePort();

      // When
      try (Envoy envoy = Envoy.start(config(in, odd, away, others), in, directory)) {
        drive(envoy.port(), others);
      }
      try (Sidecar sidecar = Sidecars.start(config(0, odd, away, own))) {
        drive(sidecar.listenerAddress("in").orElseThrow().getPort(), own);
      }
    }

    // Then
    List<String> written = lines(own);
    assertThat(written).containsAll(MEANT.keySet());
    assertThat(written).map(line -> MEANT.getOrDefault(line, line)).isEqualTo(lines(others));
  }

  private static String refused(int status, String why, int sent) {
    return "- - "
        + status
        + " DPE DownstreamProtocolError http1."
        + why
        + " R=0 S="
        + sent
        + " A=0 K=-";
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
  }

  private static String config(int in, ServerSocket odd, int away, Path directory) {
    return CONFIG
        .replace("${in}", Integer.toString(in))
        .replace("${odd}", Integer.toString(odd.getLocalPort()))
        .replace("${away}", Integer.toString(away))
        .replace("${directory}", directory.toString());
  }

  private void drive(int port, Path directory) throws IOException {
    int written = 0;
    for (String request : STAYING) {
      send(port, request, true);
      await(directory, ++written, request);
    }
    for (String request : LEAVING) {
      send(port, request, false);
      await(directory, ++written, request);
    }
  }

  private void send(int port, String request, boolean stays) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      if (stays) {
        socket.getInputStream().readAllBytes();
      } else if (request.contains("/half")) {
        assertThat(socket.getInputStream().read()).isEqualTo('H');
      } else {
        arrived.acquireUninterruptibly();
      }
    } catch (SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }

  private static void await(Path directory, int lines, String request) {
    Awaitility.await()
        .alias(request.substring(0, Math.min(80, request.length())))
        .untilAsserted(() -> assertThat(lines(directory)).hasSize(lines));
  }

  private static List<String> lines(Path directory) throws IOException {
    Path file = directory.resolve("flags.log");
    return Files.exists(file)
        ? Files.readAllLines(file).stream()
            .map(line -> line.replaceAll("(remote_connection_failure\\|)[^}]*", "$1ERROR"))
            .toList()
        : List.of();
  }

  private void serve(ServerSocket odd) {
    try {
      while (true) {
        Socket socket = odd.accept();
        Thread.startVirtualThread(() -> answer(socket));
      }
    } catch (IOException closed) {
      assertThat(odd.isClosed()).isTrue();
    }
  }

  private void answer(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          return;
        }
        head.append((char) next);
      }
      String path = head.substring(head.indexOf(" ") + 1, head.indexOf(" HTTP"));
      String what = path.split("/", -1)[1];
      String begin = "HTTP/1.1 200 OK\r\n";
      String answer =
          switch (what) {
            case "garbage" -> "garbage\r\n\r\n";
            case "two-lengths" -> begin + "content-length: 1\r\ncontent-length: 2\r\n\r\nab";
            case "cut", "half" -> begin + "content-length: 10\r\n\r\nabc";
            case "cut-chunk" -> begin + "transfer-encoding: chunked\r\n\r\n5\r\nab";
            case "bad-chunk" -> begin + "transfer-encoding: chunked\r\n\r\nxyz\r\n";
            case "switch" ->
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n";
            default -> "";
          };
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
      if (what.equals("reset")) {
        socket.setSoLinger(true, 0);
      }
      if (path.equals("/hang")) {
        arrived.release();
      }
      if (what.equals("hang") || what.equals("half")) {
        in.readAllBytes();
      }
    } catch (IOException gone) {
      assertThat(socket.isClosed()).isTrue();
    }
  }
}
