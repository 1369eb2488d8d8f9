package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.NetworkAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** {@code upstream_bind_config}: where connections to endpoints come from. */
final class UpstreamBindTest {
  @Test
  void shouldConnectFromTheAddressThatTheClusterBinds() throws Exception {
    // Given
    try (RawService service =
            RawService.running(connection -> {
              connection.readHead();
              connection.send("HTTP/1.1 204 No Content\r\n\r\n");
              connection.readHead();
            });
        InProcessProxy proxy =
            InProcessProxy.running(
                Configs.forward(0), List.of(from("127.0.0.6", Configs.cluster(service.port()))));
        RawConnection client = proxy.connect()) {
      // When
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      client.readHead();

      // Then
      assertThat(proxy.nextEnded().upstreamLocal())
          .isInstanceOfSatisfying(
              InetSocketAddress.class,
              it -> assertThat(it.getAddress()).isEqualTo(InetAddress.ofLiteral("127.0.0.6")));
    }
  }

  private static ClusterConfig from(String address, ClusterConfig plain) {
    return new ClusterConfig(
        plain.name(),
        plain.index(),
        plain.type(),
        plain.localities(),
        plain.loadBalancing(),
        plain.connectTimeout(),
        plain.circuitBreakers(),
        plain.perConnectionBufferLimitBytes(),
        plain.http(),
        plain.dns(),
        plain.metadata(),
        plain.tls(),
        Optional.of(new NetworkAddress.Tcp(address, 0)));
  }
}
