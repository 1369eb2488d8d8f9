package io.handfast.proxy.rfc9112;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;

/** Another proxy, as strict as its documentation says it can be made, as a process of this test. */
final class PeerProxy implements AutoCloseable {
  private static final String NGINX =
      """
      daemon off;
      worker_processes 1;
      pid %1$s/nginx.pid;
      error_log %1$s/nginx.err;
      events { worker_connections 128; }
      http {
        access_log off;
        client_body_temp_path %1$s/body;
        proxy_temp_path %1$s/proxy;
        fastcgi_temp_path %1$s/fastcgi;
        uwsgi_temp_path %1$s/uwsgi;
        scgi_temp_path %1$s/scgi;
        client_header_timeout 2s;
        client_body_timeout 2s;
        ignore_invalid_headers on;
        underscores_in_headers off;
        upstream service { server 127.0.0.1:%3$d max_fails=0; keepalive 4; }
        server {
          listen 127.0.0.1:%2$d;
          location /secret { return 403; }
          location / {
            proxy_pass http://service;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Connection "";
            proxy_read_timeout 2s;
            proxy_next_upstream off;
          }
        }
      }
      """;

  private static final String HAPROXY =
      """
      global
        maxconn 128
      defaults
        mode http
        timeout connect 2s
        timeout client 2s
        timeout server 2s
        timeout http-request 2s
        timeout http-keep-alive 2s
        http-reuse safe
      frontend in
        bind 127.0.0.1:%2$d
        http-request deny deny_status 403 if { path_beg /secret }
        default_backend service
      backend service
        server service 127.0.0.1:%3$d
      """;

  private static final String ENVOY =
      """
      static_resources:
        clusters:
        - name: service
          load_assignment:
            cluster_name: service
            endpoints:
            - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %3$d } } }
        listeners:
        - name: in
          address: { socket_address: { address: 127.0.0.1, port_value: %2$d } }
          filter_chains:
          - filters:
            - name: hcm
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                codec_type: HTTP1
                use_remote_address: true
                normalize_path: true
                merge_slashes: true
                path_with_escaped_slashes_action: REJECT_REQUEST
                request_headers_timeout: 2s
                stream_idle_timeout: 2s
                common_http_protocol_options: { headers_with_underscores_action: REJECT_REQUEST, idle_timeout: 2s }
                http_protocol_options: { enable_trailers: true }
                route_config:
                  virtual_hosts:
                  - name: v
                    domains: ["*"]
                    routes:
                    - { match: { prefix: /secret }, direct_response: { status: 403 } }
                    - { match: { prefix: / }, route: { cluster: service, timeout: 3s } }
                    - { match: { path: "*" }, route: { cluster: service } }
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
      """;

  private final String name;
  private final int port;
  private final Process process;

  private PeerProxy(String name, int port, Process process) {
    this.name = name;
    this.port = port;
    this.process = process;
  }

  /** The program of that name on the path, or where {@code handfast.NAME} says. */
  static Optional<String> find(String name) {
    String given = System.getProperty("handfast." + name);
    if (given != null) {
      return Optional.of(given);
    }
    String path = System.getenv("PATH") + ":/usr/sbin:/usr/local/sbin";
    return Arrays.stream(path.split(":", -1))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  static PeerProxy start(String name, String program, int servicePort, Path directory)
      throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path file = directory.resolve(name + (name.equals("envoy") ? ".yaml" : ".conf"));
    String template =
        switch (name) {
          case "nginx" -> NGINX;
          case "haproxy" -> HAPROXY;
          case "envoy" -> ENVOY;
          default -> throw new IllegalArgumentException(name);
        };
    Files.writeString(file, template.formatted(directory, port, servicePort));
    List<String> command =
        switch (name) {
          case "nginx" -> List.of(program, "-c", file.toString(), "-p", directory.toString());
          case "haproxy" -> List.of(program, "-db", "-f", file.toString());
          default ->
              List.of(
                  program, "-c", file.toString(), "--use-dynamic-base-id", "--concurrency", "1");
        };
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".log").toFile())
            .start();
    PeerProxy peer = new PeerProxy(name, port, process);
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(peer::isThere);
    return peer;
  }

  private boolean isThere() {
    if (!process.isAlive()) {
      throw new IllegalStateException(name + ": ended (expected: running); see its log");
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
