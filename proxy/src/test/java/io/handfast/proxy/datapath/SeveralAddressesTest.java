package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.EndpointHealth;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.stats.ClusterStats;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An endpoint with several addresses (RFC 8305), and who ended its connections. */
final class SeveralAddressesTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  private static InProcessProxy proxy(int... ports) {
    List<NetworkAddress> addresses = new ArrayList<>();
    for (int port : ports) {
      addresses.add(new NetworkAddress.Tcp("127.0.0.1", port));
    }
    Endpoint endpoint =
        new Endpoint(
            addresses.getFirst(),
            addresses.subList(1, addresses.size()),
            "",
            1,
            EndpointHealth.UNKNOWN);
    return InProcessProxy.running(
        Configs.forward(0, ForwardOptions.DEFAULTS),
        List.of(ClusterConfig.of("service", 0, DiscoveryType.STATIC, List.of(endpoint))));
  }

  @Test
  void shouldTryTheNextAddressWhenTheFirstRefuses() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        RawService service = RawService.answering(OK);
        InProcessProxy proxy = proxy(closed.number(), service.port());
        RawConnection client = proxy.connect()) {
      // When
      client.send(GET);

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
      StreamInfo info = proxy.nextEnded();
      assertThat(info.attempts()).isEqualTo(1);
      assertThat(info.upstreamRemote())
          .isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), service.port()));
      assertThat(proxy.stats.cluster("service").cxConnectFail.value()).isZero();
    }
  }

  @Test
  void shouldTryTheNextAddressWhenTheFirstDoesNotAnswer() throws Exception {
    // Given
    try (SilentPort silent = new SilentPort();
        RawService service = RawService.answering(OK);
        InProcessProxy proxy = proxy(silent.number(), service.port());
        RawConnection client = proxy.connect()) {
      // When
      client.send(GET);

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
      assertThat(proxy.stats.cluster("service").cxConnectFail.value()).isZero();
    }
  }

  @Test
  void shouldFailOnceWhenNoAddressAnswers() throws Exception {
    try (ClosedPort first = new ClosedPort();
        ClosedPort second = new ClosedPort();
        InProcessProxy proxy = proxy(first.number(), second.number());
        RawConnection client = proxy.connect()) {
      // When
      client.send(GET);

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 503 ");
      assertThat(proxy.nextEnded().flagsText()).isEqualTo("UF");
      assertThat(proxy.stats.cluster("service").cxConnectFail.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldCountTheCloseAsTheEndpointsWhenItEndsTheConnection() throws IOException {
    try (RawService service =
            RawService.running(connection -> {
              connection.readHead();
              connection.send(OK);
            });
        InProcessProxy proxy = proxy(service.port());
        RawConnection client = proxy.connect()) {
      // When
      client.send(GET);

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
      ClusterStats stats = proxy.stats.cluster("service");
      Awaitility.await().until(() -> stats.cxDestroyRemote.value() == 1);
      assertThat(stats.cxDestroyLocal.value()).isZero();
    }
  }

  @Test
  void shouldCountTheCloseAsOursWhenTheProxyEndsTheConnection() {
    try (RawService service =
            RawService.answering(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        InProcessProxy proxy = proxy(service.port());
        RawConnection client = proxy.connect()) {
      // When
      client.send(GET);

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
      ClusterStats stats = proxy.stats.cluster("service");
      Awaitility.await().until(() -> stats.cxDestroyLocal.value() == 1);
      assertThat(stats.cxDestroyRemote.value()).isZero();
    }
  }
}
