package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code /clusters} says of endpoints that answered well, badly, late or not at all. */
class ClusterStatusTest {

  private static final String CONFIG =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      static_resources:
        listeners:
        - name: in
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - filters:
            - name: hcm
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: ingress
                route_config:
                  virtual_hosts:
                  - name: v
                    domains: ["*"]
                    routes:
                    - { match: { path: /late }, route: { cluster: up, timeout: 0.1s } }
                    - { match: { path: /away }, route: { cluster: away } }
                    - { match: { prefix: / }, route: { cluster: up } }
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
        clusters:
        - name: up
          load_assignment:
            cluster_name: up
            endpoints:
            - locality: { region: r, zone: z, sub_zone: s }
              lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${up} } } } } ]
        - name: away
          load_assignment:
            cluster_name: away
            endpoints:
            - lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${away} } } } } ]
      """;

  private final CountDownLatch release = new CountDownLatch(1);
  private final HttpServer upstream;
  private final int nobodys;

  ClusterStatusTest() throws IOException {
    upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobodys = socket.getLocalPort();
    }
  }

  @BeforeEach
  void serve() {
    upstream.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    upstream.createContext("/good", exchange -> answer(exchange, 404));
    upstream.createContext("/bad", exchange -> answer(exchange, 503));
    upstream.createContext("/broken", HttpExchange::close);
    upstream.createContext(
        "/late",
        exchange -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    upstream.start();
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  @AfterEach
  void stop() {
    release.countDown();
    upstream.stop(0);
  }

  @Test
  void shouldCountPerEndpointAsEnvoyDoesWhenRequestsEndInEveryWay() throws Exception {
    // Given
    int port = upstream.getAddress().getPort();
    String config =
        CONFIG.replace("${up}", String.valueOf(port)).replace("${away}", String.valueOf(nobodys));
    try (Sidecar sidecar = Sidecars.start(config);
        HttpClient client = HttpClient.newHttpClient()) {
      InetSocketAddress listener = sidecar.listenerAddress("in").orElseThrow();
      // When
      // First, so that a connection is there and the timeout of the next is about the answer only.
      assertThat(get(client, listener, "/good").statusCode()).isEqualTo(404);
      assertThat(get(client, listener, "/late").statusCode()).isEqualTo(504);
      assertThat(get(client, listener, "/away").statusCode()).isEqualTo(503);
      assertThat(get(client, listener, "/broken").statusCode()).isEqualTo(503);
      assertThat(get(client, listener, "/bad").statusCode()).isEqualTo(503);
      List<String> lines = get(client, sidecar.adminAddress(), "/clusters").body().lines().toList();
      String json = get(client, sidecar.adminAddress(), "/clusters?format=json").body();
      // Then
      String up = "up::127.0.0.1:" + port + "::";
      assertThat(lines)
          .filteredOn(line -> line.startsWith(up))
          .containsExactly(
              up + "cx_active::1",
              up + "cx_connect_fail::0",
              up + "cx_total::3",
              up + "rq_active::0",
              up + "rq_error::3",
              up + "rq_success::1",
              up + "rq_timeout::1",
              up + "rq_total::4",
              up + "hostname::127.0.0.1:" + port,
              up + "health_flags::healthy",
              up + "weight::1",
              up + "region::r",
              up + "zone::z",
              up + "sub_zone::s",
              up + "canary::false",
              up + "priority::0",
              up + "success_rate::-1",
              up + "local_origin_success_rate::-1");
      assertThat(lines)
          .filteredOn(line -> line.startsWith("up::") && line.contains("_priority::"))
          .containsExactly(
              "up::default_priority::max_connections::1024",
              "up::default_priority::max_pending_requests::1024",
              "up::default_priority::max_requests::1024",
              "up::default_priority::max_retries::3",
              "up::high_priority::max_connections::1024",
              "up::high_priority::max_pending_requests::1024",
              "up::high_priority::max_requests::1024",
              "up::high_priority::max_retries::3");
      assertThat(lines)
          .contains(
              "away::127.0.0.1:" + nobodys + "::cx_connect_fail::1",
              "away::127.0.0.1:" + nobodys + "::cx_total::1",
              "away::127.0.0.1:" + nobodys + "::cx_active::0",
              "away::127.0.0.1:" + nobodys + "::rq_total::0");
      assertThat(json.replaceAll("\\s", ""))
          .contains("{\"type\":\"GAUGE\",\"value\":\"1\",\"name\":\"cx_active\"}")
          .contains("{\"value\":\"4\",\"name\":\"rq_total\"}");
    }
  }

  private static HttpResponse<String> get(HttpClient client, InetSocketAddress address, String path)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + address.getPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
