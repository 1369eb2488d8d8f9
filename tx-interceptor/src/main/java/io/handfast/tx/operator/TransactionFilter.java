package io.handfast.tx.operator;

import java.time.Duration;
import java.util.Set;

/**
 * Which transactions a list is to have.
 *
 * @param state empty: all; {@link #ACTIVE}, {@link #IN_DOUBT}, {@link #KEPT}, {@link #ENDED}, or a
 *     state as a summary shows it
 * @param olderThan how long they have been known at least
 */
public record TransactionFilter(String state, Duration olderThan) {
  /** In flight, and neither in doubt nor kept for people. */
  public static final String ACTIVE = "active";

  /** With a branch in doubt, or a decision. */
  public static final String IN_DOUBT = "in-doubt";

  /** Not in flight, and kept until somebody has looked: hazards, what operators decided. */
  public static final String KEPT = "kept";

  /** Ended. */
  public static final String ENDED = "ended";

  /** All of them. */
  public static final TransactionFilter ALL = new TransactionFilter("", Duration.ZERO);

  private static final Set<String> KEPT_STATES =
      Set.of("hazard", "heuristic-commit", "heuristic-rollback", "heuristic-mixed");

  /** Whether a transaction is to be in the list. */
  public boolean matches(TransactionSummary summary) {
    if (summary.ageMs() < olderThan.toMillis()) {
      return false;
    }
    boolean kept = KEPT_STATES.contains(summary.state());
    return switch (state) {
      case "" -> true;
      case KEPT -> kept;
      case ACTIVE -> !kept && !summary.state().equals(IN_DOUBT) && !summary.state().equals(ENDED);
      default -> summary.state().equals(state);
    };
  }
}
