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
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.TransactionStore.Durability;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
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
  private long incarnation;
  private boolean abortStands;

  /** What was told last, by branch. */
  private final Map<Integer, Outcome> owed = new HashMap<>();

  SimCoordinator(World world, Host host) {
    this.world = world;
    this.host = host;
  }

  @Nullable CoordinatorState state() {
    return state;
  }

  void begin(Branch root) {
    takenUp();
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

  Answer answer(ParticipantKey asker, String handle) {
    return world.machines.answer(state, asker, handle, true, true);
  }

  /** Somebody has committed what is prepared under a handle, in the place of who voted (T16). */
  void carriedOut(int node, String handle) {
    if (!(state instanceof CoordinatorState.Committing committing)) {
      return;
    }
    committing
        .deliveries()
        .owed()
        .forEach((key, delivery) -> {
          BranchVote owed = delivery.branch();
          if (key.branch().equals(world.sidecars.get(node).facts().id())
              && world.machines.samePrepared(owed.handle(), handle)) {
            step(new CoordinatorEvent.Acknowledged(key, Acknowledgement.DONE, ""));
          }
        });
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
      case CoordinatorEffect.ThreePhase e -> world.violations.add("not THREE_PHASE: " + e);
      case CoordinatorEffect.Resolve e -> {
        if (host.store instanceof SimEtcd etcd) {
          etcd.answers().resolve(Scenario.TX, incarnation, this::step);
        } else {
          world.violations.add("a journal resolves nothing: " + e);
        }
      }
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
              host.number,
              timerLabel(e.kind(), e.participant()),
              () -> step(new CoordinatorEvent.TimerFired(e.kind(), e.participant())));
      case CoordinatorEffect.CancelTimer e ->
          world.cancelTimer(host.number, timerLabel(e.kind(), e.participant()));
      case CoordinatorEffect.ReportHazard e -> {
        if (world.words.resolved.isEmpty()) {
          world.violations.add("coordinator hazard: " + e);
        }
      }
      case CoordinatorEffect.Forget _ -> {
        if (abortStands) {
          host.store.write(new Entry.TransactionEnded(false), Durability.LAZY, UNHEARD);
        }
        state = null;
        letRootAsk();
        world.cancelTimers(host.number, "C timer");
      }
    }
  }

  /** The boundary's own branch waits to be told: where nobody can any more, it asks the store. */
  private void letRootAsk() {
    Sidecar root = host.running(0);
    if (world.isShared() && root.branch() instanceof ParticipantState.Prepared) {
      root.step(
          new ParticipantEvent.TimerFired(io.handfast.tx.core.participant.TimerKind.DEADLINE));
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
    if (host.store.isStopped() || (!world.isShared() && world.storeRefuses())) {
      world.later(
          0, "0 refuses the decision", () -> step(new CoordinatorEvent.DecisionRefused("full")));
      return;
    }
    host.store.write(
        new Entry.Decision(branches, effect.recordRides(), incarnation),
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
          public void lost() {
            abortStands = true;
            step(new CoordinatorEvent.DecisionLost("ABORT stands"));
          }

          @Override
          public void inDoubt() {
            step(new CoordinatorEvent.DecisionFailed("no answer", world.isShared()));
          }
        });
  }

  private void sendOutcome(CoordinatorEffect.SendOutcome effect) {
    if (effect.outcome() == Outcome.COMMIT && host.store.everDecided().isEmpty()) {
      world.violations.add("told COMMIT before the decision was durable");
    }
    int node = Scenario.nodeOf(effect.branch().branch());
    owed.put(node, effect.outcome());
    Sidecar participant = participant(node);
    if (participant.host().equals(host)) {
      host.locally(() -> participant.told(effect.outcome(), effect.awaited(), this));
      return;
    }
    int life = host.life();
    Runnable lost =
        () -> {
          if (host.life() == life) {
            unreached(node);
          }
        };
    world.send(
        host.number,
        participant.host().number,
        "C tells " + node + " " + effect.outcome(),
        () -> {
          if (participant.isUp()) {
            participant.told(effect.outcome(), effect.awaited(), this);
          } else {
            lost.run();
          }
        },
        lost);
  }

  /** Whoever has voted, or this sidecar where it carries the branch on. */
  private Sidecar participant(int node) {
    Sidecar voted = world.sidecars.get(node);
    if (world.scenario.isBlock(node) && world.sharesAddresses && world.random.nextBoolean()) {
      return world.replica(node);
    }
    if (world.isShared() && world.scenario.hostOf(node) == world.scenario.serviceOf(host.number)) {
      Sidecar here = host.running(node);
      return here.branch() == null ? voted : here;
    }
    return voted;
  }

  /** Another may have carried it out in the place of one that is lost: the store knows (T19). */
  private void unreached(int node) {
    Branch branch = world.scenario.nodes().get(node).branch();
    Outcome outcome = owed.getOrDefault(node, Outcome.ABORT);
    if (world.scenario.isBlock(node)) {
      if (world.scenario.hostOf(node) == world.scenario.serviceOf(host.number)) {
        host.locally(() -> host.running(node).told(outcome, false, this)); // in its place
      } else {
        step(new CoordinatorEvent.Undelivered(branch.key()));
      }
    } else if (host.store instanceof SimEtcd etcd) {
      etcd.answers()
          .acknowledged(
              Scenario.TX,
              branch.key(),
              branch.service(),
              outcome,
              said ->
                  step(
                      said == null
                          ? new CoordinatorEvent.Undelivered(branch.key())
                          : new CoordinatorEvent.Acknowledged(
                              branch.key(), said.acknowledgement(), said.detail())));
    } else {
      step(new CoordinatorEvent.Undelivered(branch.key()));
    }
  }

  boolean isElsewhere(Host other) {
    return !host.equals(other);
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
        world.scenario.hostOf(node),
        node + " → C has decided " + answer,
        new CoordinatorEvent.DelegationAnswered(keyOf(node), answer, ""),
        () -> step(unanswered(node, true)));
  }

  /** The connection on which it was left to decide broke. */
  void undecided(int node) {
    inVain(node, true);
  }

  void promisedBy(int node, Vote vote, String reason) {
    answeredBy(
        world.scenario.hostOf(node),
        node + " → C " + vote,
        new CoordinatorEvent.PrepareAnswered(keyOf(node), vote, reason),
        () -> step(new CoordinatorEvent.PrepareUnanswered(keyOf(node), "lost")));
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

  void acknowledgedBy(int node, int from, Acknowledgement acknowledgement) {
    answeredBy(
        from,
        node + " → C " + acknowledgement,
        new CoordinatorEvent.Acknowledged(keyOf(node), acknowledgement, ""),
        () -> unreached(node));
  }

  private void answeredBy(int from, String label, CoordinatorEvent event, Runnable unanswered) {
    int life = host.life();
    Runnable arrives =
        () -> {
          if (host.life() == life) {
            step(event);
          }
        };
    if (from == host.number) {
      host.locally(arrives);
      return;
    }
    world.send(
        from,
        host.number,
        label,
        arrives,
        () -> {
          if (host.life() == life) {
            unanswered.run();
          }
        });
  }

  /** The connection on which an outcome was told broke. */
  void undelivered(int node) {
    int life = host.life();
    world.onHost(
        host.number,
        "C told " + node + " in vain",
        () -> {
          if (host.life() == life) {
            unreached(node);
          }
        });
  }

  void crash() {
    state = null;
  }

  /** Whoever asks is answered that it runs. */
  void takenUp() {
    incarnation = host.store instanceof SimEtcd etcd ? etcd.incarnation() : 0;
    abortStands = false;
    state = new CoordinatorState.New(Scenario.TX);
  }

  /** As the engine's recovery. */
  void recover(Decision decision) {
    step(
        new CoordinatorEvent.Recovered(
            decision.getBranchesList().stream().map(Messages::decided).toList()));
  }
}
