package io.handfast.tx.simulation;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorCore;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.RootAnswer;
import io.handfast.tx.core.coordinator.TimerKind;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.TryAnswer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The coordinator's shell in the first sidecar. Confined to the world. */
final class SimCoordinator {
  private final World world;
  private final Sidecar sidecar;
  private @Nullable CoordinatorState state;

  SimCoordinator(World world, Sidecar sidecar) {
    this.world = world;
    this.sidecar = sidecar;
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
    return CoordinatorCore.answer(state, asker, true, true);
  }

  private void step(CoordinatorEvent event) {
    sidecar.locally(() -> {
      CoordinatorState now = state;
      if (now == null) {
        return;
      }
      Transition<CoordinatorState, CoordinatorEffect> transition = CoordinatorCore.step(now, event);
      state = transition.next();
      world.log.add("  C " + event + " → " + transition.next().getClass().getSimpleName());
      transition.effects().forEach(this::perform);
    });
  }

  private void perform(CoordinatorEffect effect) {
    switch (effect) {
      case CoordinatorEffect.ForceDecision e -> forceDecision(e);
      case CoordinatorEffect.Resolve e -> world.violations.add("a journal resolves nothing: " + e);
      case CoordinatorEffect.SendOutcome e -> sendOutcome(e);
      case CoordinatorEffect.SendDelegation e ->
          world.violations.add("nobody is left to decide here: " + e);
      case CoordinatorEffect.SendPrepare e -> sendPrepare(e);
      case CoordinatorEffect.ReleaseResponse _ ->
          world.clientTold.add(World.ClientAnswer.COMMITTED);
      case CoordinatorEffect.AnswerFailure e ->
          world.clientTold.add(
              switch (e.failure()) {
                case OWN_ERROR, NO_ANSWER, ABORTED, DEADLINE, UNAVAILABLE ->
                    World.ClientAnswer.ABORTED;
                case UNKNOWN, HAZARD -> World.ClientAnswer.UNKNOWN;
              });
      case CoordinatorEffect.WriteEnded _ ->
          sidecar.journal().write(new SimJournal.Entry.TransactionEnded(), () -> {}, () -> {});
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
    if (sidecar.journal().isStopped() || world.storeRefuses()) {
      world.later(
          0, "0 refuses the decision", () -> step(new CoordinatorEvent.DecisionRefused("full")));
      return;
    }
    sidecar
        .journal()
        .write(
            new SimJournal.Entry.Decision(branches, effect.recordRides()),
            () -> step(new CoordinatorEvent.DecisionDurable()),
            () -> step(new CoordinatorEvent.DecisionFailed("disk")));
  }

  private void sendOutcome(CoordinatorEffect.SendOutcome effect) {
    if (effect.outcome() == Outcome.COMMIT
        && !sidecar.journal().has(SimJournal.Entry.Decision.class)) {
      world.violations.add("told COMMIT before the decision was durable");
    }
    int node = Scenario.nodeOf(effect.branch().branch());
    if (node == 0) {
      sidecar.locally(() -> sidecar.told(effect.outcome(), effect.awaited()));
      return;
    }
    int life = sidecar.life();
    Runnable lost =
        () -> {
          if (sidecar.life() == life) {
            step(new CoordinatorEvent.Undelivered(world.scenario.nodes().get(node).branch().key()));
          }
        };
    world.send(
        "C tells " + node + " " + effect.outcome(),
        () -> {
          Sidecar participant = world.sidecars.get(node);
          if (participant.isUp()) {
            participant.told(effect.outcome(), effect.awaited());
          } else {
            lost.run();
          }
        },
        lost);
  }

  private void sendPrepare(CoordinatorEffect.SendPrepare effect) {
    int node = Scenario.nodeOf(effect.branch().branch());
    if (node == 0) {
      sidecar.locally(sidecar::prepare);
      return;
    }
    world.send(
        "C asks " + node,
        () -> {
          Sidecar participant = world.sidecars.get(node);
          if (participant.isUp()) {
            participant.prepare();
          } else {
            unpromised(node);
          }
        },
        () -> unpromised(node));
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
    int life = sidecar.life();
    world.later(
        0,
        "C asked " + node + " in vain",
        () -> {
          if (sidecar.life() == life) {
            step(new CoordinatorEvent.PrepareUnanswered(keyOf(node), "connection lost"));
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
    int life = sidecar.life();
    Runnable arrives =
        () -> {
          if (sidecar.life() == life) {
            step(event);
          }
        };
    if (node == 0) {
      sidecar.locally(arrives);
      return;
    }
    world.send(
        label,
        arrives,
        () -> {
          if (sidecar.life() == life) {
            step(unanswered);
          }
        });
  }

  /** The connection on which an outcome was told broke. */
  void undelivered(int node) {
    int life = sidecar.life();
    world.later(
        0,
        "C told " + node + " in vain",
        () -> {
          if (sidecar.life() == life) {
            step(new CoordinatorEvent.Undelivered(world.scenario.nodes().get(node).branch().key()));
          }
        });
  }

  void crash() {
    state = null;
  }

  void recover() {
    if (sidecar.journal().has(SimJournal.Entry.TransactionEnded.class)) {
      return;
    }
    for (SimJournal.Entry entry : sidecar.journal().durable()) {
      if (entry instanceof SimJournal.Entry.Decision decision) {
        List<BranchVote> branches =
            decision.branches().stream()
                .map(id ->
                    world
                        .scenario
                        .nodes()
                        .get(Scenario.nodeOf(id))
                        .branch()
                        .vote(Vote.PREPARED, ""))
                .toList();
        state = new CoordinatorState.New(Scenario.TX);
        step(new CoordinatorEvent.Recovered(branches));
      }
    }
  }
}
