package io.handfast.proxy.cluster.lb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet;
import io.handfast.proxy.cluster.HostSet.Member;
import io.handfast.proxy.config.EndpointHealth;
import io.handfast.proxy.config.LoadBalancing;
import io.handfast.proxy.config.LoadBalancing.Policy;
import io.handfast.proxy.config.LocalityEndpoints.Locality;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.HostStats;
import io.handfast.proxy.stats.Stats;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WeightedLocalitiesTest {
  private static final Policy ROUND_ROBIN = new Policy.RoundRobin();

  private final ClusterStats stats = new Stats().cluster("c");
  private final LongUnaryOperator draw = new Random(42)::nextLong;
  private final List<Member> members = new ArrayList<>();
  private final Map<Integer, String> zones = new TreeMap<>();
  private int panicThreshold = 50;
  private boolean byLocality = true;

  /** The table of Envoy's documentation: X has weight 1, Y weight 2 and is wholly available. */
  @ParameterizedTest
  @CsvSource({"100,33.3", "70,32.9", "69,32.6", "50,25.9", "25,14.9", "0,0"})
  void shouldTakeFromALocalityWhatItsMissingEndpointsWouldTake(int available, double share) {
    // Given
    add("x", 0, 1, 100, available, EndpointHealth.HEALTHY);
    add("y", 0, 2, 100, 100, EndpointHealth.HEALTHY);
    panicThreshold = 0;

    // Then
    assertThat(100 * share("x", ROUND_ROBIN)).isCloseTo(share, within(0.1));
  }

  @ParameterizedTest
  @CsvSource({
    // weight, available, all, factor, expected
    "1,4,4,140,1",
    "3,7,10,140,2.94",
    "3,8,10,140,3",
    "10,1,2,100,5",
    "10,1,2,140,7",
    "0,4,4,140,0",
    "5,0,4,140,0",
    "4294967295,1,1,100,4294967295",
  })
  void shouldWeighByAvailability(long weight, int available, int all, int factor, double expected) {
    assertThat(WeightedLocalities.effective(weight, available, all, factor))
        .isCloseTo(expected, within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(strings = {"round robin", "random", "least request"})
  void shouldChooseWithinALocalityByThePolicyAlone(String name) {
    // Given: one endpoint there, nine here, and the weights say half each
    add("x", 0, 7, 1, 1, EndpointHealth.HEALTHY);
    add("y", 0, 7, 9, 9, EndpointHealth.HEALTHY);

    // When
    Policy policy =
        switch (name) {
          case "round robin" -> ROUND_ROBIN;
          case "random" -> new Policy.Random();
          case "least request" -> new Policy.LeastRequest(2, 1);
          default -> throw new IllegalArgumentException(name);
        };
    Map<Integer, Long> chosen = chosen(policy, 18_000);

    // Then
    assertThat(chosen.remove(1)).isEqualTo(9_000);
    assertThat(chosen).hasSize(9);
    assertThat(chosen.values()).allSatisfy(times -> assertThat(times).isBetween(900L, 1_100L));
  }

  @Test
  void shouldHonourWeightsOfEndpointsWithinALocality() {
    // Given
    add("x", 0, 1, 1, 1, EndpointHealth.HEALTHY);
    members.add(member("y", 0, 1, 3, EndpointHealth.HEALTHY));
    members.add(member("y", 0, 1, 1, EndpointHealth.HEALTHY));

    // Then
    assertThat(chosen(ROUND_ROBIN, 8_000).get(1)).isEqualTo(4_000);
    assertThat(chosen(ROUND_ROBIN, 8_000).get(2)).isCloseTo(3_000, within(2L));
    assertThat(chosen(new Policy.LeastRequest(2, 1), 8_000).get(3)).isCloseTo(1_000, within(2L));
  }

  @Test
  void shouldGiveNoLoadToALocalityWithoutWeight() {
    // Given
    add("x", 0, 0, 1, 1, EndpointHealth.HEALTHY);
    add("y", 0, 1, 1, 1, EndpointHealth.HEALTHY);

    // Then
    assertThat(share("x", ROUND_ROBIN)).isZero();
  }

  @Test
  void shouldBeOnePoolWhenNoLocalityHasAWeight() {
    // Given
    add("x", 0, 0, 1, 1, EndpointHealth.HEALTHY);
    add("y", 0, 0, 3, 3, EndpointHealth.HEALTHY);

    // Then
    assertThat(share("x", ROUND_ROBIN)).isEqualTo(0.25);
  }

  @Test
  void shouldBeOnePoolWhenLocalitiesAreNotWeighed() {
    // Given
    add("x", 0, 99, 1, 1, EndpointHealth.HEALTHY);
    add("y", 0, 1, 3, 3, EndpointHealth.HEALTHY);
    byLocality = false;

    // Then
    assertThat(share("x", ROUND_ROBIN)).isEqualTo(0.25);
  }

  @Test
  void shouldBeOnePoolInAPanic() {
    // Given: all endpoints of both count
    add("x", 0, 99, 10, 1, EndpointHealth.UNHEALTHY);
    add("y", 0, 1, 30, 1, EndpointHealth.TIMEOUT);

    // Then
    assertThat(share("x", ROUND_ROBIN)).isEqualTo(0.25);
    assertThat(stats.lbHealthyPanic.value()).isPositive();
  }

  @Test
  void shouldWeighLocalitiesOfEachPriorityByThemselves() {
    // Given: half of priority 0 is there, so it takes 70 of 100; its x has lost 30 % of its weight
    add("x", 0, 1, 2, 1, EndpointHealth.HEALTHY);
    add("y", 0, 1, 2, 1, EndpointHealth.HEALTHY);
    add("z", 1, 3, 1, 1, EndpointHealth.HEALTHY);
    add("w", 1, 1, 1, 1, EndpointHealth.HEALTHY);

    // Then
    assertThat(share("x", ROUND_ROBIN)).isCloseTo(0.35, within(0.01));
    assertThat(share("y", ROUND_ROBIN)).isCloseTo(0.35, within(0.01));
    assertThat(share("z", ROUND_ROBIN)).isCloseTo(0.225, within(0.01));
    assertThat(share("w", ROUND_ROBIN)).isCloseTo(0.075, within(0.01));
  }

  @Test
  void shouldWeighTheLocalitiesOfTheDegradedByThemselves() {
    // Given: 70 of 100 are for the healthy; a third of x is degraded, and all of y
    members.add(member("x", 0, 1, 1, EndpointHealth.HEALTHY));
    members.add(member("x", 0, 1, 1, EndpointHealth.DEGRADED));
    members.add(member("x", 0, 1, 1, EndpointHealth.HEALTHY));
    members.add(member("y", 0, 1, 1, EndpointHealth.DEGRADED));

    // When
    Map<Integer, Long> chosen = chosen(ROUND_ROBIN, 20_000);

    // Then
    double left = 1.4 / 3;
    assertThat(chosen.getOrDefault(2, 0L) / 20_000.0)
        .isCloseTo(0.3 * left / (left + 1), within(0.01));
    assertThat(chosen.getOrDefault(4, 0L) / 20_000.0).isCloseTo(0.3 / (left + 1), within(0.01));
  }

  private void add(
      String zone, int priority, long weight, int all, int healthy, EndpointHealth health) {
    for (int i = 0; i < all; i++) {
      EndpointHealth known = i < healthy ? EndpointHealth.HEALTHY : EndpointHealth.DRAINING;
      if (i < healthy && health != EndpointHealth.HEALTHY) {
        known = health;
      }
      members.add(member(zone, priority, weight, 1, known));
    }
  }

  private Member member(
      String zone, int priority, long localityWeight, int weight, EndpointHealth health) {
    int port = zones.size() + 1;
    zones.put(port, zone);
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return new Member(
        new Host(address, "h"),
        new HostStats(),
        priority,
        weight,
        health,
        new Locality("r", zone, ""),
        localityWeight);
  }

  private double share(String zone, Policy policy) {
    int times = 24_000;
    long there =
        chosen(policy, times).entrySet().stream()
            .filter(entry -> zone.equals(zones.get(entry.getKey())))
            .mapToLong(Map.Entry::getValue)
            .sum();
    return there / (double) times;
  }

  private Map<Integer, Long> chosen(Policy policy, int times) {
    LoadBalancing config = new LoadBalancing(policy, panicThreshold, 140, byLocality);
    LoadBalancer balancer = new PriorityBalancer(() -> config, draw, stats.lbHealthyPanic);
    HostSet set = new HostSet(members, 1);
    Map<Integer, Long> counts = new TreeMap<>();
    for (int i = 0; i < times; i++) {
      Host host = balancer.choose(set);
      assertThat(host).isNotNull();
      counts.merge(((InetSocketAddress) host.address()).getPort(), 1L, Long::sum);
    }
    return counts;
  }
}
