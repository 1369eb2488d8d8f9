package io.handfast.proxy.cluster.lb;

import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet.Member;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * Endpoints as often as their weights say, and evenly in between: earliest deadline first, as in
 * Envoy. An endpoint that was chosen is due again after the inverse of its weight; of those due at
 * the same time the one that has waited longest is next. The weight is asked for anew each time, so
 * it may change. A choice takes logarithmic time and allocates nothing.
 */
final class EarliestDeadline implements HostPicker {
  private final List<Member> members;
  private final ToDoubleFunction<Member> weight;

  /** A heap of places in {@link #members}: no place is due before the one at half its index. */
  private final int[] heap;

  private final double[] deadlines;
  private final long[] turns;
  private long turn;

  /**
   * @param weight positive
   * @param draw an evenly drawn number from 0 up to its argument: as many choices are skipped, so
   *     that event loops do not choose the same
   */
  EarliestDeadline(List<Member> members, ToDoubleFunction<Member> weight, LongUnaryOperator draw) {
    this.members = members;
    this.weight = weight;
    heap = new int[members.size()];
    deadlines = new double[members.size()];
    turns = new long[members.size()];
    for (int i = 0; i < heap.length; i++) {
      heap[i] = i;
      due(i, 0);
    }
    for (int i = heap.length / 2 - 1; i >= 0; i--) {
      sink(i);
    }
    for (long skipped = draw.applyAsLong(heap.length); skipped > 0; skipped--) {
      next();
    }
  }

  @Override
  public Host pick() {
    return members.get(next()).host();
  }

  private int next() {
    int chosen = heap[0];
    due(chosen, deadlines[chosen]);
    sink(0);
    return chosen;
  }

  private void due(int member, double now) {
    deadlines[member] = now + 1 / weight.applyAsDouble(members.get(member));
    turns[member] = turn++;
  }

  private void sink(int from) {
    int at = from;
    int sinking = heap[from];
    int child = 2 * at + 1;
    while (child < heap.length) {
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], sinking)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
      child = 2 * at + 1;
    }
    heap[at] = sinking;
  }

  private boolean before(int a, int b) {
    return deadlines[a] < deadlines[b] || (deadlines[a] == deadlines[b] && turns[a] < turns[b]);
  }
}
