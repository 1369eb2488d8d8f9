package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.xds.bootstrap.BootstrapSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Connections of TCP whose listener goes: nobody can tell them, so they go on until time is up. */
final class TcpDrainTest {
  private static final Duration DRAIN_TIME = Duration.ofSeconds(2);

  private static String yaml(int port, boolean listening) {
    String listeners =
        """
        [{ name: in, address: { socket_address: { address: 127.0.0.1, port_value: 0 } }, filter_chains: [{
          filters: [{ name: t, typed_config: {
            "@type": a/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: up } }] }] }]\
        """;
    return """
    admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
    static_resources:
      listeners: %s
      clusters:
      - { name: up, load_assignment: { cluster_name: up, endpoints: [{ lb_endpoints: [{
          endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %d } } } }] }] } }
    """
        .formatted(listening ? listeners : "[]", port);
  }

  private static Sidecar start(String yaml) throws StartException {
    return Sidecars.start(yaml, 1, DRAIN_TIME);
  }

  private static void echo(ServerSocket service) {
    try (Socket connection = service.accept()) {
      connection.getInputStream().transferTo(connection.getOutputStream());
    } catch (IOException gone) {
      // The proxy closed the connection: what the client sees is what is tested.
    }
  }

  @Test
  void shouldGoOnUntilTheDrainTimeIsUpAndThenClose() throws Exception {
    // Given
    try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Sidecar sidecar = start(yaml(service.getLocalPort(), true));
        Socket client =
            new Socket(
                InetAddress.getLoopbackAddress(),
                sidecar.listenerAddress("in").orElseThrow().getPort())) {
      Thread.ofVirtual().start(() -> echo(service));
      client.setSoTimeout(20_000);
      client.getOutputStream().write('a');
      assertThat(client.getInputStream().read()).isEqualTo('a');

      // When
      sidecar
          .offer(
              new ConfigLoader(ProxyExtensions.all())
                  .load(BootstrapSource.ofYaml(yaml(service.getLocalPort(), false))))
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
      await().until(() -> sidecar.listenerAddress("in").isEmpty());

      // Then
      client.getOutputStream().write('b');
      assertThat(client.getInputStream().read()).isEqualTo('b');
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void shouldCloseWhatIsLeftWhenTheProcessHasDrainedForItsTime() throws Exception {
    // Given
    try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket()) {
      Thread.ofVirtual().start(() -> echo(service));
      client.setSoTimeout(20_000);
      try (Sidecar sidecar = start(yaml(service.getLocalPort(), true))) {
        int port = sidecar.listenerAddress("in").orElseThrow().getPort();
        client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        client.getOutputStream().write('a');
        assertThat(client.getInputStream().read()).isEqualTo('a');

        // When
        CompletableFuture<Boolean> drained =
            sidecar.drain(Duration.ofSeconds(1)).toCompletableFuture();

        // Then
        client.getOutputStream().write('b');
        assertThat(client.getInputStream().read()).isEqualTo('b');
        assertThat(drained.get(20, TimeUnit.SECONDS)).isFalse();
      }
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void shouldHaveDrainedAsSoonAsTheLastConnectionEnds() throws Exception {
    // Given
    try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Sidecar sidecar = start(yaml(service.getLocalPort(), true))) {
      Thread.ofVirtual().start(() -> echo(service));
      CompletableFuture<Boolean> drained;
      try (Socket client =
          new Socket(
              InetAddress.getLoopbackAddress(),
              sidecar.listenerAddress("in").orElseThrow().getPort())) {
        client.setSoTimeout(20_000);
        client.getOutputStream().write('a');
        assertThat(client.getInputStream().read()).isEqualTo('a');

        // When
        drained = sidecar.drain(Duration.ofHours(1)).toCompletableFuture();
        client.shutdownOutput();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
      }

      // Then
      assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
    }
  }
}
