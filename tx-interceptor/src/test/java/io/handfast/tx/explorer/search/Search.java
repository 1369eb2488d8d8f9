package io.handfast.tx.explorer.search;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Walks every state of a world, breadth first. Confined to one thread; no clock.
 *
 * @param <W> the world
 */
public final class Search<W extends World<W>> {

  /**
   * What a search found.
   *
   * @param states that are different
   * @param moves from one to another, or back to it
   * @param depth moves to the farthest
   * @param settled states in which nothing is left to do
   * @param breach what is wrong, or null
   * @param trace how it came to that, as a chart; empty if nothing is wrong
   */
  public record Found(
      int states, long moves, int depth, int settled, @Nullable String breach, String trace) {}

  private final W start;
  private final int maxStates;
  private final Fingerprints seen = new Fingerprints();
  private final Ints parents = new Ints();
  private final Ints ordinals = new Ints();
  private final Ints depths = new Ints();
  private final Ints healsFrom = new Ints();
  private final Ints healsTo = new Ints();
  private final Ints settled = new Ints();
  private final Queue<W> frontier = new ArrayDeque<>();
  private long moves;

  /**
   * A search that has not begun.
   *
   * @param maxStates more are a failure: the world has no bound, or too far a one
   */
  public Search(W start, int maxStates) {
    this.start = start;
    this.maxStates = maxStates;
  }

  /** Walks until something is wrong or everything was seen. */
  public Found run() {
    visit(start, -1, 0);
    for (int number = 0; !frontier.isEmpty(); number++) {
      W world = frontier.remove();
      if (world.isSettled()) {
        settled.add(number);
      }
      String breach = expand(world, number);
      if (breach != null) {
        return found(breach, number);
      }
    }
    int stuck = firstThatCannotSettle();
    return stuck < 0
        ? found(null, -1)
        : found("not all can decide from here on, though failures have healed (AC5)", stuck);
  }

  private @Nullable String expand(W world, int number) {
    String breach = world.breach();
    if (breach != null) {
      return breach;
    }
    List<World.Move> possible = world.moves();
    for (int i = 0; i < possible.size(); i++) {
      World.Move move = possible.get(i);
      W next = world.after(move, Chart.NONE);
      moves++;
      int there = visit(next, number, i);
      if (!move.fault() && there != number) {
        healsFrom.add(number);
        healsTo.add(there);
      }
    }
    return null;
  }

  private int visit(W world, int parent, int ordinal) {
    Fingerprint key = new Fingerprint();
    world.describe(key);
    int number = seen.add(key);
    if (number >= 0) {
      return number;
    }
    if (seen.size() > maxStates) {
      throw new IllegalStateException(
          "states: more than " + maxStates + " (expected: a world with a narrower bound)");
    }
    parents.add(parent);
    ordinals.add(ordinal);
    depths.add(parent < 0 ? 0 : depths.get(parent) + 1);
    frontier.add(world);
    return -1 - number;
  }

  /**
   * AC5 on the whole graph: from every state some way without a fault leads to rest. Where moves
   * are taken in a fair order, and the graph is finite, everybody gets there.
   */
  private int firstThatCannotSettle() {
    int states = seen.size();
    int[] degree = new int[states + 1];
    for (int i = 0; i < healsTo.size(); i++) {
      degree[healsTo.get(i) + 1]++;
    }
    for (int i = 0; i < states; i++) {
      degree[i + 1] += degree[i];
    }
    int[] sources = new int[healsTo.size()];
    int[] at = degree.clone();
    for (int i = 0; i < healsTo.size(); i++) {
      sources[at[healsTo.get(i)]++] = healsFrom.get(i);
    }
    boolean[] settles = new boolean[states];
    int[] queue = new int[states];
    int tail = 0;
    for (int i = 0; i < settled.size(); i++) {
      settles[settled.get(i)] = true;
      queue[tail++] = settled.get(i);
    }
    for (int head = 0; head < tail; head++) {
      for (int i = degree[queue[head]]; i < degree[queue[head] + 1]; i++) {
        if (!settles[sources[i]]) {
          settles[sources[i]] = true;
          queue[tail++] = sources[i];
        }
      }
    }
    for (int i = 0; i < states; i++) {
      if (!settles[i]) {
        return i;
      }
    }
    return -1;
  }

  private Found found(@Nullable String breach, int at) {
    int depth = at < 0 ? depths.get(depths.size() - 1) : depths.get(at);
    return new Found(
        seen.size(), moves, depth, settled.size(), breach, breach == null ? "" : trace(at));
  }

  /** The same moves once more, drawn. */
  private String trace(int number) {
    List<Integer> path = new ArrayList<>();
    for (int at = number; parents.get(at) >= 0; at = parents.get(at)) {
      path.add(0, ordinals.get(at));
    }
    Chart chart = Chart.of(start.columns());
    W world = start;
    for (int ordinal : path) {
      world = world.after(world.moves().get(ordinal), chart);
    }
    return chart.toString();
  }
}
