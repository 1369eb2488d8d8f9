package io.handfast.tx.explorer;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Decided;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.explorer.Message.Kind;
import io.handfast.tx.explorer.Node.Entry;
import io.handfast.tx.explorer.Node.Kept;
import io.handfast.tx.explorer.Node.Write;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What operators decide and forget, and the ends that stay because of it until the truth is known
 * (T21). Confined to a move.
 */
final class OperatorShell {
  private final Step step;
  private final JournalWorld world;

  OperatorShell(Step step) {
    this.step = step;
    this.world = step.world;
  }

  // What operators may do, and do

  /**
   * A branch in doubt may be decided, where its decider is another store; but COMMIT has to wait
   * while its Try may still run, which would come after it.
   */
  static boolean mayDecide(JournalWorld world, Node node, Outcome outcome) {
    return node.up
        && node.number != 0
        && node.word == null
        && world.branch(node.number) instanceof ParticipantState.Prepared prepared
        && (outcome == Outcome.ABORT || !prepared.tryMayRun());
  }

  static boolean mayForget(Node node) {
    return node.up && node.kept != Kept.NOT;
  }

  /** A decision that somebody does not acknowledge may be forgotten. */
  static boolean mayForgetDecision(JournalWorld world) {
    return world.coordinator() instanceof CoordinatorState.Committing s
        && s.recorded()
        && s.responded();
  }

  void decides(Node node, Outcome outcome) {
    node.word = outcome;
    step.participants.step(node, new ParticipantEvent.OperatorDecided(outcome));
  }

  void forgets(Node node) {
    step.stores.write(node, new Write(Entry.FORGOTTEN.bit(), 0, false));
  }

  void forgetsDecision() {
    step.stores.write(world.nodes[0], new Write(Entry.DECISION_FORGOTTEN.bit(), 0, false));
  }

  /** The machine has the operator's decision forced. */
  void force(Node node, Outcome outcome) {
    step.stores.write(node, new Write(resolved(outcome).bit(), 0, false));
  }

  // What is told, and asked

  /** An outcome to a branch that was decided here, or that is over; false of any other. */
  boolean takes(Node node, Outcome outcome, int by) {
    boolean runs = node.branch != Interner.NONE;
    if (runs && node.word != null) {
      answer(node, by, step.model.machines.ofResolved());
    } else if (runs) {
      return false;
    } else if (node.kept == Kept.AWAITING) {
      node.toldBy = Math.max(node.toldBy, by);
      settle(node, outcome);
    } else if (node.kept == Kept.SETTLING) {
      answer(node, by, Acknowledgement.WORKING);
    } else if (node.kept == Kept.MIXED) {
      answer(node, by, Acknowledgement.HAZARD);
    } else if (node.has(Entry.FORGOTTEN)) {
      boolean agrees = done(node) == outcome;
      answer(node, by, agrees ? Acknowledgement.DONE : Acknowledgement.HAZARD);
    } else {
      return false;
    }
    return true;
  }

  /** At once; who told it before waits on. */
  private void answer(Node node, int by, Acknowledgement acknowledgement) {
    int waits = node.toldBy;
    node.toldBy = by;
    step.participants.acknowledge(node, acknowledgement);
    node.toldBy = waits;
  }

  /** Its back-off is over: asks for the truth. */
  void asks(Node node) {
    node.asksTruth = false;
    step.send(new Message(Kind.INQUIRY, node.number, 0, node.life, null, true));
  }

  void answered(Node node, @Nullable Answer answer) {
    if (node.kept != Kept.AWAITING) {
      return; // late
    }
    if (answer == Answer.COMMITTED) {
      settle(node, Outcome.COMMIT);
    } else if (answer == Answer.ABORTED) {
      settle(node, Outcome.ABORT);
    } else {
      node.asksTruth = true;
    }
  }

  /** The truth is forced before it is acknowledged. */
  private void settle(Node node, Outcome truth) {
    node.kept = Kept.SETTLING;
    node.asksTruth = false;
    Entry entry = truth == Outcome.COMMIT ? Entry.SETTLED_COMMIT : Entry.SETTLED_ABORT;
    step.stores.write(node, new Write(entry.bit(), 0, false));
  }

  /** Of a coordinator that was given up: what it decided. */
  @Nullable CoordinatorState ofForgotten() {
    Node node = world.nodes[0];
    if (world.coordinator != Interner.NONE || !node.has(Entry.DECISION_FORGOTTEN)) {
      return null;
    }
    Set<Decided> decided = new HashSet<>();
    for (int i = 0; i < world.nodes.length; i++) {
      if ((node.decided & 1 << i) != 0) {
        decided.add(new Decided(step.model.layout.branch(i).key(), ""));
      }
    }
    return new CoordinatorState.Ended(
        Layout.TX, CoordinatorState.Result.COMMITTED, decided, List.of());
  }

  // What becomes of writes

  void durable(Node node, int entries) {
    if ((entries & Node.RESOLVED) != 0) {
      step.participants.step(node, new ParticipantEvent.RecordDurable());
    } else if ((entries & Entry.FORGOTTEN.bit()) != 0) {
      node.kept = Kept.NOT;
      node.asksTruth = false;
    } else if ((entries & Entry.DECISION_FORGOTTEN.bit()) != 0) {
      if (mayForgetDecision(world)) {
        step.coordinator.crash(); // the machine and all of its timers
      }
    } else {
      settled(node, (entries & Entry.SETTLED_COMMIT.bit()) != 0 ? Outcome.COMMIT : Outcome.ABORT);
    }
  }

  private void settled(Node node, Outcome truth) {
    boolean agrees = agrees(node, truth);
    if (node.kept == Kept.SETTLING) { // not forgotten meanwhile
      node.kept = agrees ? Kept.NOT : Kept.MIXED;
    }
    step.participants.acknowledge(node, agrees ? Acknowledgement.DONE : Acknowledgement.HAZARD);
  }

  private boolean agrees(Node node, Outcome truth) {
    return step.model.machines.agrees(done(node), truth);
  }

  /** It is not there, and never will be. */
  void refused(Node node, int entries) {
    if ((entries & Node.RESOLVED) != 0) {
      node.word = null;
      step.participants.step(
          node, new ParticipantEvent.WriteFailed(ParticipantEvent.Write.RESOLUTION, "disk"));
    } else if ((entries & Node.SETTLED) != 0) {
      if (node.kept == Kept.SETTLING) {
        node.kept = Kept.AWAITING;
        node.asksTruth = true;
      }
      step.participants.acknowledge(node, Acknowledgement.WORKING);
    }
  }

  /** It may be there: nothing is done before a restart. */
  void inDoubt(Node node, int entries) {
    if ((entries & Node.RESOLVED) != 0) {
      step.participants.step(node, new ParticipantEvent.OwnDecisionInDoubt("disk"));
    } else if ((entries & Node.SETTLED) != 0) {
      step.participants.acknowledge(node, Acknowledgement.WORKING);
    }
  }

  // Life and death

  /** The machine is over: an end that an operator decided stays. */
  void over(Node node) {
    if (node.word != null) {
      node.word = null;
      awaitTruth(node);
    }
  }

  void crash(Node node) {
    node.word = null;
    node.kept = Kept.NOT;
    node.asksTruth = false;
  }

  /** A restart has found its end, and the operator's decision before it. */
  void keep(Node node) {
    if (!node.isResolved() || node.has(Entry.FORGOTTEN)) {
      return;
    }
    if (!node.has(Entry.SETTLED_COMMIT) && !node.has(Entry.SETTLED_ABORT)) {
      awaitTruth(node);
      return;
    }
    Outcome truth = node.has(Entry.SETTLED_COMMIT) ? Outcome.COMMIT : Outcome.ABORT;
    node.kept = agrees(node, truth) ? Kept.NOT : Kept.MIXED;
  }

  /** A restart has found the operator's decision, and no end. */
  void recover(Node node) {
    boolean commits = node.has(Entry.RESOLVED_COMMIT);
    node.word = commits ? Outcome.COMMIT : Outcome.ABORT;
    step.participants.recover(
        node,
        commits ? ParticipantEvent.Found.RESOLVED_COMMIT : ParticipantEvent.Found.RESOLVED_ABORT);
  }

  private static void awaitTruth(Node node) {
    node.kept = Kept.AWAITING;
    node.asksTruth = true;
  }

  private static Entry resolved(Outcome outcome) {
    return switch (outcome) {
      case COMMIT -> Entry.RESOLVED_COMMIT;
      case ABORT -> Entry.RESOLVED_ABORT;
    };
  }

  private static Outcome done(Node node) {
    return Stores.ended(node) == BranchOutcome.COMMITTED ? Outcome.COMMIT : Outcome.ABORT;
  }
}
