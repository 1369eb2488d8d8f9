package io.handfast.tx.operator;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which transactions a list is to have.
 *
 * @param state empty: all; else one of {@link #states}
 * @param olderThan how long they have been known at least
 * @param limit how many at most of those in flight, and of those that have ended
 */
public record TransactionFilter(String state, Duration olderThan, int limit) {
  /** In flight, and neither in doubt nor kept for people. */
  public static final String ACTIVE = "active";

  /** With a branch in doubt, or a decision. */
  public static final String IN_DOUBT = "in-doubt";

  /** Not in flight, and kept until somebody has looked: hazards, what operators decided. */
  public static final String KEPT = "kept";

  /** Ended. */
  public static final String ENDED = "ended";

  /** How many are shown where nobody says how many. */
  public static final int DEFAULT_LIMIT = 500;

  /** How many may be asked for: making the list takes the engine's time. */
  public static final int MAX_LIMIT = 10_000;

  /** All of them. */
  public static final TransactionFilter ALL = new TransactionFilter("", Duration.ZERO);

  private static final Set<String> KEPT_STATES =
      Set.of("hazard", "heuristic-commit", "heuristic-rollback", "heuristic-mixed");

  /** States of the two machines, as a summary shows them. */
  private static final List<String> MACHINES =
      List.of(
          "aborted-working",
          "aborting",
          "asking",
          "awaiting-prepare",
          "beginning",
          "begun-recovered",
          "cancelling",
          "closing",
          "committing",
          "confirming",
          "deciding",
          "deciding-alone",
          "delegating",
          "ending",
          "new",
          "pre-committing",
          "preparing",
          "promising",
          "recording",
          "settling",
          "withdrawn",
          "working");

  private static final Set<String> STATES = words();

  /**
   * Refuses what no transaction can match.
   *
   * @throws IllegalArgumentException saying what is allowed
   */
  public TransactionFilter {
    if (!state.isEmpty() && !STATES.contains(state)) {
      throw new IllegalArgumentException(
          "state: " + state + " (expected: " + String.join(", ", STATES) + ")");
    }
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: 1 to " + MAX_LIMIT + ")");
    }
  }

  /** As many as are shown where nobody says how many. */
  public TransactionFilter(String state, Duration olderThan) {
    this(state, olderThan, DEFAULT_LIMIT);
  }

  private static Set<String> words() {
    Set<String> words = new TreeSet<>(MACHINES);
    words.addAll(KEPT_STATES);
    words.addAll(List.of(ACTIVE, IN_DOUBT, KEPT, ENDED));
    return Collections.unmodifiableSet(words);
  }

  /** The words that {@code state} may be, in the order of the alphabet. */
  public static Set<String> states() {
    return STATES;
  }

  /** Whether a transaction is to be in the list. */
  public boolean matches(TransactionSummary summary) {
    if (summary.ageMs() < olderThan.toMillis()) {
      return false;
    }
    boolean kept = isKept(summary);
    return switch (state) {
      case "" -> true;
      case KEPT -> kept;
      case ACTIVE -> !kept && !summary.state().equals(IN_DOUBT) && !summary.state().equals(ENDED);
      default -> summary.state().equals(state);
    };
  }

  /** Whether it stays for people. */
  static boolean isKept(TransactionSummary summary) {
    return KEPT_STATES.contains(summary.state());
  }
}
