package io.handfast.tx.explorer.etcd;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.RootAnswer;
import io.handfast.tx.core.coordinator.TimerKind;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.explorer.ClientTold;
import io.handfast.tx.explorer.Layout;
import io.handfast.tx.explorer.Model;
import io.handfast.tx.explorer.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The coordinator in a sidecar of the boundary's service. Confined to a move. */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class PodCoordinator {
  private final EtcdStep step;
  private final EtcdWorld world;
  private final Model model;

  PodCoordinator(EtcdStep step) {
    this.step = step;
    this.world = step.world;
    this.model = step.model;
  }

  void begin(Pod pod) {
    pod.coordinator = model.values.number(new CoordinatorState.New(Layout.TX));
    step(pod, new CoordinatorEvent.Began(model.layout.branch(0), model.layout.completionWait()));
  }

  void recover(Pod pod, int nodes) {
    List<BranchVote> branches = new ArrayList<>();
    for (int i = 0; i < world.services.length; i++) {
      if ((nodes & 1 << i) != 0) {
        branches.add(model.layout.branch(i).vote(Vote.PREPARED, ""));
      }
    }
    pod.coordinator = model.values.number(new CoordinatorState.New(Layout.TX));
    step(pod, new CoordinatorEvent.Recovered(branches));
  }

  void step(Pod pod, CoordinatorEvent event) {
    step.locally(() -> {
      CoordinatorState state = world.coordinator(pod);
      if (state == null || !pod.up) {
        return;
      }
      Model.Made<CoordinatorEffect> made = model.step(pod.coordinator, state, event);
      pod.coordinator = made.next();
      if (step.chart.isOn()) {
        step.chart.note(pod.number + 1, "C " + Words.name(event) + " → " + made.name());
      }
      made.effects().forEach(effect -> perform(pod, effect));
    });
  }

  private void perform(Pod pod, CoordinatorEffect effect) {
    switch (effect) {
      case CoordinatorEffect.ForceDecision e -> forceDecision(pod, e);
      case CoordinatorEffect.Resolve _ -> step.requests.resolve(pod);
      case CoordinatorEffect.ThreePhase e -> world.breach("not THREE_PHASE: " + e);
      case CoordinatorEffect.SendDelegation e -> world.breach("nobody decides alone here: " + e);
      case CoordinatorEffect.SendPrepare e -> world.breach("nobody votes ask here: " + e);
      case CoordinatorEffect.SendOutcome e -> sendOutcome(pod, e);
      case CoordinatorEffect.ReleaseResponse _ -> answerClient(pod, ClientTold.COMMITTED);
      case CoordinatorEffect.AnswerFailure e -> answerClient(pod, ClientTold.of(e.failure()));
      case CoordinatorEffect.WriteEnded _ -> step.requests.transactionEnds(pod);
      case CoordinatorEffect.StartTimer e -> {
        if (e.kind() == TimerKind.REDELIVER) {
          pod.redeliver |= Layout.bit(e.participant());
        } else {
          pod.coordinatorTimers |= 1 << e.kind().ordinal();
        }
      }
      case CoordinatorEffect.CancelTimer e -> {
        if (e.kind() == TimerKind.REDELIVER) {
          pod.redeliver &= ~Layout.bit(e.participant());
        } else {
          pod.coordinatorTimers &= ~(1 << e.kind().ordinal());
        }
      }
      case CoordinatorEffect.ReportHazard e ->
          world.breach("the coordinator shows a hazard, and no service refused: " + e.detail());
      case CoordinatorEffect.Forget _ -> {
        if (pod.abortStands) {
          step.requests.transactionEnds(pod);
        }
        pod.forgetCoordinator();
      }
    }
  }

  private void answerClient(Pod pod, ClientTold what) {
    if (step.chart.isOn()) {
      step.chart.note(pod.number + 1, "client: " + what.name().toLowerCase(Locale.ROOT));
    }
    if (world.told != ClientTold.NOTHING) {
      world.breach("the client is answered twice: " + world.told + ", " + what);
    }
    boolean decided = world.etcd.everDecided != 0;
    if (what == ClientTold.COMMITTED && !decided && world.votedYes != 0) {
      world.breach("the client is told committed before the decision is durable");
    } else if (what == ClientTold.ABORTED && decided) {
      world.breach("the client is told aborted, and the decision is durable");
    }
    world.told = what;
  }

  private void forceDecision(Pod pod, CoordinatorEffect.ForceDecision effect) {
    int nodes = 0;
    for (BranchVote vote : effect.branches()) {
      nodes |= 1 << Layout.nodeOf(vote.branch());
    }
    if ((nodes & ~world.votedYes) != 0) {
      world.breach("decided without a yes (AC3)");
    }
    if (world.votedNo != 0) {
      world.breach("decided against a no (AC3)");
    }
    step.requests.commit(pod, nodes, effect.recordRides());
  }

  /** To the sidecar that voted, or to this one where it carries the branch on. */
  private void sendOutcome(Pod pod, CoordinatorEffect.SendOutcome effect) {
    int node = Layout.nodeOf(effect.branch().branch());
    if (effect.outcome() == Outcome.COMMIT && !world.isDecided(node)) {
      world.breach(node + " is told COMMIT and is not in a durable decision");
    } else if (effect.outcome() == Outcome.ABORT && world.isDecided(node)) {
      world.breach(node + " is told ABORT and is in a durable decision");
    }
    Pod first = world.pods[2 * node];
    boolean here = pod.node() == node && (pod.branch != 0 || pod.number == first.number);
    if (here) {
      step.locally(() ->
          step.branches.told(pod, effect.outcome(), effect.awaited(), pod.number, pod.process));
    } else {
      step.send(
          new Mail(
              Mail.Kind.OUTCOME,
              pod.number,
              first.number,
              pod.process,
              node,
              effect.outcome(),
              effect.awaited()));
    }
  }

  // What comes to the machine

  void rootClosed(Pod pod, ParticipantEffect.CloseRoot effect) {
    RootAnswer answer =
        switch (effect.answer()) {
          case SUCCESS -> RootAnswer.SUCCESS;
          case REFUSED, FAILED -> RootAnswer.ERROR;
          case LOST -> RootAnswer.LOST;
          case NOT_SENT -> RootAnswer.NOT_SENT;
        };
    step(pod, new CoordinatorEvent.RootClosed(effect.votes(), answer, effect.recordRides()));
  }

  void doomed(Pod pod, ParticipantEffect.DoomTransaction effect) {
    step(pod, new CoordinatorEvent.Doomed(effect.votes(), effect.blame()));
  }

  void struck(Pod pod, ParticipantEffect.StrikeAtRoot effect) {
    step(pod, new CoordinatorEvent.Struck(effect.votes()));
  }

  void acknowledged(Pod pod, int node, Acknowledgement said) {
    step(pod, new CoordinatorEvent.Acknowledged(model.layout.branch(node).key(), said, ""));
  }

  /** Another may have carried it out in the place of one that is lost: the store knows. */
  void unreached(Pod pod, int node) {
    if (pod.coordinator != 0) {
      step.requests.carried(pod, node);
    }
  }

  void undelivered(Pod pod, int node) {
    step(pod, new CoordinatorEvent.Undelivered(model.layout.branch(node).key()));
  }

  void timer(Pod pod, int kind) {
    pod.coordinatorTimers &= ~(1 << kind);
    step(pod, new CoordinatorEvent.TimerFired(TimerKind.values()[kind], null));
  }

  void redeliver(Pod pod, int node) {
    pod.redeliver &= ~(1 << node);
    step(
        pod, new CoordinatorEvent.TimerFired(TimerKind.REDELIVER, model.layout.branch(node).key()));
  }
}
