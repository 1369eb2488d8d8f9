package io.handfast.proxy.cluster.lb;

import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet.Member;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * Any endpoint, each as likely as another, whatever its weight.
 *
 * @param draw an evenly drawn number from 0 up to its argument
 */
record RandomChoice(List<Member> members, LongUnaryOperator draw) implements HostPicker {

  @Override
  public Host pick() {
    return members.get((int) draw.applyAsLong(members.size())).host();
  }
}
