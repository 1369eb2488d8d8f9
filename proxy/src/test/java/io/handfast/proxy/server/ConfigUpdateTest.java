package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.xds.bootstrap.BootstrapLoader;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.store.ResourceSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What listeners do when the configuration changes under them. */
final class ConfigUpdateTest {
  private static final String ADMIN =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      static_resources:
        listeners:
      """;

  private Sidecar sidecar = start(ADMIN + listener("a", "127.0.0.1", "one"));

  @BeforeEach
  void serves() throws IOException {
    assertThat(client("a").get()).isEqualTo("one");
  }

  @AfterEach
  void stop() {
    sidecar.close();
  }

  @Test
  void shouldKeepConnectionsWhenAListenerIsAsItWas() throws Exception {
    // Given
    Client client = client("a");
    client.get();

    // When
    offer(ADMIN + listener("a", "127.0.0.1", "one") + listener("b", "127.0.0.1", "two"));

    // Then
    assertThat(client.get()).isEqualTo("one");
    await().until(() -> sidecar.listenerAddress("b").isPresent());
    assertThat(client("b").get()).isEqualTo("two");
  }

  @Test
  void shouldKeepTheSocketAndDrainConnectionsWhenAListenerChanges() throws Exception {
    // Given
    Client idle = client("a");
    idle.get();
    InetSocketAddress before = sidecar.listenerAddress("a").orElseThrow();

    // When
    offer(ADMIN + listener("a", "127.0.0.1", "changed"));

    // Then
    assertThat(idle.isClosedByPeer()).isTrue();
    assertThat(sidecar.listenerAddress("a")).contains(before);
    assertThat(client("a").get()).isEqualTo("changed");
  }

  @Test
  void shouldLetARequestInFlightFinishWhenItsListenerChanges() throws Exception {
    // Given
    Client client = client("a");
    String rest = "GET / HTTP/1.1\r\nHost: h\r\n"; // its head is not complete yet
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n" + rest);
    assertThat(client.answer()).isEqualTo("one");

    // When
    offer(ADMIN + listener("a", "127.0.0.1", "changed"));
    client.send("\r\n");

    // Then
    assertThat(client.answer()).isEqualTo("one");
    assertThat(client.isClosedByPeer()).isTrue();
  }

  @Test
  void shouldCutOffWhatIsInFlightWhenTheTimeToDrainIsOver() throws Exception {
    // Given
    sidecar.close();
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      sidecar =
          start(
              ADMIN + listener("a", "127.0.0.1", "one") + silence(silent.getLocalPort()),
              Duration.ofMillis(200));
      Client client = client("a");
      client.send("GET /silence HTTP/1.1\r\nHost: h\r\n\r\n");
      try (Socket request = silent.accept()) {
        // When
        offer(ADMIN + listener("a", "127.0.0.1", "changed"));

        // Then
        assertThat(client.isClosedByPeer()).isTrue();
        assertThat(request.isClosed()).isFalse();
        assertThat(client("a").get()).isEqualTo("changed");
      }
    }
  }

  private static String silence(int port) {
    return """
      clusters:
      - name: silence
        load_assignment:
          cluster_name: silence
          endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: PORT } } } }] }]
    """
        .replace("PORT", String.valueOf(port));
  }

  @Test
  void shouldMoveWhenTheAddressOfAListenerChanges() throws Exception {
    // Given
    Client idle = client("a");
    idle.get();
    InetSocketAddress before = sidecar.listenerAddress("a").orElseThrow();

    // When
    offer(ADMIN + listener("a", "0.0.0.0", "moved"));

    // Then
    assertThat(idle.isClosedByPeer()).isTrue();
    await().until(() -> !sidecar.listenerAddress("a").equals(Optional.of(before)));
    assertThat(client("a").get()).isEqualTo("moved");
    await().until(() -> isRefused(before));
  }

  @Test
  void shouldStopAcceptingAndDrainWhenAListenerGoes() throws Exception {
    // Given
    Client idle = client("a");
    idle.get();
    InetSocketAddress before = sidecar.listenerAddress("a").orElseThrow();

    // When
    offer(ADMIN + listener("b", "127.0.0.1", "two"));

    // Then
    assertThat(idle.isClosedByPeer()).isTrue();
    await().until(() -> isRefused(before));
    assertThat(sidecar.listenerAddress("a")).isEmpty();
    await().until(() -> sidecar.listenerAddress("b").isPresent());
    assertThat(client("b").get()).isEqualTo("two");
  }

  @Test
  void shouldCountWhatBecomesOfListeners() throws Exception {
    // Given
    assertThat(listenerStats())
        .contains(
            "listener_manager.listener_added: 1",
            "listener_manager.listener_create_success: 1",
            "listener_manager.total_listeners_active: 1",
            "listener_manager.workers_started: 1");

    // When
    offer(ADMIN + listener("a", "127.0.0.1", "changed") + listener("b", "127.0.0.1", "two"));
    await().until(() -> sidecar.listenerAddress("b").isPresent());
    offer(ADMIN + listener("b", "127.0.0.1", "two"));
    await().until(() -> sidecar.listenerAddress("a").isEmpty());

    // Then
    assertThat(listenerStats())
        .contains(
            "listener_manager.listener_added: 2",
            "listener_manager.listener_modified: 1",
            "listener_manager.listener_removed: 1",
            "listener_manager.listener_create_success: 2",
            "listener_manager.listener_create_failure: 0",
            "listener_manager.total_listeners_active: 1");
  }

  private List<String> listenerStats() throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + sidecar.adminAddress().getPort() + "/stats");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .toList();
    }
  }

  @Test
  void shouldStayAsItIsWhenTheNewConfigurationIsRefused() throws Exception {
    // Given
    Client client = client("a");
    client.get();

    // When
    String yaml = ADMIN + listener("a", "127.0.0.1", "two").replace("status: 200", "status: 1000");
    Bootstrap wrong =
        new BootstrapLoader(new ConfigLoader(ProxyExtensions.all()).types())
            .load(BootstrapSource.ofYaml(yaml), new ConfigErrors());
    Throwable refused =
        sidecar
            .offer(ResourceSet.of(wrong))
            .toCompletableFuture()
            .handle((published, failure) -> failure)
            .get(20, TimeUnit.SECONDS);

    // Then
    assertThat(refused).hasMessageContaining("static_resources.listeners[0]");
    assertThat(client.get()).isEqualTo("one");
  }

  private void offer(String yaml) throws Exception {
    ConfigSnapshot published =
        sidecar.offer(load(yaml)).toCompletableFuture().get(20, TimeUnit.SECONDS);
    assertThat(published.version()).isGreaterThan(1);
  }

  private static ResourceSet load(String yaml) throws Exception {
    return new ConfigLoader(ProxyExtensions.all()).load(BootstrapSource.ofYaml(yaml));
  }

  private static String listener(String name, String address, String body) {
    return """
      - name: NAME
        address: { socket_address: { address: ADDRESS, port_value: 0 } }
        filter_chains:
        - filters:
          - name: hcm
            typed_config:
              "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: NAME
              route_config:
                validate_clusters: false
                virtual_hosts:
                - name: v
                  domains: ["*"]
                  routes:
                  - { match: { prefix: /silence }, route: { cluster: silence, timeout: 0s } }
                  - { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: BODY } } }
              http_filters:
              - { name: router, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }
    """
        .replace("NAME", name)
        .replace("ADDRESS", address)
        .replace("BODY", body);
  }

  private static Sidecar start(String yaml) {
    return start(yaml, Duration.ofSeconds(20));
  }

  private static Sidecar start(String yaml, Duration drainTime) {
    try {
      return Sidecars.start(yaml, 1, drainTime);
    } catch (StartException e) {
      throw new IllegalStateException(e);
    }
  }

  private Client client(String listener) throws IOException {
    return new Client(sidecar.listenerAddress(listener).orElseThrow().getPort());
  }

  private static boolean isRefused(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
      return !socket.isConnected();
    } catch (ConnectException refused) {
      return true;
    }
  }

  /** One connection that is kept. */
  private static final class Client {
    private final Socket socket;
    private final BufferedReader in;

    Client(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(20_000);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    }

    String get() throws IOException {
      send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      return answer();
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The body of the next answer. */
    String answer() throws IOException {
      int length = 0;
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        if (line.startsWith("content-length: ")) {
          length = Integer.parseInt(line.substring("content-length: ".length()));
        }
      }
      char[] body = new char[length];
      int read = 0;
      while (read < length) {
        read += in.read(body, read, length - read);
      }
      return new String(body);
    }

    boolean isClosedByPeer() throws IOException {
      return in.read() < 0;
    }
  }
}
