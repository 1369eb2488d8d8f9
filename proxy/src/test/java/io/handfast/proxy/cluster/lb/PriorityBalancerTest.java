package io.handfast.proxy.cluster.lb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet;
import io.handfast.proxy.cluster.HostSet.Member;
import io.handfast.proxy.config.EndpointHealth;
import io.handfast.proxy.config.LoadBalancing;
import io.handfast.proxy.config.LoadBalancing.Policy;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PriorityBalancerTest {
  private static final Policy ROUND_ROBIN = new Policy.RoundRobin();
  private static final Policy RANDOM = new Policy.Random();
  private static final Policy LEAST_REQUEST = new Policy.LeastRequest(2, 1);

  private final ClusterStats stats = new Stats().cluster("c");
  private final LongUnaryOperator draw = new Random(42)::nextLong;
  private final List<Member> members = new ArrayList<>();

  @Test
  void shouldGoRoundWhenWeightsAreEqual() {
    // Given
    add(0, 5, EndpointHealth.HEALTHY);
    add(0, 5, EndpointHealth.UNKNOWN);
    add(0, 5, EndpointHealth.UNHEALTHY);
    add(0, 5, EndpointHealth.HEALTHY);

    // Then: evenly, in order, without the one that is not healthy
    List<Integer> chosen = chosen(ROUND_ROBIN, 6);
    assertThat(chosen.subList(0, 3)).containsExactlyInAnyOrder(1, 2, 4);
    assertThat(chosen.subList(3, 6)).isEqualTo(chosen.subList(0, 3));
  }

  @Test
  void shouldChooseAsOftenAsWeightsSayAndEvenlyInBetween() {
    // Given
    add(0, 1, EndpointHealth.HEALTHY);
    add(0, 2, EndpointHealth.HEALTHY);
    add(0, 5, EndpointHealth.HEALTHY);

    // When
    List<Integer> chosen = chosen(ROUND_ROBIN, 8_000);

    // Then: in every eight of them, not only in the long run
    for (int at = 0; at + 8 <= chosen.size(); at += 8) {
      Map<Integer, Long> counts = counts(chosen.subList(at, at + 8));
      assertThat(counts.get(3)).isBetween(4L, 6L);
      assertThat(counts.get(2)).isBetween(1L, 3L);
    }
    assertThat(counts(chosen).get(1)).isCloseTo(1_000, within(2L));
    assertThat(counts(chosen).get(2)).isCloseTo(2_000, within(2L));
  }

  @Test
  void shouldFollowThePolicyOfTheEndpointsWhenTheseStay() {
    // Given: half of the first priority is healthy
    add(0, 1, EndpointHealth.HEALTHY);
    add(0, 1, EndpointHealth.UNHEALTHY);
    add(1, 1, EndpointHealth.HEALTHY);
    AtomicReference<LoadBalancing> config =
        new AtomicReference<>(new LoadBalancing(ROUND_ROBIN, 50, 140, false));
    LoadBalancer balancer = new PriorityBalancer(config::get, draw, stats.lbHealthyPanic);
    HostSet set = set();
    List<Integer> before = Stream.generate(() -> port(balancer.choose(set))).limit(200).toList();
    assertThat(before).contains(1, 3);

    // When
    config.set(new LoadBalancing(ROUND_ROBIN, 50, 200, false));

    // Then
    assertThat(Stream.generate(() -> port(balancer.choose(set))).limit(200)).containsOnly(1);
  }

  @Test
  void shouldBeginElsewhereOnEachEventLoop() {
    // Given
    for (int i = 0; i < 10; i++) {
      add(0, 1, EndpointHealth.HEALTHY);
    }
    HostSet set = set();

    // When
    Map<Integer, Long> firsts = new TreeMap<>();
    for (int loop = 0; loop < 1_000; loop++) {
      firsts.merge(port(balancer(ROUND_ROBIN, 50).choose(set)), 1L, Long::sum);
    }

    // Then
    assertThat(firsts)
        .hasSize(10)
        .allSatisfy((port, times) -> assertThat(times).isBetween(60L, 140L));
  }

  @Test
  void shouldDrawEvenlyWhateverTheWeights() {
    // Given
    add(0, 1, EndpointHealth.HEALTHY);
    add(0, 100, EndpointHealth.HEALTHY);

    // Then
    assertThat(counts(chosen(RANDOM, 10_000)).get(1)).isBetween(4_800L, 5_200L);
  }

  @ParameterizedTest
  @CsvSource({
    // choices, requests in flight at each, expected share of the first in a hundred
    "2,0 1,75",
    "2,1 1,50",
    "2,0 1 1 1,44",
    "3,0 1 1 1,58",
    "5,0 1,97",
  })
  void shouldChooseTheLessBusyOfThoseDrawn(int choices, String active, int share) {
    // Given
    for (String requests : active.split(" ", -1)) {
      add(0, 1, EndpointHealth.HEALTHY).stats().rqActive().add(Integer.parseInt(requests));
    }

    // When
    long first = counts(chosen(new Policy.LeastRequest(choices, 1), 20_000)).getOrDefault(1, 0L);

    // Then
    assertThat(first / 200.0).isCloseTo(share, within(1.5));
  }

  @ParameterizedTest
  @CsvSource({"0,80", "1,50", "2,20"})
  void shouldWeighByRequestsInFlightAsTheBiasSays(double bias, int share) {
    // Given: four times the weight, and 4 = 3 + 1 times the requests
    add(0, 4, EndpointHealth.HEALTHY).stats().rqActive().add(3);
    add(0, 1, EndpointHealth.HEALTHY);

    // When
    long first = counts(chosen(new Policy.LeastRequest(2, bias), 10_000)).getOrDefault(1, 0L);

    // Then
    assertThat(first / 100.0).isCloseTo(share, within(0.1));
  }

  @Test
  void shouldFollowRequestsInFlightAsTheyChange() {
    // Given
    add(0, 1, EndpointHealth.HEALTHY);
    add(0, 1, EndpointHealth.HEALTHY);
    HostSet set = set();
    LoadBalancer balancer = balancer(LEAST_REQUEST, 50);

    // When: nothing ends
    for (int i = 0; i < 1_000; i++) {
      Host host = balancer.choose(set);
      members.stream()
          .filter(member -> member.host().equals(host))
          .forEach(member -> member.stats().rqActive().inc());
    }

    // Then
    assertThat(members.getFirst().stats().rqActive().value()).isBetween(490L, 510L);
  }

  @Test
  void shouldGoOnToTheNextPriorityWhenTheFirstIsNotHealthyEnough() {
    // Given: half of the first is healthy, so it takes 70 of 100
    add(0, 1, EndpointHealth.HEALTHY);
    add(0, 1, EndpointHealth.DRAINING);
    add(1, 1, EndpointHealth.HEALTHY);
    add(2, 1, EndpointHealth.HEALTHY);

    // When
    Map<Integer, Long> counts = counts(chosen(LEAST_REQUEST, 10_000));

    // Then
    assertThat(counts).containsOnlyKeys(1, 3);
    assertThat(counts.get(1)).isBetween(6_800L, 7_200L);
    assertThat(stats.lbHealthyPanic.value()).isZero();
  }

  @Test
  void shouldUseTheDegradedForWhatTheHealthyCannotTake() {
    // Given
    add(0, 1, EndpointHealth.HEALTHY);
    add(0, 1, EndpointHealth.DEGRADED);

    // Then
    assertThat(counts(chosen(ROUND_ROBIN, 10_000)).get(2)).isBetween(2_800L, 3_200L);
  }

  @Test
  void shouldUseAllWhenTooFewAreHealthy() {
    // Given
    add(0, 1, EndpointHealth.HEALTHY);
    add(0, 1, EndpointHealth.UNHEALTHY);
    add(0, 1, EndpointHealth.TIMEOUT);

    // Then
    assertThat(counts(chosen(ROUND_ROBIN, 300)).values()).containsExactly(100L, 100L, 100L);
    assertThat(stats.lbHealthyPanic.value()).isEqualTo(300);
  }

  @Test
  void shouldChooseOnlyTheHealthyWhenThereIsNoPanic() {
    // Given
    add(0, 1, EndpointHealth.HEALTHY);
    add(0, 1, EndpointHealth.UNHEALTHY);
    add(0, 1, EndpointHealth.UNHEALTHY);

    // Then
    LoadBalancer balancer = balancer(ROUND_ROBIN, 0);
    assertThat(port(balancer.choose(set()))).isEqualTo(1);
    members.removeFirst();
    assertThat(balancer.choose(set())).isNull();
    members.clear();
    assertThat(balancer.choose(set())).isNull();
  }

  @Test
  void shouldChooseAmongTheNewWhenTheEndpointsChange() {
    // Given
    add(0, 1, EndpointHealth.HEALTHY);
    LoadBalancer balancer = balancer(ROUND_ROBIN, 50);
    assertThat(port(balancer.choose(set()))).isEqualTo(1);

    // When
    add(0, 3, EndpointHealth.HEALTHY);
    HostSet now = set();

    // Then
    List<Integer> chosen = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      chosen.add(port(balancer.choose(now)));
    }
    assertThat(chosen).containsOnlyOnce(1);
  }

  private Member add(int priority, int weight, EndpointHealth health) {
    int port = members.size() + 1;
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    Member member = new Member(new Host(address, "h"), new HostStats(), priority, weight, health);
    members.add(member);
    return member;
  }

  private HostSet set() {
    return new HostSet(members, members.size());
  }

  private LoadBalancer balancer(Policy policy, int panicThreshold) {
    LoadBalancing config = new LoadBalancing(policy, panicThreshold, 140, false);
    return new PriorityBalancer(() -> config, draw, stats.lbHealthyPanic);
  }

  private List<Integer> chosen(Policy policy, int times) {
    LoadBalancer balancer = balancer(policy, 50);
    HostSet set = set();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      ports.add(port(balancer.choose(set)));
    }
    return ports;
  }

  private static Map<Integer, Long> counts(List<Integer> ports) {
    Map<Integer, Long> counts = new TreeMap<>();
    ports.forEach(port -> counts.merge(port, 1L, Long::sum));
    return counts;
  }

  private static int port(@Nullable Host host) {
    assertThat(host).isNotNull();
    return ((InetSocketAddress) host.address()).getPort();
  }
}
