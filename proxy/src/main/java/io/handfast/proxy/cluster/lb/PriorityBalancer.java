package io.handfast.proxy.cluster.lb;

import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet;
import io.handfast.proxy.cluster.HostSet.Member;
import io.handfast.proxy.config.LoadBalancing;
import io.handfast.proxy.config.LoadBalancing.Policy;
import io.handfast.proxy.stats.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * First a priority and whether its healthy, its degraded or all its endpoints are meant, then a
 * locality where these are weighed and there is no panic, then an endpoint by the policy of the
 * cluster. What can be known before a request comes is worked out when the endpoints change.
 * Confined to an event loop.
 */
public final class PriorityBalancer implements LoadBalancer {
  private static final HostPicker[] NO_PICKERS = {};

  private final Supplier<LoadBalancing> configs;
  private LoadBalancing config;
  private final LongUnaryOperator draw;
  private final Counter panics;
  private long version;
  private @Nullable PrioritySpread spread;
  private int priorities;
  private int only;
  private @Nullable HostPicker[] healthy = NO_PICKERS;
  private @Nullable HostPicker[] degraded = NO_PICKERS;
  private @Nullable HostPicker[] all = NO_PICKERS;

  /**
   * @param configs how it is now; the policy stays
   * @param draw an evenly drawn number from 0 up to its argument
   * @param panics counts the choices among endpoints of which nothing good is known
   */
  public PriorityBalancer(Supplier<LoadBalancing> configs, LongUnaryOperator draw, Counter panics) {
    this.configs = configs;
    this.config = configs.get();
    this.draw = draw;
    this.panics = panics;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
  public @Nullable Host choose(HostSet hosts) {
    PrioritySpread by = spread;
    LoadBalancing now = configs.get();
    if (by == null || hosts.version() != version || now != config) {
      config = now;
      by = refresh(hosts);
    }
    HostPicker picker = only >= 0 ? of(by, only, healthy) : drawn(by);
    return picker == null ? null : picker.pick();
  }

  private @Nullable HostPicker drawn(PrioritySpread by) {
    long left = draw.applyAsLong(100);
    for (int i = 0; i < priorities; i++) {
      left -= by.healthy(i);
      if (left < 0) {
        return of(by, i, healthy);
      }
    }
    for (int i = 0; i < priorities; i++) {
      left -= by.degraded(i);
      if (left < 0) {
        return of(by, i, degraded);
      }
    }
    throw new IllegalStateException("load: less than 100 (expected: all of it is spread)");
  }

  private @Nullable HostPicker of(PrioritySpread by, int priority, @Nullable HostPicker[] pickers) {
    if (by.panics(priority)) {
      panics.inc();
      return all[priority];
    }
    return pickers[priority];
  }

  private PrioritySpread refresh(HostSet hosts) {
    List<Member> members = hosts.members();
    priorities = 1 + members.stream().mapToInt(Member::priority).max().orElse(0);
    PrioritySpread.Count[] counts = new PrioritySpread.Count[priorities];
    PrioritySpread.Count[] weights = new PrioritySpread.Count[priorities];
    healthy = new HostPicker[priorities];
    degraded = new HostPicker[priorities];
    all = new HostPicker[priorities];
    for (int i = 0; i < priorities; i++) {
      List<Member> here = new ArrayList<>();
      List<Member> good = new ArrayList<>();
      List<Member> fair = new ArrayList<>();
      for (Member member : members) {
        if (member.priority() == i) {
          here.add(member);
          switch (member.health().availability()) {
            case HEALTHY -> good.add(member);
            case DEGRADED -> fair.add(member);
            case UNHEALTHY -> {}
          }
        }
      }
      counts[i] = new PrioritySpread.Count(here.size(), good.size(), fair.size());
      weights[i] = new PrioritySpread.Count(weight(here), weight(good), weight(fair));
      healthy[i] = picker(good, here);
      degraded[i] = picker(fair, here);
      all[i] = here.isEmpty() ? null : picker(here);
    }
    PrioritySpread fresh =
        PrioritySpread.of(
            counts,
            config.byWeight() ? weights : counts,
            config.overprovisioningFactor(),
            config.healthyPanicThreshold());
    only =
        IntStream.range(0, priorities)
            .filter(priority -> fresh.healthy(priority) == 100)
            .findFirst()
            .orElse(-1);
    spread = fresh;
    version = hosts.version();
    return fresh;
  }

  private static long weight(List<Member> members) {
    return members.stream().mapToLong(Member::weight).sum();
  }

  private @Nullable HostPicker picker(List<Member> available, List<Member> here) {
    if (available.isEmpty()) {
      return null;
    }
    HostPicker byLocality =
        config.byLocality()
            ? WeightedLocalities.of(
                here, available, config.overprovisioningFactor(), this::picker, draw)
            : null;
    return byLocality == null ? picker(available) : byLocality;
  }

  private HostPicker picker(List<Member> members) {
    boolean equal = members.stream().mapToInt(Member::weight).distinct().count() == 1;
    return switch (config.policy()) {
      case Policy.RoundRobin _ ->
          equal
              ? new RoundRobin(members, draw)
              : new WeightedMembers(members, Member::weight, draw);
      case Policy.OriginalDestination _ ->
          throw new IllegalStateException(
              "policy: OriginalDestination (expected: one of the proxy's choice)");
      case Policy.Random _ -> new RandomChoice(members, draw);
      case Policy.LeastRequest least ->
          equal
              ? new LeastRequest(members, least.choiceCount(), draw)
              : new WeightedMembers(members, byRequests(least.activeRequestBias()), draw);
    };
  }

  private static ToDoubleFunction<Member> byRequests(double bias) {
    return member -> member.weight() / Math.pow(member.stats().activeRequests() + 1.0, bias);
  }
}
