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
import io.handfast.tx.engine.answer.Told;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.LiveRecords;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.engine.observe.EngineMeters;
import io.handfast.tx.engine.observe.Names;
import io.handfast.tx.engine.observe.Story;
import io.handfast.tx.operator.TransactionDetail.BranchView;
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

  private final Map<BranchKey, KeptEnd> kept = new LinkedHashMap<>();
  private @Nullable Wiring wired;

  /** Once, before anything is kept. */
  void wire(Wiring wiring) {
    wired = wiring;
  }

  private Wiring wiring() {
    return Objects.requireNonNull(wired, "wired");
  }

  /** Whether so many stay that no more work is taken on which could add to them. */
  boolean isFull() {
    return kept.size() >= Bounds.MAX_KEPT;
  }

  boolean holds(BranchKey key) {
    return kept.containsKey(key);
  }

  /** How a branch ended that is kept; null for any other. */
  @Nullable BranchEnded end(BranchKey key) {
    KeptEnd end = kept.get(key);
    return end == null ? null : end.ended;
  }

  /**
   * Takes up an end that stays.
   *
   * @param truth what the transaction came to, if that is recorded
   * @param sinceMs when it ended, for people
   * @param expiresNanos when the transaction's deadline has passed, on the loop's clock
   */
  void keep(BranchEnded ended, @Nullable BranchSettled truth, long sinceMs, long expiresNanos) {
    BranchKey key = LiveRecords.key(ended);
    if (kept.containsKey(key)) {
      return;
    }
    Story story = wiring().history().join(key.tx(), sinceMs);
    KeptEnd end = new KeptEnd(ended, truth == null ? null : truth.getTruth(), story, expiresNanos);
    kept.put(key, end);
    moved(end, "ended", "kept");
    shown(end);
    if (end.awaitsTruth()) {
      askLater(end);
    }
  }

  private void shown(KeptEnd end) {
    end.story.stays(end.key.branch(), end.word());
    end.story.detail(end.detail());
    wiring().meters().kept(kept.size());
  }

  private static void moved(KeptEnd end, String before, String event) {
    moved(end, before, end.word(), event);
  }

  private static void moved(KeptEnd end, String before, String now, String event) {
    if (log.isDebugEnabled()) {
      log.atDebug()
          .addKeyValue("txId", end.key.tx())
          .addKeyValue("branchId", end.key.branch())
          .log("branch: {} -> {}: {}", before, now, event);
    }
  }

  /** The branches of one transaction that are kept here. */
  List<BranchView> views(TxId tx) {
    return of(tx).stream().map(KeptEnd::view).toList();
  }

  private List<KeptEnd> of(TxId tx) {
    return kept.values().stream().filter(it -> it.key.tx().equals(tx)).toList();
  }

  /** Ends of one transaction that are kept here. */
  List<BranchEnded> ends(TxId tx) {
    return of(tx).stream().map(it -> it.ended).toList();
  }

  /** Somebody who may tells the outcome of a branch that is kept here. */
  void told(BranchKey key, Outcome outcome, Consumer<Told> reply) {
    KeptEnd end = kept.get(key);
    if (end == null || end.settling) {
      reply.accept(Told.WORKING);
    } else if (end.awaitsTruth()) {
      settle(end, outcome, reply);
    } else {
      reply.accept(new Told(Acknowledgement.HAZARD, end.detail()));
    }
  }

  private void askLater(KeptEnd end) {
    if (end.timer != null) {
      end.timer.cancel();
    }
    end.timer = wiring().loop().schedule(wiring().backoff().nanos(end.asked + 1), () -> ask(end));
  }

  private void ask(KeptEnd end) {
    Decider decider = Messages.decider(end.ended);
    if (!isAwaited(end) || decider == null) {
      return;
    }
    end.asked++;
    new Inquirer(
            wiring(),
            end.key,
            Messages.authority(end.ended.getParticipant(), "record branch_ended.participant"),
            decider,
            end.protocol(),
            end.ended.getHandle())
        .ask(
            wiring().loop().nanoTime() - end.expiresNanos >= 0,
            answer -> answered(end, answer),
            () -> askLater(end));
  }

  private boolean isAwaited(KeptEnd end) {
    return kept.get(end.key) == end && end.awaitsTruth() && !end.settling;
  }

  private void answered(KeptEnd end, @Nullable Answer answer) {
    if (!isAwaited(end)) {
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
  private void settle(KeptEnd end, Outcome outcome, Consumer<Told> reply) {
    end.settling = true;
    ForcePoints.beforeSettlement(end.key.tx(), end.key.branch());
    wiring()
        .writer()
        .write(
            Record.newBuilder()
                .setSettled(
                    BranchSettled.newBuilder()
                        .setTxId(end.ended.getTxId())
                        .setBranchId(end.ended.getBranchId())
                        .setTruth(KeptEnd.outcome(outcome))),
            Durability.FORCED,
            Need.ESSENTIAL,
            new Writer.Written() {
              @Override
              public void durable() {
                ForcePoints.afterSettlement(end.key.tx(), end.key.branch());
                settled(end, outcome, reply);
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

  private void settled(KeptEnd end, Outcome outcome, Consumer<Told> reply) {
    BranchOutcome truth = KeptEnd.outcome(outcome);
    end.settling = false;
    if (end.timer != null) {
      end.timer.cancel();
    }
    if (kept.get(end.key) != end) {
      reply.accept(ofForgotten(end.ended, outcome)); // meanwhile
      return;
    }
    if (end.story.isParticipantOnly()) {
      end.story.outcome(KeptEnd.word(truth));
    }
    String before = end.word();
    end.settle(truth);
    boolean over = truth == end.ended.getOutcome();
    String event = "truth: " + KeptEnd.word(truth);
    String now = over ? "ended" : end.word();
    end.story.add(wiring().loop().epochMillis(), end.key.branch(), event, now);
    moved(end, before, now, event);
    if (over) {
      drop(end);
      reply.accept(new Told(Acknowledgement.DONE, ""));
      return;
    }
    shown(end);
    if (end.isMixed()) {
      wiring().meters().heuristic(EngineMeters.Heuristic.MIXED);
      log.atError()
          .addKeyValue("txId", end.key.tx())
          .addKeyValue("branchId", end.key.branch())
          .log("branch: {}", end.detail());
    }
    reply.accept(new Told(Acknowledgement.HAZARD, end.detail()));
  }

  /** Shown no more. */
  void forget(BranchEnded ended) {
    KeptEnd end = kept.get(LiveRecords.key(ended));
    if (end != null) {
      if (end.timer != null) {
        end.timer.cancel();
      }
      end.story.add(
          wiring().loop().epochMillis(), end.key.branch(), "forgotten by an operator", "ended");
      moved(end, end.word(), "ended", "forgotten by an operator");
      drop(end);
    }
  }

  private void drop(KeptEnd end) {
    kept.remove(end.key);
    end.story.settled(end.key.branch());
    end.story.branchEnded(end.atRest());
    wiring().meters().kept(kept.size());
    wiring().history().leave(end.story, wiring().loop().epochMillis());
  }

  /** How an outcome agrees with what somebody has forgotten. */
  static Told ofForgotten(BranchEnded ended, Outcome told) {
    if (KeptEnd.agrees(ended, told)) {
      return new Told(Acknowledgement.DONE, "");
    }
    String detail =
        ended.hasResolution()
            ? KeptEnd.resolved(ended.getResolution())
            : KeptEnd.word(ended.getOutcome()) + ": " + ended.getDetail();
    return new Told(
        Acknowledgement.HAZARD,
        "told " + Names.lower(told) + " of what an operator has forgotten: " + detail);
  }
}
