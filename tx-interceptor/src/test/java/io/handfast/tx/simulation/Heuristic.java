package io.handfast.tx.simulation;

import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.BranchSettled;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.port.TransactionStore.Durability;
import org.jspecify.annotations.Nullable;

/**
 * What an operator decides for a branch in doubt, and the end that stays because of it until the
 * truth is known (T21), as the engine keeps it. Confined to the world.
 */
final class Heuristic {
  private enum Kept {
    NOT,
    AWAITING,
    SETTLING,
    MIXED
  }

  private final Sidecar sidecar;

  /** For the branch that runs, or whose end is kept. */
  private @Nullable Outcome word;

  private Kept kept = Kept.NOT;

  Heuristic(Sidecar sidecar) {
    this.sidecar = sidecar;
  }

  /**
   * A branch in doubt, whose decider is another store. COMMIT would be too early while a Try may
   * still run.
   */
  boolean mayDecide() {
    return sidecar.isUp()
        && word == null
        && !sidecar.world.scenario.isBlock(sidecar.node())
        && sidecar.store() instanceof SimJournal
        && sidecar.host().number != 0
        && sidecar.branch() instanceof ParticipantState.Prepared prepared
        && !prepared.tryMayRun();
  }

  void decide(Outcome outcome) {
    word = outcome;
    sidecar.step(new ParticipantEvent.OperatorDecided(outcome));
  }

  void force(Outcome outcome) {
    sidecar
        .store()
        .write(
            new Entry.Resolved(sidecar.node(), outcome),
            Durability.FORCED,
            new SimStore.Told() {
              @Override
              public void durable() {
                sidecar.step(new ParticipantEvent.RecordDurable());
              }

              @Override
              public void refused() {
                word = null;
                sidecar.step(
                    new ParticipantEvent.WriteFailed(ParticipantEvent.Write.RESOLUTION, "full"));
              }

              @Override
              public void inDoubt() {
                sidecar.step(new ParticipantEvent.OwnDecisionInDoubt("disk"));
              }
            });
  }

  /** The operator's decision, for the end's record; null if there is none. */
  @Nullable Outcome word() {
    return word;
  }

  /** An outcome is told; false if that is nothing to do with an operator. */
  boolean takes(Outcome outcome) {
    if (word == null) {
      return false;
    }
    switch (kept) {
      case NOT -> sidecar.acknowledge(sidecar.world.machines.ofResolved());
      case AWAITING -> settle(outcome);
      case SETTLING -> sidecar.acknowledge(Acknowledgement.WORKING);
      case MIXED -> sidecar.acknowledge(Acknowledgement.HAZARD);
    }
    return true;
  }

  /** The branch is over: its end stays. */
  void over() {
    if (word != null) {
      kept = Kept.AWAITING;
      askLater();
    }
  }

  private void askLater() {
    sidecar.world.timer(
        sidecar.host().number,
        sidecar.node() + " asks for the truth",
        () -> {
          if (kept == Kept.AWAITING) {
            sidecar.asked().inquire(this::answered);
          }
        });
  }

  private void answered(@Nullable Answer answer) {
    if (kept != Kept.AWAITING) {
      return; // late
    }
    sidecar
        .world
        .story()
        .tell(() -> "  " + sidecar.node() + " InquiryAnswered[answer=" + answer + "]");
    if (answer == Answer.COMMITTED) {
      settle(Outcome.COMMIT);
    } else if (answer == Answer.ABORTED) {
      settle(Outcome.ABORT);
    } else {
      askLater();
    }
  }

  private void settle(Outcome truth) {
    kept = Kept.SETTLING;
    sidecar.world.words.offeredTruths.putIfAbsent(sidecar.node(), truth);
    sidecar
        .store()
        .write(
            new Entry.Settled(sidecar.node(), truth),
            Durability.FORCED,
            new SimStore.Told() {
              @Override
              public void durable() {
                settled(truth);
                boolean mixed = kept == Kept.MIXED;
                sidecar.acknowledge(mixed ? Acknowledgement.HAZARD : Acknowledgement.DONE);
              }

              @Override
              public void refused() {
                kept = Kept.AWAITING;
                askLater();
                sidecar.acknowledge(Acknowledgement.WORKING);
              }

              @Override
              public void inDoubt() {
                sidecar.acknowledge(Acknowledgement.WORKING);
              }
            });
  }

  private void settled(Outcome truth) {
    Outcome decided = word;
    if (decided != null && sidecar.world.machines.agrees(decided, truth)) {
      kept = Kept.NOT;
      word = null;
    } else {
      kept = Kept.MIXED;
    }
  }

  boolean isAwaited() {
    return kept == Kept.AWAITING || kept == Kept.SETTLING;
  }

  boolean isMixed() {
    return kept == Kept.MIXED;
  }

  void crash() {
    word = null;
    kept = Kept.NOT;
  }

  /** A restart has found the decision, and no end. */
  void recover(BranchOutcome decided) {
    word = outcome(decided);
  }

  /** A restart has found an end that stays, and what the truth is if that is known. */
  void keep(BranchOutcome decided, @Nullable BranchSettled truth) {
    word = outcome(decided);
    if (truth == null) {
      over();
    } else {
      settled(outcome(truth.getTruth()));
    }
  }

  static Outcome outcome(BranchOutcome outcome) {
    return outcome == BranchOutcome.BRANCH_COMMITTED ? Outcome.COMMIT : Outcome.ABORT;
  }
}
