package io.handfast.tx.engine;

import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.Resolution;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.LiveRecords;
import io.handfast.tx.engine.observe.Story;
import io.handfast.tx.operator.TransactionDetail.BranchView;
import io.handfast.tx.port.EngineLoop;
import org.jspecify.annotations.Nullable;

/**
 * One branch that is over and not done with: how it ended, what an operator decided of it if one
 * did, and the truth when that is known. Confined to the engine's loop.
 */
final class KeptEnd {
  final BranchKey key;
  final BranchEnded ended;
  final Story story;
  final long expiresNanos;
  EngineLoop.@Nullable Timer timer;

  /** The truth is being recorded. */
  boolean settling;

  /** How often it has asked for the truth. */
  int asked;

  private @Nullable BranchOutcome truth;

  /**
   * @param truth what the transaction came to, if that is recorded
   * @param expiresNanos when the transaction's deadline has passed, on the loop's clock
   */
  KeptEnd(BranchEnded ended, @Nullable BranchOutcome truth, Story story, long expiresNanos) {
    this.key = LiveRecords.key(ended);
    this.ended = ended;
    this.truth = truth;
    this.story = story;
    this.expiresNanos = expiresNanos;
  }

  /** The service did not do it. */
  boolean isHazard() {
    return ended.getOutcome() == BranchOutcome.HEURISTIC_HAZARD;
  }

  /**
   * Whether an operator decided, and nobody knows yet whether rightly. Of a hazard that was told
   * the truth is what it was told.
   */
  boolean awaitsTruth() {
    return ended.hasResolution() && truth == null;
  }

  /** Whether the transaction came to something else than what an operator decided. */
  boolean isMixed() {
    return truth != null && truth != ended.getResolution().getOutcome();
  }

  /** The truth is recorded. */
  void settle(BranchOutcome known) {
    truth = known;
  }

  Protocol protocol() {
    return ended.getThreePhase() ? Protocol.THREE_PHASE : Protocol.TWO_PHASE;
  }

  /** How it is shown in a list. */
  String word() {
    if (isMixed()) {
      return "heuristic-mixed";
    }
    if (isHazard()) {
      return "hazard";
    }
    return ended.getOutcome() == BranchOutcome.BRANCH_COMMITTED
        ? "heuristic-commit"
        : "heuristic-rollback";
  }

  /** What happened, for people and for whoever tells an outcome that does not agree. */
  String detail() {
    String by = ended.hasResolution() ? resolved(ended.getResolution()) : "";
    if (!isHazard()) {
      return isMixed() ? "heuristic mixed: " + truth() + branch() + "; " + by : by;
    }
    String hazard = "hazard: " + ended.getDetail();
    if (by.isEmpty()) {
      return hazard;
    }
    return (isMixed() ? "heuristic mixed: " : "")
        + hazard
        + (truth == null ? "" : "; " + truth())
        + "; "
        + by;
  }

  private String truth() {
    return "the transaction was " + (truth == null ? Problems.UNKNOWN : word(truth));
  }

  private String branch() {
    return ", the branch " + word(ended.getOutcome());
  }

  BranchView view() {
    return view(waitsFor());
  }

  /** Nobody has to do anything about it any more. */
  BranchView atRest() {
    return view("");
  }

  private BranchView view(String waitsFor) {
    return new BranchView(
        key.branch().toString(),
        ended.getService(),
        ended.getParticipant(),
        ended.getMode(),
        word(),
        "prepared",
        waitsFor,
        ended.getHandle(),
        "");
  }

  private String waitsFor() {
    String person = "an operator: repair what its service shows, then `handfast tx forget`";
    if (!awaitsTruth()) {
      return person;
    }
    String decider =
        "the outcome, from %s at %s (asked %d times)"
            .formatted(ended.getDecider(), ended.getCoordinator(), asked);
    return isHazard() ? decider + ", and " + person : decider;
  }

  /** How an outcome agrees with the way in which a branch ended. */
  static boolean agrees(BranchEnded ended, Outcome told) {
    return outcome(told) == ended.getOutcome();
  }

  static BranchOutcome outcome(Outcome told) {
    return switch (told) {
      case COMMIT -> BranchOutcome.BRANCH_COMMITTED;
      case ABORT -> BranchOutcome.BRANCH_ABORTED;
    };
  }

  static String resolved(Resolution resolution) {
    return word(resolution.getOutcome())
        + " by "
        + resolution.getBy()
        + ": "
        + resolution.getReason();
  }

  static String word(BranchOutcome outcome) {
    return switch (outcome) {
      case BRANCH_COMMITTED -> Problems.COMMITTED;
      case BRANCH_ABORTED -> Problems.ABORTED;
      case BRANCH_READ_ONLY -> "read-only";
      case HEURISTIC_HAZARD -> "a hazard";
      case BRANCH_OUTCOME_UNSPECIFIED, UNRECOGNIZED -> Problems.UNKNOWN;
    };
  }
}
