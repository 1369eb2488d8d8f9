package io.handfast.tx.explorer.etcd;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.Write;
import io.handfast.tx.explorer.ClientTold;
import io.handfast.tx.explorer.etcd.Tried.Effect;

/**
 * What sidecars ask of etcd, and what comes of it: as {@code CommitWrites}, {@code AbortWrites},
 * {@code BranchWrites} and {@code Claims} have it, under {@link Conditions}. Confined to a move.
 */
final class Requests {
  private final EtcdStep step;
  private final EtcdWorld world;
  private final Etcd etcd;

  Requests(EtcdStep step) {
    this.step = step;
    this.world = step.world;
    this.etcd = step.world.etcd;
  }

  private void ask(Op.Kind kind, Pod pod, int owner, int node, int nodes, boolean flag) {
    world.ops.add(new Op(kind, pod.number, pod.process, owner, node, pod.revision, nodes, flag));
  }

  /** BEGUN, or the branch record. */
  void branch(Pod pod, Op.Kind kind) {
    ask(kind, pod, pod.owner(), pod.node(), 0, false);
  }

  /** Of a BEGUN that was refused nothing is to be ended. */
  void end(Pod pod) {
    if (pod.revision == 0) {
      step.locally(() -> step.branches.step(pod, new ParticipantEvent.EndDurable()));
    } else {
      ask(Op.Kind.END, pod, pod.owner(), pod.node(), 0, pod.echoes);
    }
  }

  /** A transaction that began under a life that is lost is not even sent. */
  void commit(Pod pod, int nodes, boolean recordRides) {
    boolean lost = pod.owner() != 0;
    if (lost && !world.conditions.commits(true, false, true)) {
      step.coordinators.step(pod, new CoordinatorEvent.DecisionRefused("lease lost"));
    } else {
      ask(Op.Kind.COMMIT, pod, pod.owner(), 0, nodes, recordRides);
    }
  }

  void transactionEnds(Pod pod) {
    ask(Op.Kind.TRANSACTION_END, pod, pod.owner(), 0, 0, false);
  }

  /** In the name of the life under which it began: the first one. */
  void resolve(Pod pod) {
    ask(Op.Kind.RESOLVE, pod, 0, 0, 0, false);
  }

  void ask(Pod pod, boolean mayAbort) {
    ask(Op.Kind.ASK, pod, pod.owner(), pod.node(), 0, mayAbort);
  }

  void carried(Pod pod, int node) {
    ask(Op.Kind.CARRIED, pod, pod.owner(), node, 0, false);
  }

  void known(Pod pod) {
    ask(Op.Kind.KNOWN, pod, pod.owner(), pod.node(), 0, false);
  }

  /** What nobody has taken over yet is written again under the new name. */
  void reclaim(Pod pod) {
    if (pod.revision != 0) {
      ask(Op.Kind.RECLAIM, pod, pod.owner(), pod.node(), 0, false);
    }
  }

  void claimBranch(Pod pod) {
    int node = pod.node();
    int kind = etcd.record[node];
    etcd.put(node, kind, pod.owner());
    pod.revision = etcd.revision[node];
    boolean complete = step.model.layout.branch(node).durability().isComplete();
    Found begun = complete ? Found.BEGUN_COMPLETE : Found.BEGUN;
    step.branches.recover(pod, kind == Etcd.PREPARED ? Found.PREPARED : begun);
  }

  void claimDecision(Pod pod) {
    etcd.decisionOwner = pod.owner();
    step.coordinators.recover(pod, etcd.decidedNodes);
  }

  /** Carries a request out; who asked hears of it if it still waits. */
  void apply(Op op, boolean answered) {
    Pod pod = world.pods[op.pod()];
    boolean heard = answered && EtcdStep.hears(world, op);
    switch (op.kind()) {
      case BEGIN -> begin(op, pod, heard);
      case RECORD -> record(op, pod, heard);
      case RECLAIM -> {
        if (goesOn(op) && etcd.record[op.node()] != Etcd.ABSENT) {
          etcd.put(op.node(), etcd.record[op.node()], op.owner());
          if (heard) {
            pod.revision = etcd.revision[op.node()];
          }
        }
      }
      case END -> end(op, pod, heard);
      case COMMIT -> commit(op, pod, heard);
      case TRANSACTION_END -> {
        etcd.decision = Etcd.NOTHING;
        etcd.decidedNodes = 0;
        etcd.decisionOwner = 0;
      }
      case RESOLVE -> resolve(op, pod, heard);
      case ASK -> asked(op, pod, heard);
      case CARRIED -> {
        if (heard) {
          carried(op, pod);
        }
      }
      case KNOWN -> {
        if (heard) {
          boolean over = isOver(op.node());
          step.branches.acknowledge(pod, over ? Acknowledgement.DONE : Acknowledgement.WORKING);
        }
      }
    }
  }

  private void carried(Op op, Pod pod) {
    if (isOver(op.node())) {
      step.coordinators.acknowledged(pod, op.node(), Acknowledgement.DONE);
    } else {
      step.coordinators.undelivered(pod, op.node());
    }
  }

  private boolean isOver(int node) {
    return etcd.record[node] == Etcd.ABSENT || etcd.record[node] == Etcd.ENDED;
  }

  private boolean isOwn(int node, Pod pod) {
    return etcd.record[node] != Etcd.ABSENT
        && etcd.owner[node] >> 4 == pod.number
        && (etcd.owner[node] & 15) >= pod.firstLife
        && pod.branch != 0;
  }

  private boolean goesOn(Op op) {
    return world.conditions.goesOn(etcd.unchanged(op.node(), op.revision()));
  }

  private void begin(Op op, Pod pod, boolean heard) {
    boolean absent = etcd.record[op.node()] == Etcd.ABSENT;
    boolean applied = world.conditions.begins(absent, world.lives(op.owner()));
    if (applied) {
      etcd.put(op.node(), Etcd.BEGUN, op.owner());
    }
    if (heard && applied) {
      pod.revision = etcd.revision[op.node()];
      step.branches.step(pod, new ParticipantEvent.BegunDurable());
    } else if (heard) {
      failed(pod, Write.BEGUN);
    }
  }

  private void failed(Pod pod, Write write) {
    step.branches.step(pod, new ParticipantEvent.WriteFailed(write, "etcd"));
  }

  private void record(Op op, Pod pod, boolean heard) {
    if (goesOn(op)) {
      etcd.put(op.node(), Etcd.PREPARED, op.owner());
      if (heard) {
        pod.revision = etcd.revision[op.node()];
        step.branches.step(pod, new ParticipantEvent.RecordDurable());
      }
    } else if (heard && isOwn(op.node(), pod) && etcd.record[op.node()] != Etcd.ENDED) {
      pod.revision = etcd.revision[op.node()]; // an earlier write that was in doubt
      ask(Op.Kind.RECORD, pod, op.owner(), op.node(), 0, false);
    } else if (heard) {
      failed(pod, Write.BRANCH_RECORD);
    }
  }

  private void end(Op op, Pod pod, boolean heard) {
    boolean applied = goesOn(op);
    if (applied && op.flag()) {
      etcd.put(op.node(), Etcd.ENDED, op.owner());
    } else if (applied) {
      etcd.remove(op.node());
    }
    if (!heard) {
      return;
    }
    if (applied || isOver(op.node())) {
      step.branches.step(pod, new ParticipantEvent.EndDurable());
    } else if (isOwn(op.node(), pod)) {
      pod.revision = etcd.revision[op.node()];
      ask(Op.Kind.END, pod, op.owner(), op.node(), 0, op.flag());
    } else {
      failed(pod, Write.END);
    }
  }

  private void commit(Op op, Pod pod, boolean heard) {
    boolean own = !op.flag() || etcd.unchanged(0, op.revision());
    boolean nothing = etcd.decision == Etcd.NOTHING;
    boolean began = op.owner() == 0 && world.lives(0);
    if (world.conditions.commits(nothing, began, own)) {
      committed(op);
      if (heard) {
        pod.revision = op.flag() ? etcd.revision[0] : pod.revision;
        step.coordinators.step(pod, new CoordinatorEvent.DecisionDurable());
      }
    } else if (!heard) {
      return;
    } else if (etcd.decision == Etcd.ABORT) {
      pod.abortStands = true;
      step.coordinators.step(pod, new CoordinatorEvent.DecisionLost("ABORT stands"));
    } else if (nothing && began && isOwn(0, pod)) {
      pod.revision = etcd.revision[0]; // an earlier write that was in doubt
      ask(Op.Kind.COMMIT, pod, op.owner(), 0, op.nodes(), op.flag());
    } else {
      step.coordinators.step(pod, new CoordinatorEvent.DecisionRefused("lease lost"));
    }
  }

  private void committed(Op op) {
    etcd.decision = Etcd.COMMIT;
    etcd.decidedNodes = op.nodes();
    etcd.decisionOwner = op.owner();
    etcd.everDecided |= op.nodes();
    if (op.flag()) {
      etcd.put(0, Etcd.PREPARED, op.owner());
    }
    if (world.told == ClientTold.ABORTED) {
      world.breach("the client was told aborted, and the decision is durable");
    }
    for (int i = 0; i < world.services.length; i++) {
      if (world.isDecided(i) && world.services[i].effect == Effect.CANCELLED) {
        world.breach(i + " was cancelled, and is in a durable decision (AC1)");
      }
    }
  }

  private void resolve(Op op, Pod pod, boolean heard) {
    boolean nothing = etcd.decision == Etcd.NOTHING;
    boolean applied = world.conditions.resolves(nothing, world.lives(op.owner()));
    if (applied) {
      etcd.decision = Etcd.ABORT;
    }
    if (!heard) {
      return;
    }
    CoordinatorEvent event =
        switch (etcd.decision) {
          case Etcd.COMMIT -> new CoordinatorEvent.DecisionDurable();
          case Etcd.ABORT -> new CoordinatorEvent.DecisionLost("ABORT stands");
          default ->
              world.conditions.nothingIsAbort()
                  ? new CoordinatorEvent.DecisionLost("nothing stands")
                  : new CoordinatorEvent.Unresolvable("the store gave this sidecar up");
        };
    step.coordinators.step(pod, event);
  }

  private void asked(Op op, Pod pod, boolean heard) {
    boolean unchanged = etcd.unchanged(op.node(), op.revision());
    if (op.flag() && world.conditions.aborts(etcd.decision == Etcd.NOTHING, unchanged)) {
      etcd.decision = Etcd.ABORT;
    }
    if (!heard || pod.branch == 0) {
      return;
    }
    boolean own = isOwn(op.node(), pod) && etcd.record[op.node()] != Etcd.ENDED;
    boolean compares = op.flag() || etcd.decision == Etcd.ABORT;
    boolean checked = !world.conditions.aborts(true, false);
    if (checked && compares && !own) {
      step.branches.takenOver(pod);
    } else if (checked && op.flag() && !unchanged && etcd.decision == Etcd.NOTHING) {
      pod.revision = etcd.revision[op.node()];
      step.branches.inquiryAnswered(pod, null);
    } else {
      step.branches.inquiryAnswered(pod, answer(op.node()));
    }
  }

  private Answer answer(int node) {
    return switch (etcd.decision) {
      case Etcd.COMMIT -> (etcd.decidedNodes & 1 << node) != 0 ? Answer.COMMITTED : Answer.ABORTED;
      case Etcd.ABORT -> Answer.ABORTED;
      default -> world.conditions.ofNothing();
    };
  }

  /** Nobody knows what came of it. */
  void unanswered(Op op) {
    Pod pod = world.pods[op.pod()];
    if (!EtcdStep.hears(world, op)) {
      return;
    }
    switch (op.kind()) {
      case BEGIN -> {
        pod.revision = 0;
        failed(pod, Write.BEGUN);
      }
      case RECORD -> failed(pod, Write.BRANCH_RECORD);
      case END -> failed(pod, Write.END);
      case COMMIT ->
          step.coordinators.step(pod, new CoordinatorEvent.DecisionFailed("no answer", true));
      case RESOLVE -> step.coordinators.step(pod, new CoordinatorEvent.Unresolved("no answer"));
      case ASK -> step.branches.inquiryAnswered(pod, null);
      case CARRIED -> step.coordinators.undelivered(pod, op.node());
      case KNOWN -> step.branches.acknowledge(pod, Acknowledgement.WORKING);
      case RECLAIM, TRANSACTION_END -> {}
    }
  }
}
