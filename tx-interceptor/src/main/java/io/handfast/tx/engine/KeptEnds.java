package io.handfast.tx.engine;

import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.BranchSettled;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.engine.answer.Told;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.LiveRecords;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.engine.observe.EngineMeters;
import io.handfast.tx.engine.observe.Names;
import io.handfast.tx.engine.observe.Story;
import io.handfast.tx.operator.TransactionDetail.BranchView;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.TransactionStore.Durability;
import io.handfast.tx.port.TransactionStore.Need;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Branches that are over, and are not done with: an operator decided, and the truth is not known or
 * is another one, or the service refused the outcome for good (T21). They are shown, over restarts,
 * until the truth agrees or an operator forgets them. Whose truth is not known asks for it; what is
 * found is recorded before anybody is told that it was heard, and what was done is never
 * overwritten.
 *
 * <p>Confined to the engine's loop.
 */
final class KeptEnds {
  private static final Logger log = LoggerFactory.getLogger(KeptEnds.class);

  private final Map<BranchKey, Kept> kept = new LinkedHashMap<>();
  private @Nullable Wiring wired;

  /** Once, before anything is kept. */
  void wire(Wiring wiring) {
    wired = wiring;
  }

  private Wiring wiring() {
    return Objects.requireNonNull(wired, "wired");
  }

  /** One of them. */
  private static final class Kept {
    final BranchKey key;
    final BranchEnded ended;
    final Story story;
    final long expiresNanos;
    @Nullable BranchOutcome truth;
    EngineLoop.@Nullable Timer timer;
    boolean settling;
    int asked;

    Kept(BranchKey key, BranchEnded ended, Story story, long expiresNanos) {
      this.key = key;
      this.ended = ended;
      this.story = story;
      this.expiresNanos = expiresNanos;
    }

    boolean isHazard() {
      return ended.getOutcome() == BranchOutcome.HEURISTIC_HAZARD;
    }

    /** What an operator decided, and whether it agrees nobody knows yet. */
    boolean awaitsTruth() {
      return !isHazard() && truth == null;
    }

    String word() {
      if (isHazard()) {
        return "hazard";
      }
      if (truth != null) {
        return "heuristic-mixed";
      }
      return ended.getOutcome() == BranchOutcome.BRANCH_COMMITTED
          ? "heuristic-commit"
          : "heuristic-rollback";
    }
  }

  boolean holds(BranchKey key) {
    return kept.containsKey(key);
  }

  /** Whose outcome it would have been; null where it is not known here, or was not recorded. */
  @Nullable Decider decider(BranchKey key) {
    Kept end = kept.get(key);
    return end == null ? null : Messages.decider(end.ended);
  }

  /**
   * Takes up an end that stays.
   *
   * @param truth what the transaction came to, if that is recorded: it is another outcome then
   * @param sinceMs when it ended, for people
   * @param expiresNanos when the transaction's deadline has passed, on the loop's clock
   */
  void keep(BranchEnded ended, @Nullable BranchSettled truth, long sinceMs, long expiresNanos) {
    BranchKey key = LiveRecords.key(ended);
    if (kept.containsKey(key)) {
      return;
    }
    Story story = wiring().history().join(key.tx(), sinceMs);
    Kept end = new Kept(key, ended, story, expiresNanos);
    end.truth = truth == null ? null : truth.getTruth();
    kept.put(key, end);
    shown(end);
    if (end.awaitsTruth()) {
      askLater(end);
    }
  }

  private void shown(Kept end) {
    end.story.stays(end.key.branch(), end.word());
    end.story.detail(detail(end));
    wiring().meters().kept(kept.size());
  }

  /** The branches of one transaction that are kept here. */
  List<BranchView> views(TxId tx) {
    return of(tx).stream().map(KeptEnds::view).toList();
  }

  private List<Kept> of(TxId tx) {
    return kept.values().stream().filter(it -> it.key.tx().equals(tx)).toList();
  }

  /** Ends of one transaction that are kept here. */
  List<BranchEnded> ends(TxId tx) {
    return of(tx).stream().map(it -> it.ended).toList();
  }

  private static BranchView view(Kept end) {
    return new BranchView(
        end.key.branch().toString(),
        end.ended.getService(),
        end.ended.getParticipant(),
        end.ended.getMode(),
        end.word(),
        "prepared",
        waitsFor(end));
  }

  private static String waitsFor(Kept end) {
    if (end.awaitsTruth()) {
      return "the outcome, from "
          + end.ended.getDecider()
          + " at "
          + end.ended.getCoordinator()
          + " (asked "
          + end.asked
          + " times)";
    }
    return "an operator: repair what its service shows, then `handfast tx forget`";
  }

  private static String detail(Kept end) {
    String by = end.ended.hasResolution() ? resolved(end.ended) : "";
    if (end.isHazard()) {
      return "hazard: " + end.ended.getDetail() + (by.isEmpty() ? "" : "; " + by);
    }
    return end.truth == null
        ? by
        : "heuristic mixed: the transaction was "
            + word(end.truth)
            + ", the branch "
            + word(end.ended.getOutcome())
            + "; "
            + by;
  }

  static String resolved(BranchEnded ended) {
    var resolution = ended.getResolution();
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

  /** Somebody who may tells the outcome of a branch that is kept here. */
  void told(BranchKey key, Outcome outcome, Consumer<Told> reply) {
    Kept end = kept.get(key);
    if (end == null || end.settling) {
      reply.accept(Told.WORKING);
    } else if (end.awaitsTruth()) {
      settle(end, outcome, reply);
    } else {
      reply.accept(new Told(Acknowledgement.HAZARD, detail(end)));
    }
  }

  private void askLater(Kept end) {
    if (end.timer != null) {
      end.timer.cancel();
    }
    end.timer = wiring().loop().schedule(wiring().backoff().nanos(end.asked + 1), () -> ask(end));
  }

  private void ask(Kept end) {
    Decider decider = Messages.decider(end.ended);
    if (!holds(end.key) || !end.awaitsTruth() || end.settling || decider == null) {
      return;
    }
    end.asked++;
    new Inquirer(
            wiring(),
            end.key,
            Messages.authority(end.ended.getParticipant(), "record branch_ended.participant"),
            decider)
        .ask(
            wiring().loop().nanoTime() - end.expiresNanos >= 0,
            answer -> answered(end, answer),
            () -> askLater(end));
  }

  private void answered(Kept end, @Nullable Answer answer) {
    if (!holds(end.key) || !end.awaitsTruth() || end.settling) {
      return; // late
    }
    switch (answer) {
      case COMMITTED -> settle(end, Outcome.COMMIT, told -> {});
      case ABORTED -> {
        if (end.ended.getRestored()) {
          askLater(end); // from a backup: it may have committed, and been forgotten, since (T13)
        } else {
          settle(end, Outcome.ABORT, told -> {});
        }
      }
      case PENDING, NOT_MINE -> askLater(end);
      case null -> askLater(end);
    }
  }

  /** The truth is known: durable first, for whoever told it may forget it then. */
  private void settle(Kept end, Outcome outcome, Consumer<Told> reply) {
    end.settling = true;
    BranchOutcome truth =
        switch (outcome) {
          case COMMIT -> BranchOutcome.BRANCH_COMMITTED;
          case ABORT -> BranchOutcome.BRANCH_ABORTED;
        };
    wiring()
        .writer()
        .write(
            Record.newBuilder()
                .setSettled(
                    BranchSettled.newBuilder()
                        .setTxId(end.ended.getTxId())
                        .setBranchId(end.ended.getBranchId())
                        .setTruth(truth)),
            Durability.FORCED,
            Need.ESSENTIAL,
            new Writer.Written() {
              @Override
              public void durable() {
                settled(end, truth, reply);
              }

              @Override
              public void refused(String reason) {
                end.settling = false;
                askLater(end);
                reply.accept(Told.WORKING);
              }

              @Override
              public void inDoubt(String reason) {
                reply.accept(Told.WORKING); // nothing gets durable before a restart
              }
            });
  }

  private void settled(Kept end, BranchOutcome truth, Consumer<Told> reply) {
    end.settling = false;
    if (end.timer != null) {
      end.timer.cancel();
    }
    if (kept.get(end.key) != end) {
      reply.accept(new Told(Acknowledgement.DONE, "")); // forgotten meanwhile
      return;
    }
    boolean agrees = truth == end.ended.getOutcome();
    if (end.story.isParticipantOnly()) {
      end.story.outcome(word(truth));
    }
    end.story.add(
        wiring().loop().epochMillis(),
        end.key.branch(),
        "truth: " + word(truth),
        agrees ? "ended" : "heuristic-mixed");
    if (agrees) {
      drop(end);
      reply.accept(new Told(Acknowledgement.DONE, ""));
      return;
    }
    end.truth = truth;
    wiring().meters().heuristic(EngineMeters.Heuristic.MIXED);
    shown(end);
    log.atError()
        .addKeyValue("txId", end.key.tx())
        .addKeyValue("branchId", end.key.branch())
        .log("branch: {}", detail(end));
    reply.accept(new Told(Acknowledgement.HAZARD, detail(end)));
  }

  /** Shown no more. */
  void forget(BranchEnded ended) {
    Kept end = kept.get(LiveRecords.key(ended));
    if (end != null) {
      if (end.timer != null) {
        end.timer.cancel();
      }
      drop(end);
    }
  }

  private void drop(Kept end) {
    kept.remove(end.key);
    end.story.settled(end.key.branch());
    end.story.branchEnded(view(end));
    wiring().meters().kept(kept.size());
    wiring().history().leave(end.story, wiring().loop().epochMillis());
  }

  /** How an outcome agrees with what somebody has forgotten. */
  static Told ofForgotten(BranchEnded ended, Outcome told) {
    boolean agrees =
        switch (told) {
          case COMMIT -> ended.getOutcome() == BranchOutcome.BRANCH_COMMITTED;
          case ABORT -> ended.getOutcome() == BranchOutcome.BRANCH_ABORTED;
        };
    if (agrees) {
      return new Told(Acknowledgement.DONE, "");
    }
    String detail =
        ended.hasResolution()
            ? resolved(ended)
            : word(ended.getOutcome()) + ": " + ended.getDetail();
    return new Told(
        Acknowledgement.HAZARD,
        "told " + Names.lower(told) + " of what an operator has forgotten: " + detail);
  }
}
