package io.handfast.proxy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.LoadBalancing;
import io.handfast.proxy.config.LoadBalancing.Policy;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.Stats;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class OnDemandHostsTest {
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final InetSocketAddress ONE = address(1);
  private static final InetSocketAddress TWO = address(2);

  private final ManualDispatcher main = new ManualDispatcher();
  private final Cluster cluster = new Cluster(config(), new Stats().cluster("c"));

  private static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static ClusterConfig config() {
    ClusterConfig plain = ClusterConfig.of("c", 0, DiscoveryType.ORIGINAL_DST, List.of());
    return new ClusterConfig(
        plain.name(),
        plain.index(),
        plain.type(),
        plain.localities(),
        new LoadBalancing(new Policy.OriginalDestination("", 0, INTERVAL), 50, 140, false),
        plain.connectTimeout(),
        plain.circuitBreakers(),
        plain.perConnectionBufferLimitBytes(),
        plain.http(),
        plain.dns(),
        plain.metadata(),
        plain.tls(),
        plain.source());
  }

  private Membership start() {
    Membership membership =
        new Membership(
            cluster, (name, family, callback) -> callback.onFailure("none"), main, () -> {});
    membership.start();
    return membership;
  }

  private Host use(@Nullable InetSocketAddress address) {
    Host host = cluster.onDemand(address);
    assertThat(host).isNotNull();
    main.runTasks();
    return host;
  }

  @Test
  void shouldMakeEndpointsOfWhatIsAskedFor() {
    // Given
    start();

    // When
    Host first = use(ONE);
    Host again = use(ONE);
    Host other = use(TWO);

    // Then
    assertThat(first).isSameAs(again).isEqualTo(new Host(ONE, "127.0.0.1"));
    assertThat(cluster.hosts().hosts()).containsExactlyInAnyOrder(first, other);
    assertThat(cluster.stats().membershipTotal.value()).isEqualTo(2);
    assertThat(cluster.onDemand(null)).isNull();
  }

  @Test
  void shouldForgetWhatIsNotUsedForAnInterval() {
    // Given
    start();
    Host kept = use(ONE);
    use(TWO);
    main.advance(INTERVAL);
    use(ONE);

    // When
    main.advance(INTERVAL);

    // Then
    assertThat(cluster.hosts().hosts()).containsExactly(kept);
    main.advance(INTERVAL);
    assertThat(cluster.hosts().hosts()).isEmpty();
  }

  @Test
  void shouldKeepWhatHasConnections() {
    // Given
    start();
    Host host = use(ONE);
    cluster.stats(host).cxActive().inc();

    // When
    main.advance(INTERVAL.multipliedBy(10));

    // Then
    assertThat(cluster.hosts().hosts()).containsExactly(host);
    cluster.stats(host).cxActive().dec();
    main.advance(INTERVAL);
    assertThat(cluster.hosts().hosts()).isEmpty();
  }

  @Test
  void shouldHaveNoMoreThanItsBound() {
    // Given
    start();
    byte[] ip = {10, 0, 0, 0};
    for (int i = 0; i < OnDemandHosts.MAX_HOSTS; i++) {
      ip[1] = (byte) (i >> 8);
      ip[2] = (byte) i;
      assertThat(cluster.onDemand(new InetSocketAddress(address(ip), 1))).isNotNull();
    }

    // When / Then
    assertThat(cluster.onDemand(ONE)).isNull();
  }

  private static InetAddress address(byte[] ip) {
    try {
      return InetAddress.getByAddress(ip);
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldCleanUpNoMoreWhenItHasStopped() {
    // Given
    Membership membership = start();
    Host host = use(ONE);

    // When
    membership.stop();
    main.advance(INTERVAL.multipliedBy(10));

    // Then
    assertThat(cluster.hosts().hosts()).containsExactly(host);
  }
}
