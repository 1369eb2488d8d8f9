package io.handfast.tx.explorer.search;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What can happen in a world, as it is collected. Confined to one state. */
public final class Moves {
  private final List<World.Move> all = new ArrayList<>();

  /** Always in the order in which they were added. */
  public List<World.Move> all() {
    return all;
  }

  public void can(Enum<?> kind, int at, int which) {
    all.add(new World.Move(kind, at, which, false));
  }

  /** A fault, as long as the budget for it lasts. */
  public void might(int budget, Enum<?> kind, int at, int which) {
    if (budget > 0) {
      all.add(new World.Move(kind, at, which, true));
    }
  }

  /** Early at the cost of a budget; for nothing where all is quiet. */
  public void timer(boolean quiet, int budget, Enum<?> kind, int at, int which) {
    if (quiet) {
      can(kind, at, which);
    } else {
      might(budget, kind, at, which);
    }
  }

  /** Whether nothing can happen so far but faults, and what may be as late as it likes. */
  public boolean isQuiet(Predicate<World.Move> late) {
    return all.stream().allMatch(it -> it.fault() || late.test(it));
  }
}
