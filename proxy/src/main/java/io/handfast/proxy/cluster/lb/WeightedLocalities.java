package io.handfast.proxy.cluster.lb;

import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet.Member;
import io.handfast.proxy.config.LocalityEndpoints.Locality;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * First a locality, as often as its weight says, then one of its endpoints. A locality keeps its
 * weight as long as the share of its endpoints that are available, overprovisioned, is the whole;
 * below that it loses as much as is missing.
 *
 * @see <a
 *     href="https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/locality_weight">Envoy:
 *     locality weighted load balancing</a>
 */
final class WeightedLocalities implements HostPicker {
  private final HostPicker[] pickers;
  private final EarliestDeadline schedule;

  private WeightedLocalities(HostPicker[] pickers, double[] weights, LongUnaryOperator draw) {
    this.pickers = pickers;
    this.schedule = new EarliestDeadline(pickers.length, place -> weights[place], draw);
  }

  /**
   * What chooses among the endpoints that are available.
   *
   * @param all endpoints of a priority
   * @param available those of them that are chosen from
   * @param overprovisioningFactor in percent
   * @param within chooses among the endpoints of a locality
   * @param draw an evenly drawn number from 0 up to its argument
   * @return null if no locality with a weight has one that is available
   */
  static @Nullable WeightedLocalities of(
      List<Member> all,
      List<Member> available,
      int overprovisioningFactor,
      Function<List<Member>, HostPicker> within,
      LongUnaryOperator draw) {
    Map<Locality, List<Member>> there = grouped(all);
    List<HostPicker> pickers = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    grouped(available)
        .forEach((locality, members) -> {
          int total = there.getOrDefault(locality, members).size();
          double weight =
              effective(
                  members.getFirst().localityWeight(),
                  members.size(),
                  total,
                  overprovisioningFactor);
          if (weight > 0) {
            pickers.add(within.apply(members));
            weights.add(weight);
          }
        });
    return pickers.isEmpty()
        ? null
        : new WeightedLocalities(
            pickers.toArray(HostPicker[]::new),
            weights.stream().mapToDouble(Double::doubleValue).toArray(),
            draw);
  }

  /** The weight that a locality has left with that many of its endpoints. */
  static double effective(long weight, int available, int all, int overprovisioningFactor) {
    return weight * Math.min(1, overprovisioningFactor / 100.0 * available / all);
  }

  private static Map<Locality, List<Member>> grouped(List<Member> members) {
    Map<Locality, List<Member>> groups = new LinkedHashMap<>();
    for (Member member : members) {
      groups.computeIfAbsent(member.locality(), locality -> new ArrayList<>()).add(member);
    }
    return groups;
  }

  @Override
  public Host pick() {
    return pickers[schedule.next()].pick();
  }
}
