package io.handfast.tx.explorer;

import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.explorer.Message.Kind;
import io.handfast.tx.explorer.Node.Entry;
import io.handfast.tx.explorer.Node.Write;
import java.util.ArrayList;
import java.util.List;

/** What becomes of writes, and of sidecars that die and come back. Confined to one move. */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class Stores {
  private static final int OF_COORDINATOR =
      Entry.DECISION.bit() | Entry.TRANSACTION_END.bit() | Entry.PRE_COMMIT.bit();
  private static final int OF_MEMBER = Entry.PRE_COMMITTED.bit() | Entry.WITHDRAWN.bit();

  private final Step step;
  private final JournalWorld world;

  Stores(Step step) {
    this.step = step;
    this.world = step.world;
  }

  /** Takes a record, if it can; what becomes of it is told by a later move. */
  void write(Node node, Write write) {
    if (node.stopped) {
      step.locally(() -> refused(node, write));
      return;
    }
    List<Write> pending = new ArrayList<>(world.pending(node));
    pending.add(write);
    world.pending(node, pending);
  }

  /** There is no room: the newest write was not taken. */
  void refuse(Node node) {
    List<Write> pending = new ArrayList<>(world.pending(node));
    Write newest = pending.removeLast();
    world.pending(node, pending);
    step.locally(() -> refused(node, newest));
  }

  /** Nothing was written and nothing will be. */
  private void refused(Node node, Write write) {
    if ((write.entries() & Entry.DECISION.bit()) != 0) {
      step.coordinator.decisionRefused();
    } else if ((write.entries() & Entry.PRE_COMMIT.bit()) != 0) {
      step.coordinator.step(new CoordinatorEvent.PreCommitFailed("disk"));
    } else if ((write.entries() & Node.OPERATORS) != 0) {
      step.operators.refused(node, write.entries());
    } else if ((write.entries() & OF_COORDINATOR) == 0) {
      failed(node, write);
    }
  }

  /** All that waits is forced together. */
  void force(Node node) {
    List<Write> batch = world.pending(node);
    if (node.written == 0 && batch.getFirst().overlapped()) {
      written(node);
    }
    world.pending(node, List.of());
    node.written = 0;
    node.keep(batch);
    Promises.decided(world);
    batch.forEach(write -> step.locally(() -> durable(node, write)));
  }

  void written(Node node) {
    node.written = 1;
    step.locally(() -> step.participants.step(node, new ParticipantEvent.BegunWritten()));
  }

  private void durable(Node node, Write write) {
    int entries = write.entries();
    if ((entries & Entry.DECISION.bit()) != 0) {
      step.coordinator.decisionDurable();
    } else if ((entries & Entry.PRE_COMMIT.bit()) != 0) {
      step.coordinator.step(new CoordinatorEvent.PreCommitDurable());
    } else if ((entries & Entry.BEGUN.bit()) != 0) {
      step.participants.step(node, new ParticipantEvent.BegunDurable());
    } else if ((entries & (Entry.PREPARED.bit() | Entry.OWN_DECISION.bit() | OF_MEMBER)) != 0) {
      step.participants.step(node, new ParticipantEvent.RecordDurable());
    } else if ((entries & Node.OPERATORS) != 0) {
      step.operators.durable(node, entries);
    } else if ((entries & Node.ENDS) != 0) {
      step.participants.step(node, new ParticipantEvent.EndDurable());
    }
  }

  /** The store stops for good; a prefix of what it was given may have reached the disk. */
  void fail(Node node, int kept) {
    List<Write> batch = world.pending(node);
    node.keep(batch.subList(0, kept));
    world.pending(node, List.of());
    node.written = 0;
    node.stopped = true;
    Promises.decided(world);
    for (Write write : batch) {
      step.locally(() -> {
        if ((write.entries() & Entry.DECISION.bit()) != 0) {
          step.coordinator.decisionFailed();
        } else if ((write.entries() & Entry.PRE_COMMIT.bit()) != 0) {
          step.coordinator.step(new CoordinatorEvent.PreCommitFailed("disk"));
        } else if ((write.entries() & Entry.OWN_DECISION.bit()) != 0) {
          step.participants.step(node, new ParticipantEvent.OwnDecisionInDoubt("disk"));
        } else if ((write.entries() & Node.OPERATORS) != 0) {
          step.operators.inDoubt(node, write.entries());
        } else if ((write.entries() & OF_COORDINATOR) == 0) {
          failed(node, write);
        }
      });
    }
  }

  private void failed(Node node, Write write) {
    ParticipantEvent.Write kind =
        (write.entries() & Entry.BEGUN.bit()) != 0
            ? ParticipantEvent.Write.BEGUN
            : (write.entries() & (Entry.PREPARED.bit() | OF_MEMBER)) != 0
                ? ParticipantEvent.Write.BRANCH_RECORD
                : (write.entries() & Entry.OWN_DECISION.bit()) != 0
                    ? ParticipantEvent.Write.OWN_DECISION
                    : ParticipantEvent.Write.END;
    step.participants.step(node, new WriteFailed(kind, "disk"));
  }

  /** The process dies; its service lives on. */
  void crash(Node node, int kept) {
    node.keep(world.pending(node).subList(0, kept));
    Promises.decided(world);
    world.pending(node, List.of());
    node.written = 0;
    boolean stopped = node.stopped;
    node.stopped = false;
    boolean owesCall = node.calledBy != 0 && step.waits(0, node.calledBy - 1);
    boolean owesOutcome = node.toldBy != 0 && step.waits(0, node.toldBy - 1);
    boolean owesPromise = node.askedBy != 0 && step.waits(0, node.askedBy - 1);
    boolean delegated = node.delegated;
    node.up = false;
    node.life++;
    node.branch = Interner.NONE;
    node.timers = 0;
    node.toldBy = 0;
    node.calledBy = 0;
    node.askedBy = 0;
    node.delegated = false;
    step.members.crash(node);
    step.operators.crash(node);
    node.remembered = 0;
    node.completing = 0;
    breakConnections(node);
    if (node.number == 0) {
      step.coordinator.crash();
    } else {
      if (owesCall) {
        step.send(new Message(Kind.BROKEN, node.number, 0, 0, null, false));
      }
      if (owesOutcome) {
        step.send(new Message(Kind.UNDELIVERED, node.number, 0, 0, null, false));
      }
      if (owesPromise) {
        step.send(new Message(Kind.UNPREPARED, node.number, 0, 0, null, delegated));
      }
    }
    if (stopped) {
      restart(node);
    }
  }

  /** What was sent may arrive all the same; whoever would have been answered is not there. */
  private void breakConnections(Node node) {
    List<Message> broken = new ArrayList<>();
    world.bag.removeIf(message -> {
      if (message.kind() == Kind.REQUEST && message.to() == node.number) {
        if (step.waits(0, message.life())) {
          broken.add(new Message(Kind.BROKEN, node.number, 0, 0, null, false));
        }
        return true;
      }
      boolean answer = message.kind().isAnswer() && message.to() == node.number;
      boolean question =
          message.kind() == Kind.INQUIRY || (message.kind() == Kind.STANDING && !message.flag());
      return answer || (question && message.from() == node.number);
    });
    broken.forEach(world.bag::add);
    for (int i = 1; i < world.nodes.length; i++) {
      if (node.call(i) == 1) {
        node.call(i, 3);
      }
    }
  }

  /** Reads the store, then goes on where the last life ended. */
  void restart(Node node) {
    node.up = true;
    if (node.hasEnd()) {
      node.remembered = ended(node).ordinal() + 1;
      step.operators.keep(node);
    } else if (node.isResolved()) {
      step.operators.recover(node);
    } else if (node.has(Entry.OWN_DECISION)) {
      step.participants.recover(node, Found.DECIDED);
    } else if (node.has(Entry.WITHDRAWN)) {
      step.participants.recover(node, Found.WITHDRAWN);
    } else if (node.has(Entry.PRE_COMMITTED)) {
      step.participants.recover(node, Found.PRE_COMMITTED);
    } else if (node.has(Entry.PREPARED) || node.has(Entry.OWN)) {
      step.participants.recover(node, Found.PREPARED);
    } else if (node.has(Entry.BEGUN)) {
      boolean complete = world.model.layout.branch(node.number).durability().isComplete();
      step.participants.recover(node, complete ? Found.BEGUN_COMPLETE : Found.BEGUN);
    }
    boolean unfinished = node.has(Entry.DECISION) || node.has(Entry.PRE_COMMIT);
    boolean over = node.has(Entry.TRANSACTION_END) || node.has(Entry.DECISION_FORGOTTEN);
    if (node.number == 0 && unfinished && !over) {
      step.coordinator.recover();
    }
  }

  static BranchOutcome ended(Node node) {
    if (node.has(Entry.END_COMMITTED)) {
      return BranchOutcome.COMMITTED;
    }
    if (node.has(Entry.END_READ_ONLY)) {
      return BranchOutcome.READ_ONLY;
    }
    return node.has(Entry.END_ABORTED) ? BranchOutcome.ABORTED : BranchOutcome.HAZARD;
  }

  String describePending(int node) {
    StringBuilder text = new StringBuilder();
    for (Write write : world.pending(world.nodes[node])) {
      for (Entry entry : Entry.values()) {
        if ((write.entries() & entry.bit()) != 0) {
          text.append(text.isEmpty() ? "" : ", ").append(entry);
        }
      }
    }
    return text.toString();
  }
}
