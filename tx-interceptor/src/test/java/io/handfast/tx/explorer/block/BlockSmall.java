package io.handfast.tx.explorer.block;

import io.handfast.tx.explorer.Machines;
import io.handfast.tx.explorer.search.Search;
import java.util.List;

/**
 * A world with blocks of SQL that is small enough to be seen whole.
 *
 * @param owners of its blocks: 0 is the boundary's service, 1 the one that it calls
 */
public record BlockSmall(List<Integer> owners, BlockBounds bounds) {
  /** States of one world; more than the largest one has. */
  private static final int MAX_STATES = 6_000_000;

  private static final List<Integer> ONE = List.of(1);
  private static final List<Integer> TWO = List.of(0, 1);
  private static final List<Integer> BOTH = List.of(1, 1);

  /** Seen in every build: seconds. */
  public static List<BlockSmall> always() {
    return List.of(
        new BlockSmall(TWO, BlockBounds.CALM),
        new BlockSmall(BOTH, BlockBounds.CALM),
        new BlockSmall(ONE, new BlockBounds(1, 0, 0, 0, 1, 1)),
        new BlockSmall(ONE, new BlockBounds(0, 0, 0, 2, 1, 1)),
        new BlockSmall(ONE, new BlockBounds(1, 1, 0, 0, 1, 0)),
        new BlockSmall(ONE, new BlockBounds(1, 0, 1, 0, 1, 0)),
        new BlockSmall(ONE, new BlockBounds(1, 0, 0, 1, 1, 0)),
        new BlockSmall(TWO, new BlockBounds(1, 0, 0, 0, 1, 0)));
  }

  /** More of everything; minutes. */
  public static List<BlockSmall> wide() {
    return List.of(
        new BlockSmall(ONE, new BlockBounds(1, 1, 1, 0, 1, 1)),
        new BlockSmall(ONE, new BlockBounds(2, 0, 0, 1, 1, 0)),
        new BlockSmall(BOTH, new BlockBounds(1, 0, 0, 0, 0, 0)));
  }

  /** Walks all of it, with these machines. */
  public Search.Found explore(Machines machines) {
    BlockWorld start = BlockWorld.begin(new BlockLayout(owners), machines, bounds);
    return new Search<>(start, MAX_STATES).run();
  }

  @Override
  public String toString() {
    return new BlockLayout(owners) + "; " + bounds;
  }
}
