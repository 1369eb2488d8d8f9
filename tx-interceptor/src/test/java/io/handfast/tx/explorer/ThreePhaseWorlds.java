package io.handfast.tx.explorer;

import static io.handfast.tx.core.Branch.Durability.FORCED;
import static io.handfast.tx.core.Branch.Durability.OVERLAPPED;
import static io.handfast.tx.core.Branch.Durability.READ_ONLY;

import java.util.List;

/**
 * Small worlds of THREE_PHASE. But for those of {@link #parted} their network is synchronous: a
 * sidecar that does not answer has died, and what it sent has arrived before that is found out.
 */
public final class ThreePhaseWorlds {
  private static final Layout TWO = Layout.of(FORCED, FORCED).threePhase();
  private static final Layout CALLEES = Layout.of(READ_ONLY, FORCED, FORCED).threePhase();
  private static final Layout THREE = Layout.of(FORCED, FORCED, FORCED).threePhase();
  private static final Bounds EARLY = Bounds.NONE.early(1);

  private ThreePhaseWorlds() {}

  /** Seen in every build: seconds. */
  public static List<Small> always() {
    return List.of(
        on(TWO, Bounds.CALM),
        on(THREE, Bounds.CALM),
        on(Layout.of(READ_ONLY, OVERLAPPED).threePhase(), Bounds.CALM),
        on(TWO, EARLY.crashes(2)),
        on(TWO, EARLY.crashes(1).drops(1)),
        on(TWO, Bounds.NONE.crashes(1).duplicates(1)),
        on(TWO, Bounds.NONE.crashes(1).disk(1)),
        on(TWO.asking(1), EARLY.crashes(1).service(1)),
        on(CALLEES, Bounds.NONE.crashes(2)));
  }

  /** More of everything; minutes. */
  public static List<Small> wide() {
    return List.of(
        on(TWO, EARLY.crashes(1).duplicates(1)),
        on(TWO, EARLY.crashes(1).disk(1)),
        on(TWO, EARLY.crashes(2).drops(1)),
        on(CALLEES, EARLY.crashes(2)),
        on(THREE, Bounds.NONE.crashes(2)));
  }

  /**
   * Where a wrong machine is looked for, the smallest first; nothing but what is in {@link
   * #always}, where the real ones are.
   */
  public static List<Small> hunts() {
    return List.of(
        on(TWO, Bounds.CALM),
        on(TWO, EARLY),
        on(TWO, EARLY.crashes(1)),
        on(TWO, Bounds.NONE.crashes(1).disk(1)),
        on(TWO, EARLY.crashes(2)),
        on(CALLEES, Bounds.NONE.crashes(2)));
  }

  /** Who is cut off is taken for dead, and goes on. */
  public static Small parted() {
    return on(TWO, EARLY.drops(3).parting());
  }

  private static Small on(Layout layout, Bounds bounds) {
    return new Small("THREE_PHASE", layout, bounds);
  }
}
