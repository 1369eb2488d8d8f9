package io.handfast.tx.simulation;

import io.handfast.transaction.v1.Decision;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.RootAnswer;
import io.handfast.tx.core.coordinator.TimerKind;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.TransactionStore.Durability;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The coordinator's shell in the first sidecar. Confined to the world. */
final class SimCoordinator {
  /** A restart finds the decision and tells it again: nothing is lost. */
  private static final SimStore.Told UNHEARD =
      new SimStore.Told() {
        @Override
        public void durable() {}

        @Override
        public void refused() {}

        @Override
        public void inDoubt() {}
      };

  private final World world;
  private final Host host;
  private @Nullable CoordinatorState state;

  SimCoordinator(World world, Host host) {
    this.world = world;
    this.host = host;
  }

  @Nullable CoordinatorState state() {
    return state;
  }

  void begin(Branch root) {
    state = new CoordinatorState.New(Scenario.TX);
    step(new CoordinatorEvent.Began(root, world.scenario.completionWait()));
  }

  void clientGone() {
    step(new CoordinatorEvent.ClientGone());
  }

  void struck(ParticipantEffect.StrikeAtRoot effect) {
    step(new CoordinatorEvent.Struck(effect.votes()));
  }

  void doomed(ParticipantEffect.DoomTransaction effect) {
    step(new CoordinatorEvent.Doomed(effect.votes(), effect.blame()));
  }

  void rootClosed(ParticipantEffect.CloseRoot effect) {
    step(
        new CoordinatorEvent.RootClosed(
            effect.votes(), answerOf(effect.answer()), effect.recordRides()));
  }

  private static RootAnswer answerOf(TryAnswer answer) {
    return switch (answer) {
      case SUCCESS -> RootAnswer.SUCCESS;
      case REFUSED, FAILED -> RootAnswer.ERROR;
      case LOST -> RootAnswer.LOST;
      case NOT_SENT -> RootAnswer.NOT_SENT;
    };
  }

  Answer answer(ParticipantKey asker) {
    return world.machines.answer(state, asker, true, true);
  }

  private void step(CoordinatorEvent event) {
    host.locally(() -> {
      CoordinatorState now = state;
      if (now == null) {
        return;
      }
      Transition<CoordinatorState, CoordinatorEffect> transition = world.machines.step(now, event);
      state = transition.next();
      world
          .story()
          .tell(() -> "  C " + event + " → " + transition.next().getClass().getSimpleName());
      transition.effects().forEach(this::perform);
    });
  }

  private void perform(CoordinatorEffect effect) {
    switch (effect) {
      case CoordinatorEffect.ForceDecision e -> forceDecision(e);
      case CoordinatorEffect.Resolve e -> world.violations.add("a journal resolves nothing: " + e);
      case CoordinatorEffect.ThreePhase e -> world.violations.add("not THREE_PHASE: " + e);
      case CoordinatorEffect.SendDelegation e -> ask(e.branch(), true);
      case CoordinatorEffect.SendPrepare e -> ask(e.branch(), false);
      case CoordinatorEffect.SendOutcome e -> sendOutcome(e);
      case CoordinatorEffect.ReleaseResponse _ ->
          world.clientTold.add(World.ClientAnswer.COMMITTED);
      case CoordinatorEffect.AnswerFailure e ->
          world.clientTold.add(
              switch (e.failure()) {
                case OWN_ERROR, NO_ANSWER, ABORTED, DEADLINE, UNAVAILABLE ->
                    World.ClientAnswer.ABORTED;
                case UNKNOWN, HAZARD -> World.ClientAnswer.UNKNOWN;
              });
      case CoordinatorEffect.WriteEnded e ->
          host.store.write(new Entry.TransactionEnded(e.hazard()), Durability.LAZY, UNHEARD);
      case CoordinatorEffect.StartTimer e ->
          world.timer(
              0,
              timerLabel(e.kind(), e.participant()),
              () -> step(new CoordinatorEvent.TimerFired(e.kind(), e.participant())));
      case CoordinatorEffect.CancelTimer e ->
          world.cancelTimer(0, timerLabel(e.kind(), e.participant()));
      case CoordinatorEffect.ReportHazard e -> world.violations.add("coordinator hazard: " + e);
      case CoordinatorEffect.Forget _ -> {
        state = null;
        world.cancelTimers(0, "C timer");
      }
    }
  }

  private static String timerLabel(TimerKind kind, @Nullable ParticipantKey participant) {
    return "C timer " + kind + " " + participant;
  }

  /**
   * AC3: nobody is in a decision who did not vote yes, and nobody has voted no whom no optional
   * call sets apart.
   */
  private void forceDecision(CoordinatorEffect.ForceDecision effect) {
    Set<BranchId> branches = new HashSet<>();
    for (BranchVote vote : effect.branches()) {
      branches.add(vote.branch());
      if (!world.votedYes.contains(Scenario.nodeOf(vote.branch()))) {
        world.violations.add("decided without the yes of " + vote.branch() + " (AC3)");
      }
    }
    for (int no : world.votedNo) {
      if (!world.scenario.mayBeStruck(no)) {
        world.violations.add("decided against the no of " + no + " (AC3)");
      }
    }
    if (host.store.isStopped() || world.storeRefuses()) {
      world.later(
          0, "0 refuses the decision", () -> step(new CoordinatorEvent.DecisionRefused("full")));
      return;
    }
    host.store.write(
        new Entry.Decision(branches, effect.recordRides(), 0),
        Durability.FORCED,
        new SimStore.Told() {
          @Override
          public void durable() {
            step(new CoordinatorEvent.DecisionDurable());
          }

          @Override
          public void refused() {
            step(new CoordinatorEvent.DecisionRefused("stopped"));
          }

          @Override
          public void inDoubt() {
            step(new CoordinatorEvent.DecisionFailed("disk"));
          }
        });
  }

  private void sendOutcome(CoordinatorEffect.SendOutcome effect) {
    if (effect.outcome() == Outcome.COMMIT && host.store.everDecided().isEmpty()) {
      world.violations.add("told COMMIT before the decision was durable");
    }
    int node = Scenario.nodeOf(effect.branch().branch());
    Sidecar participant = world.sidecars.get(node);
    if (participant.host().equals(host)) {
      host.locally(() -> participant.told(effect.outcome(), effect.awaited()));
      return;
    }
    int life = host.life();
    Runnable lost =
        () -> {
          if (host.life() == life) {
            step(new CoordinatorEvent.Undelivered(world.scenario.nodes().get(node).branch().key()));
          }
        };
    world.send(
        0,
        participant.host().number,
        "C tells " + node + " " + effect.outcome(),
        () -> {
          if (participant.isUp()) {
            participant.told(effect.outcome(), effect.awaited());
          } else {
            lost.run();
          }
        },
        lost);
  }

  private void ask(BranchVote branch, boolean delegated) {
    int node = Scenario.nodeOf(branch.branch());
    Sidecar participant = world.sidecars.get(node);
    Runnable asked =
        () -> {
          if (delegated) {
            participant.asked().delegate();
          } else {
            participant.asked().prepare();
          }
        };
    if (participant.host().equals(host)) {
      host.locally(asked);
      return;
    }
    int life = host.life();
    Runnable lost =
        () -> {
          if (host.life() == life) {
            step(unanswered(node, delegated));
          }
        };
    world.send(
        0,
        participant.host().number,
        delegated ? "C leaves it to " + node : "C asks " + node,
        () -> {
          if (participant.isUp()) {
            asked.run();
          } else {
            lost.run();
          }
        },
        lost);
  }

  private CoordinatorEvent unanswered(int node, boolean delegated) {
    return delegated
        ? new CoordinatorEvent.DelegationUnanswered(keyOf(node), "no answer")
        : new CoordinatorEvent.PrepareUnanswered(keyOf(node), "no answer");
  }

  void decidedBy(int node, Answer answer) {
    answeredBy(
        node,
        node + " → C has decided " + answer,
        new CoordinatorEvent.DelegationAnswered(keyOf(node), answer, ""),
        unanswered(node, true));
  }

  /** The connection on which it was left to decide broke. */
  void undecided(int node) {
    inVain(node, true);
  }

  void promisedBy(int node, Vote vote, String reason) {
    answeredBy(
        node,
        node + " → C " + vote,
        new CoordinatorEvent.PrepareAnswered(keyOf(node), vote, reason),
        new CoordinatorEvent.PrepareUnanswered(keyOf(node), "lost"));
  }

  /** The connection on which it was asked to prepare broke. */
  void unpromised(int node) {
    inVain(node, false);
  }

  private void inVain(int node, boolean delegated) {
    int life = host.life();
    world.later(
        0,
        "C asked " + node + " in vain",
        () -> {
          if (host.life() == life) {
            step(unanswered(node, delegated));
          }
        });
  }

  private ParticipantKey keyOf(int node) {
    return world.scenario.nodes().get(node).branch().key();
  }

  void acknowledgedBy(int node, Acknowledgement acknowledgement) {
    answeredBy(
        node,
        node + " → C " + acknowledgement,
        new CoordinatorEvent.Acknowledged(keyOf(node), acknowledgement, ""),
        new CoordinatorEvent.Undelivered(keyOf(node)));
  }

  private void answeredBy(
      int node, String label, CoordinatorEvent event, CoordinatorEvent unanswered) {
    int life = host.life();
    Runnable arrives =
        () -> {
          if (host.life() == life) {
            step(event);
          }
        };
    int from = world.scenario.hostOf(node);
    if (from == 0) {
      host.locally(arrives);
      return;
    }
    world.send(
        from,
        0,
        label,
        arrives,
        () -> {
          if (host.life() == life) {
            step(unanswered);
          }
        });
  }

  /** The connection on which an outcome was told broke. */
  void undelivered(int node) {
    int life = host.life();
    world.later(
        0,
        "C told " + node + " in vain",
        () -> {
          if (host.life() == life) {
            step(new CoordinatorEvent.Undelivered(world.scenario.nodes().get(node).branch().key()));
          }
        });
  }

  void crash() {
    state = null;
  }

  /** Whoever asks is answered that it runs. */
  void takenUp() {
    state = new CoordinatorState.New(Scenario.TX);
  }

  /** As the engine's recovery. */
  void recover(Decision decision) {
    step(
        new CoordinatorEvent.Recovered(
            decision.getBranchesList().stream().map(Messages::decided).toList()));
  }
}
