package io.handfast.proxy.cluster.lb;

import java.util.function.IntToDoubleFunction;
import java.util.function.LongUnaryOperator;

/**
 * Places as often as their weights say, and evenly in between: earliest deadline first, as in
 * Envoy. A place that was chosen is due again after the inverse of its weight; of those due at the
 * same time the one that has waited longest is next. The weight is asked for anew each time, so it
 * may change. A choice takes logarithmic time and allocates nothing. Confined to an event loop.
 */
final class EarliestDeadline {
  private final IntToDoubleFunction weight;

  /** A heap of places: none is due before the one at half its index. */
  private final int[] heap;

  private final double[] deadlines;
  private final long[] turns;
  private long turn;

  /**
   * @param places how many there are, at least one
   * @param weight of a place, positive
   * @param draw an evenly drawn number from 0 up to its argument: as many choices are skipped, so
   *     that event loops do not choose the same
   */
  EarliestDeadline(int places, IntToDoubleFunction weight, LongUnaryOperator draw) {
    this.weight = weight;
    heap = new int[places];
    deadlines = new double[places];
    turns = new long[places];
    for (int i = 0; i < places; i++) {
      heap[i] = i;
      due(i, 0);
    }
    for (int i = places / 2 - 1; i >= 0; i--) {
      sink(i);
    }
    for (long skipped = draw.applyAsLong(places); skipped > 0; skipped--) {
      next();
    }
  }

  /** The place whose turn it is, from 0. */
  int next() {
    int chosen = heap[0];
    due(chosen, deadlines[chosen]);
    sink(0);
    return chosen;
  }

  private void due(int place, double now) {
    deadlines[place] = now + 1 / weight.applyAsDouble(place);
    turns[place] = turn++;
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
