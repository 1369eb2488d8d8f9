package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.proxy.listener.ListenerManager;
import io.handfast.xds.bootstrap.BootstrapSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Updates of listeners whose sockets are not there at once, or cannot be. */
final class ListenerBindTest {
  private static final String ANY_PORT = socket(0);

  private final Logger logger = (Logger) LoggerFactory.getLogger(ListenerManager.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private Sidecar sidecar = start(yaml(listener("a", ANY_PORT, "one")));

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(log);
    sidecar.close();
  }

  @Test
  void shouldKeepWhatIsThereWhenAnAddressCannotBeBound() throws Exception {
    // Given
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int free = freePort();

      // When
      offer(
          yaml(
              listener("a", socket(taken.getLocalPort()), "two"),
              listener("b", socket(free), "three")
                  .replace(
                      "filter_chains",
                      "additional_addresses: [{ address: %s }], filter_chains"
                          .formatted(socket(other.getLocalPort()))),
              listener("c", ANY_PORT, "four")));
      await().until(() -> sidecar.listenerAddress("c").isPresent());
      await().until(() -> errors().size() == 2);

      // Then
      assertThat(errors()).containsExactlyInAnyOrder(failure("a", taken), failure("b", other));
      assertThat(get("a")).isEqualTo("one");
      assertThat(get("c")).isEqualTo("four");
      assertThat(sidecar.listenerAddress("b")).isEmpty();
      await().until(() -> isFree(free));
    }
  }

  private static String failure(String name, ServerSocket taken) {
    return "listener %s: cannot listen on 127.0.0.1:%d: bind(..) failed with error(-98): Address already in use (expected: a free address of this host)"
        .formatted(name, taken.getLocalPort());
  }

  @Test
  void shouldBindWhatCouldNotBeBoundWhenItComesAgain() throws Exception {
    // Given
    String wanted;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      wanted = yaml(listener("b", socket(taken.getLocalPort()), "two"));
      offer(wanted);
      await().until(() -> errors().size() == 1);
    }

    // When
    offer(wanted);

    // Then
    await().until(() -> sidecar.listenerAddress("b").isPresent());
    assertThat(get("b")).isEqualTo("two");
  }

  @Test
  void shouldHaveTheNewestWhenUpdatesComeWhileAListenerIsBeingBound() throws Exception {
    // When: published, and not bound yet
    offer(yaml(listener("b", ANY_PORT, "two")));
    offer(yaml(listener("b", ANY_PORT, "three")));

    // Then
    await().until(() -> sidecar.listenerAddress("b").isPresent());
    await().until(() -> get("b").equals("three"));
    assertThat(started("b")).isEqualTo(1);
    assertThat(errors()).isEmpty();
  }

  @Test
  void shouldNotListenWhenAListenerGoesWhileItIsBeingBound() throws Exception {
    // Given
    int port = freePort();

    // When: published, and not bound yet
    offer(yaml(listener("b", socket(port), "two")));
    offer(yaml(listener("c", ANY_PORT, "three")));

    // Then
    await().until(() -> sidecar.listenerAddress("c").isPresent());
    await().until(() -> isFree(port));
    assertThat(sidecar.listenerAddress("b")).isEmpty();
  }

  private long started(String name) {
    return log.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.startsWith("listening: listener=" + name + " "))
        .count();
  }

  private List<String> errors() {
    return List.copyOf(log.list).stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.contains("cannot listen"))
        .toList();
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static boolean isFree(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return false;
    } catch (IOException refused) {
      return true;
    }
  }

  private String get(String listener) throws Exception {
    int port = sidecar.listenerAddress(listener).orElseThrow().getPort();
    URI uri = URI.create("http://127.0.0.1:" + port + "/");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private void offer(String yaml) throws Exception {
    ConfigSnapshot published =
        sidecar
            .offer(new ConfigLoader(ProxyExtensions.all()).load(BootstrapSource.ofYaml(yaml)))
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    assertThat(published.version()).isGreaterThan(1);
  }

  private static String socket(int port) {
    return "{ socket_address: { address: 127.0.0.1, port_value: %d } }".formatted(port);
  }

  private static String yaml(String... listeners) {
    return """
    admin: { address: %s }
    static_resources: { listeners: [%s] }
    """
        .formatted(ANY_PORT, String.join(",", listeners));
  }

  private static String listener(String name, String address, String body) {
    return """
    { name: %1$s, address: %2$s, filter_chains: [{ filters: [{ name: h, typed_config: {
        "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: %1$s,
        route_config: { virtual_hosts: [{ name: v, domains: ["*"], routes: [
          { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: %3$s } } }] }] },
        http_filters: [{ name: r, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }] } }] }] }\
    """
        .formatted(name, address, body)
        .indent(4)
        .stripTrailing();
  }

  private static Sidecar start(String yaml) {
    try {
      return Sidecars.start(yaml, 2, Duration.ofSeconds(20));
    } catch (StartException e) {
      throw new IllegalStateException(e);
    }
  }
}
