package io.handfast.proxy.cluster.lb;

import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet.Member;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * One after the other. Each event loop goes round on its own, from a place of its own, so that no
 * counter is shared.
 */
final class RoundRobin implements HostPicker {
  private final List<Member> members;
  private int next;

  /**
   * @param draw an evenly drawn number from 0 up to its argument, for the place to begin at
   */
  RoundRobin(List<Member> members, LongUnaryOperator draw) {
    this.members = members;
    this.next = (int) draw.applyAsLong(members.size());
  }

  @Override
  public Host pick() {
    Host host = members.get(next).host();
    next = next + 1 == members.size() ? 0 : next + 1;
    return host;
  }
}
