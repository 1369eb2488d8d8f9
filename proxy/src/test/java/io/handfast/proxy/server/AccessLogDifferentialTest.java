package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same requests through this proxy and an Envoy with the same configuration leave the same
 * lines in the same access logs: of text, of JSON, of what is left of them without empty values,
 * and of TCP. Ports and the operating system's words for an error are all that may differ.
 */
@Tag("full")
final class AccessLogDifferentialTest {
  private static final List<String> LOGS = List.of("text", "json", "omit", "filtered", "tcp");

  private static final String TEXT =
      "%REQ(:METHOD)% %REQ(:PATH)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% P=%PROTOCOL% U=%UPSTREAM_PROTOCOL%"
          + " C=%RESPONSE_CODE% D=%RESPONSE_CODE_DETAILS% F=%RESPONSE_FLAGS% L=%RESPONSE_FLAGS_LONG%"
          + " T=%CONNECTION_TERMINATION_DETAILS% W=%UPSTREAM_TRANSPORT_FAILURE_REASON% R=%BYTES_RECEIVED% S=%BYTES_SENT%"
          + " A=%UPSTREAM_REQUEST_ATTEMPT_COUNT% H=%UPSTREAM_HOST% N=%UPSTREAM_HOST_NAME% n=%UPSTREAM_HOST_NAME_WITHOUT_PORT%"
          + " K=%UPSTREAM_CLUSTER% k=%UPSTREAM_CLUSTER_RAW% r=%UPSTREAM_REMOTE_ADDRESS% m=%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(16)%"
          + " p=%UPSTREAM_REMOTE_PORT% r=%ROUTE_NAME% a=%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% a=%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(8)%"
          + " l=%DOWNSTREAM_LOCAL_ADDRESS% s=%REQUESTED_SERVER_NAME% s=%REQUESTED_SERVER_NAME(HOST_FIRST:HOST)%"
          + " g=%GRPC_STATUS% g=%GRPC_STATUS(NUMBER)% g=%GRPC_STATUS(SNAKE_STRING)% g=%GRPC_STATUS_NUMBER% y=%ACCESS_LOG_TYPE%"
          + " q=%QUERY_PARAM(x)% q=%QUERY_PARAMS% q=%PATH(NQ)% q=%PATH% u=%REQ(user-agent):3% u=%RESP(x-up)% d=%ROUNDTRIP_DURATION%"
          + " v=%DOWNSTREAM_TLS_VERSION% e=%ENVIRONMENT(NO_SUCH_VARIABLE)% h=%REQ(:SCHEME)% 0=%BYTES_RETRANSMITTED%";

  private static final String CONFIG =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      static_resources:
        clusters:
        - name: service
          connect_timeout: 1s
          load_assignment:
            cluster_name: service
            endpoints:
            - lb_endpoints: [ { endpoint: { hostname: service.local, address: { socket_address: { address: 127.0.0.1, port_value: ${service} } } } } ]
        - name: away
          connect_timeout: 1s
          load_assignment:
            cluster_name: away
            endpoints:
            - lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${away} } } } } ]
        - name: empty
          connect_timeout: 1s
          load_assignment: { cluster_name: empty }
        listeners:
        - name: tcp
          address: { socket_address: { address: 127.0.0.1, port_value: ${tcp} } }
          filter_chains:
          - filters:
            - name: tcp
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                stat_prefix: tcp
                cluster: service
                access_log:
                - name: text
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                    path: ${directory}/tcp.log
                    log_format: { text_format_source: { inline_string: "%REQ(:METHOD)% %PROTOCOL% %UPSTREAM_PROTOCOL% C=%RESPONSE_CODE% %RESPONSE_CODE_DETAILS% F=%RESPONSE_FLAGS% %CONNECTION_TERMINATION_DETAILS% R=%BYTES_RECEIVED% A=%UPSTREAM_REQUEST_ATTEMPT_COUNT% %UPSTREAM_HOST% %UPSTREAM_CLUSTER% %ROUTE_NAME% %ACCESS_LOG_TYPE% %REQUEST_DURATION% %REQUESTED_SERVER_NAME% %RESPONSE_DURATION% %GRPC_STATUS%\\n" } }
                - name: json
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                    path: ${directory}/tcp.log
                    log_format: { json_format: { protocol: "%PROTOCOL%", code: "%RESPONSE_CODE%", took: "%RESPONSE_DURATION%", received: "%BYTES_RECEIVED%" } }
        - name: in
          address: { socket_address: { address: 127.0.0.1, port_value: ${in} } }
          filter_chains:
          - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                http_protocol_options: { accept_http_10: true }
                access_log:
                - name: text
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                    path: ${directory}/text.log
                    log_format: { text_format_source: { inline_string: "${text}\\n" } }
                - name: json
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                    path: ${directory}/json.log
                    log_format: { json_format: { zeta: "%PROTOCOL%", code: "%RESPONSE_CODE%", sent: "%BYTES_SENT%", missing: "%REQ(x-no)%", flags: "%RESPONSE_FLAGS%", mix: "%PROTOCOL% %REQ(x-no)%", nested: { b: "%ROUTE_NAME%", a: "%UPSTREAM_HOST%", g: "%GRPC_STATUS_NUMBER%" }, number: 5, yes: true, none: null, list: ["a", "%RESPONSE_CODE%", 3], port: "%UPSTREAM_REMOTE_PORT%", odd: "\\u00e9\\u0001/<>\\"" } }
                - name: omit
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                    path: ${directory}/omit.log
                    log_format: { omit_empty_values: true, json_format: { zeta: "%PROTOCOL%", missing: "%REQ(x-no)%", mix: "%PROTOCOL% %REQ(x-no)%.", nested: { b: "%REQ(x-no)%" }, flags: "%RESPONSE_FLAGS%", none: null, list: ["%REQ(x-no)%"] } }
                - name: filtered
                  filter: { or_filter: { filters: [ { response_flag_filter: { flags: [UF, NR] } }, { and_filter: { filters: [ { status_code_filter: { comparison: { op: GE, value: { default_value: 400, runtime_key: k } } } }, { header_filter: { header: { name: ":path", string_match: { prefix: /direct } } } } ] } } ] } }
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                    path: ${directory}/filtered.log
                    log_format: { omit_empty_values: true, text_format_source: { inline_string: "<%REQ(:PATH)%> <%REQ(x-no)%> <%RESPONSE_FLAGS%>\\n" } }
                route_config:
                  virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes:
                    - { match: { prefix: /direct }, name: direct, direct_response: { status: 418, body: { inline_string: teapot } } }
                    - { match: { prefix: /redirect }, redirect: { path_redirect: /x } }
                    - { match: { prefix: /away }, name: away, route: { cluster: away } }
                    - { match: { prefix: /empty }, route: { cluster: empty } }
                    - { match: { prefix: /header }, route: { cluster_header: x-cluster } }
                    - { match: { prefix: /rewritten/ }, route: { cluster: service, prefix_rewrite: /s/ } }
                    - { match: { prefix: /s }, name: main, route: { cluster: service } }
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
      """;

  /** Each on a connection of its own. */
  private static final List<String> REQUESTS =
      List.of(
          "GET /s?x=1&y=2 HTTP/1.1\r\nhost: h\r\nuser-agent: tester\r\n",
          "POST /s/post HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhello",
          "POST /s/chunked HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
          "HEAD /s HTTP/1.1\r\nhost: h\r\n",
          "GET /s/missing HTTP/1.1\r\nhost: h\r\n",
          "GET /rewritten/abc?x=9 HTTP/1.1\r\nhost: h\r\n",
          "GET /direct HTTP/1.1\r\nhost: h\r\n",
          "GET /redirect HTTP/1.1\r\nhost: h\r\n",
          "GET /away HTTP/1.1\r\nhost: h\r\n",
          "GET /empty HTTP/1.1\r\nhost: h\r\n",
          "GET /header HTTP/1.1\r\nhost: h\r\nx-cluster: none\r\n",
          "GET /nowhere?a HTTP/1.1\r\nhost: h\r\n",
          "POST /nowhere HTTP/1.1\r\nhost: h\r\ncontent-type: application/grpc\r\ncontent-length: 0\r\n",
          "POST /s/grpc HTTP/1.1\r\nhost: h\r\ncontent-type: application/grpc\r\ncontent-length: 0\r\n",
          "GET /s HTTP/1.0\r\nhost: h\r\n",
          "POST /s HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\nhello",
          "CONNECT h:1 HTTP/1.1\r\nhost: h:1\r\n");

  @TempDir Path directory;

  @Test
  void shouldWriteTheLinesThatEnvoyWrites() throws Exception {
    // Given
    HttpServer service =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    service.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set("x-up", "a b");
          boolean head = exchange.getRequestMethod().equals("HEAD");
          int status = exchange.getRequestURI().getPath().endsWith("missing") ? 404 : 200;
          exchange.sendResponseHeaders(status, head ? -1 : 5);
          if (!head) {
            exchange.getResponseBody().write("hello".getBytes(StandardCharsets.UTF_8));
          }
          exchange.close();
        });
    service.start();
    int away = Envoy.freePort();
    Path own = Files.createDirectories(directory.resolve("own"));
    Path others = Files.createDirectories(directory.resolve("others"));
    try {
      // When
      int in = Envoy.freePort();
      int tcp = Envoy.freePort();
      int up = service.getAddress().getPort();
      try (Envoy envoy = Envoy.start(config(in, tcp, up, away, others), in, directory)) {
        drive(envoy.port(), tcp, others);
      }
      int ownIn = Envoy.freePort();
      int ownTcp = Envoy.freePort();
      try (Sidecar sidecar = Sidecars.start(config(ownIn, ownTcp, up, away, own))) {
        drive(sidecar.listenerAddress("in").orElseThrow().getPort(), ownTcp, own);
      }

      // Then
      SoftAssertions.assertSoftly(softly -> {
        for (String log : LOGS) {
          List<String> expected = lines(others, log, in);
          List<String> written = lines(own, log, ownIn);
          softly.assertThat(written).as(log).hasSameSizeAs(expected);
          for (int i = 0; i < Math.min(expected.size(), written.size()); i++) {
            softly.assertThat(written.get(i)).as(log).isEqualTo(expected.get(i));
          }
        }
      });
    } finally {
      service.stop(0);
    }
  }

  private static String config(int in, int tcp, int service, int away, Path directory) {
    return CONFIG
        .replace("${in}", Integer.toString(in))
        .replace("${tcp}", Integer.toString(tcp))
        .replace("${service}", Integer.toString(service))
        .replace("${away}", Integer.toString(away))
        .replace("${directory}", directory.toString())
        .replace("${text}", TEXT);
  }

  private static void drive(int in, int tcp, Path logs) throws IOException {
    for (int i = 0; i < REQUESTS.size(); i++) {
      String request = REQUESTS.get(i);
      send(
          in,
          request.contains("\r\n\r\n") ? close(request) : request + "connection: close\r\n\r\n");
      int written = i + 1;
      Awaitility.await()
          .alias(request)
          .untilAsserted(() -> assertThat(lines(logs, "text", in)).hasSize(written));
    }
    send(tcp, "GET /s HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    Awaitility.await().untilAsserted(() -> assertThat(lines(logs, "tcp", in)).hasSize(2));
  }

  private static String close(String request) {
    return request.replaceFirst("host: h\r\n", "host: h\r\nconnection: close\r\n");
  }

  private static void send(int port, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getInputStream().readAllBytes();
    }
  }

  private static List<String> lines(Path directory, String log, int port) {
    Path file = directory.resolve(log + ".log");
    List<String> lines = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : read(file)) {
        lines.add(
            line.replace("127.0.0.1:" + port, "127.0.0.1:IN")
                .replaceAll("(remote_connection_failure\\|)[^}]*", "$1ERROR")
                .replaceAll(" W=[^- ]\\S*", " W=ERROR"));
      }
    }
    return lines;
  }

  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
