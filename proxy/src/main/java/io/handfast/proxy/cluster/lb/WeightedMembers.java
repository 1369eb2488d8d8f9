package io.handfast.proxy.cluster.lb;

import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet.Member;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.function.ToDoubleFunction;

/** Endpoints as often as their weights say, which may change, and evenly in between. */
final class WeightedMembers implements HostPicker {
  private final List<Member> members;
  private final EarliestDeadline schedule;

  /**
   * @param weight positive
   * @param draw an evenly drawn number from 0 up to its argument
   */
  WeightedMembers(List<Member> members, ToDoubleFunction<Member> weight, LongUnaryOperator draw) {
    this.members = members;
    this.schedule =
        new EarliestDeadline(
            members.size(), place -> weight.applyAsDouble(members.get(place)), draw);
  }

  @Override
  public Host pick() {
    return members.get(schedule.next()).host();
  }
}
