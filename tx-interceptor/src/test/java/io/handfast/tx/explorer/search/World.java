package io.handfast.tx.explorer.search;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One state of a world, and what can happen in it. Never changes once it is made: {@link #after}
 * makes another.
 *
 * @param <W> the world itself
 */
public interface World<W extends World<W>> {

  /**
   * Something that can happen.
   *
   * @param kind of it, as the world names them
   * @param at where
   * @param which of several
   * @param fault true if it cannot happen any more once failures have healed
   */
  record Move(Enum<?> kind, int at, int which, boolean fault) {}

  /** Everything that can happen now, always in the same order. */
  List<Move> moves();

  /** The world after {@code move}, told to {@code chart}. */
  W after(Move move, Chart chart);

  /** Adds all that tells this state from another. */
  void describe(Fingerprint into);

  /** What must never be and is, or null. */
  @Nullable String breach();

  /**
   * Nothing is left to do: no machine runs, nothing is on its way. What must hold then is checked
   * by {@link #breach}.
   */
  boolean isSettled();

  /** Who stands in a chart, from left to right. */
  List<String> columns();
}
