package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SidecarTest {

  private static final String CONFIG =
      """
      node: { id: n1, cluster: c1 }
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
                    - { match: { prefix: "/" }, direct_response: { status: 200, body: { inline_string: hi } } }
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
      """;

  @Test
  void shouldServeAndDrainWhenStartedInProcess() throws Exception {
    try (Sidecar sidecar = Sidecars.start(CONFIG);
        HttpClient client = HttpClient.newHttpClient()) {
      // Given
      InetSocketAddress listener = sidecar.listenerAddress("in").orElseThrow();

      // When
      HttpResponse<String> served = get(client, listener, "/");

      // Then
      assertThat(served.body()).isEqualTo("hi");
      assertThat(get(client, sidecar.adminAddress(), "/ready").body()).isEqualTo("LIVE\n");
      assertThat(get(client, sidecar.adminAddress(), "/listeners").body())
          .isEqualTo("in::127.0.0.1:" + listener.getPort() + "\n");
      assertThat(sidecar.stats().http("ingress").rqCompleted.value()).isEqualTo(1);
      assertThat(
              get(client, sidecar.adminAddress(), "/config_dump?resource=static_listeners").body())
          .contains("HttpConnectionManager");

      // When
      boolean inTime =
          sidecar.drain(Duration.ofSeconds(30)).toCompletableFuture().get(30, TimeUnit.SECONDS);

      // Then
      assertThat(inTime).isTrue();
      assertThat(get(client, sidecar.adminAddress(), "/ready").statusCode()).isEqualTo(503);
    }
  }

  @Test
  void shouldSayWhatIsWrongWhenItCannotStart() {
    // When / Then
    assertThatThrownBy(() -> Sidecars.start("nod: {}"))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("nod: ");
  }

  private static HttpResponse<String> get(HttpClient client, InetSocketAddress address, String path)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + address.getPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
