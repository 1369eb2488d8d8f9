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

  public static final Small CALM = on(TWO, Bounds.CALM);
  public static final Small EARLY_TIMER = on(TWO, EARLY);
  public static final Small DISK = on(TWO, Bounds.NONE.disk(1));
  public static final Small CRASH = on(TWO, Bounds.NONE.crashes(1));
  public static final Small CRASH_OF_CALLEES = on(CALLEES, Bounds.NONE.crashes(1));
  public static final Small CRASH_AND_EARLY_TIMER = on(TWO, EARLY.crashes(1));
  public static final Small CRASHES = on(TWO, Bounds.NONE.crashes(2));
  public static final Small DISK_AND_EARLY_TIMER = on(TWO, EARLY.disk(1));
  public static final Small CRASH_AND_DISK = on(TWO, Bounds.NONE.crashes(1).disk(1));
  public static final Small CRASHES_OF_CALLEES = on(CALLEES, Bounds.NONE.crashes(2));
  public static final Small LATE_PRE_COMMITS =
      on(CALLEES, Bounds.NONE.crashes(2).withLatePreCommits());

  /** The coordinator may be asked while it reads its store, after a restart. */
  public static final Small LATE_PRE_COMMITS_AND_READING =
      on(CALLEES, Bounds.NONE.crashes(2).strangers(1).withLatePreCommits());

  private ThreePhaseWorlds() {}

  /** Seen in every build: seconds. */
  public static List<Small> always() {
    return List.of(
        CALM,
        on(THREE, Bounds.CALM),
        on(Layout.of(READ_ONLY, OVERLAPPED).threePhase(), Bounds.CALM),
        on(TWO, EARLY.crashes(2)),
        on(TWO, EARLY.crashes(1).drops(1)),
        on(TWO, Bounds.NONE.crashes(1).duplicates(1)),
        CRASH_AND_DISK,
        DISK_AND_EARLY_TIMER,
        on(THREE, Bounds.NONE.crashes(1)),
        on(TWO.asking(1), EARLY.crashes(1).service(1)),
        CRASHES_OF_CALLEES);
  }

  /** More of everything; minutes. */
  public static List<Small> wide() {
    return List.of(
        on(TWO, EARLY.crashes(1).duplicates(1)),
        on(TWO, EARLY.crashes(1).disk(1)),
        on(TWO, EARLY.crashes(2).drops(1)),
        on(CALLEES, EARLY.crashes(2)));
  }

  /** Where a wrong machine is looked for, the smallest first. */
  public static List<Small> hunts() {
    return List.of(
        CALM,
        EARLY_TIMER,
        DISK,
        CRASH,
        CRASH_OF_CALLEES,
        CRASH_AND_EARLY_TIMER,
        CRASHES,
        DISK_AND_EARLY_TIMER,
        CRASH_AND_DISK,
        CRASHES_OF_CALLEES,
        LATE_PRE_COMMITS,
        LATE_PRE_COMMITS_AND_READING);
  }

  /** Who has died may be heard yet: what it asked for comes when others have begun to decide. */
  public static List<Small> late() {
    return List.of(on(TWO, EARLY.crashes(2).withLatePreCommits()), LATE_PRE_COMMITS_AND_READING);
  }

  /** Who is cut off is taken for dead, and goes on. */
  public static Small parted() {
    return on(TWO, EARLY.drops(3).parting());
  }

  /** The same without that: the control. */
  public static Small whole() {
    return on(TWO, EARLY.drops(3));
  }

  /** Ended branches forget how: not all who come back learn it, and nobody learns what is wrong. */
  public static List<Small> forgetful() {
    return List.of(
        on(TWO, Bounds.NONE.crashes(2).forgetting()),
        on(CALLEES, Bounds.NONE.crashes(1).forgetting()));
  }

  private static Small on(Layout layout, Bounds bounds) {
    return new Small("THREE_PHASE", layout, bounds);
  }
}
