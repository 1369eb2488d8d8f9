package io.handfast.tx.explorer.block;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import io.handfast.tx.core.coordinator.TimerKind;
import io.handfast.tx.explorer.ClientTold;
import io.handfast.tx.explorer.Interner;
import io.handfast.tx.explorer.Layout;
import io.handfast.tx.explorer.Model;
import io.handfast.tx.explorer.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The coordinator, with the one record that a sidecar keeps here. Confined to one move. */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class BlockCoordinator {
  private final BlockStep step;
  private final BlockWorld world;
  private final Model model;

  BlockCoordinator(BlockStep step) {
    this.step = step;
    this.world = step.world;
    this.model = step.world.model;
  }

  void begin() {
    world.coordinator = model.values.number(new CoordinatorState.New(Layout.TX));
    step(new CoordinatorEvent.Began(world.layout.branch(BlockLayout.ROOT, 0), true));
  }

  /** As the engine's recovery: what is decided is told again. */
  void recover() {
    if (world.decided == 0 || world.forgotten) {
      return;
    }
    List<BranchVote> branches = new ArrayList<>();
    for (int i = 0; i < world.layout.branches(); i++) {
      if ((world.decided & 1 << i) != 0) {
        branches.add(world.layout.yes(i));
      }
    }
    world.coordinator = model.values.number(new CoordinatorState.New(Layout.TX));
    step(new CoordinatorEvent.Recovered(branches));
  }

  void crash() {
    world.coordinator = Interner.NONE;
    world.coordinatorTimers = 0;
    world.redeliver = 0;
    world.deciding = 0;
  }

  void step(CoordinatorEvent event) {
    step.locally(() -> {
      CoordinatorState state = world.coordinator();
      if (state == null) {
        return;
      }
      Model.Made<CoordinatorEffect> made = model.step(world.coordinator, state, event);
      world.coordinator = made.next();
      if (step.chart.isOn()) {
        step.chart.note(1, "C " + Words.name(event) + " → " + made.name());
      }
      made.effects().forEach(this::perform);
    });
  }

  private void perform(CoordinatorEffect effect) {
    switch (effect) {
      case CoordinatorEffect.ForceDecision e -> {
        int branches = 0;
        for (BranchVote vote : e.branches()) {
          branches |= 1 << Layout.nodeOf(vote.branch());
        }
        BlockPromises.decides(world, branches);
        world.deciding = branches;
      }
      case CoordinatorEffect.SendOutcome e -> sendOutcome(e);
      case CoordinatorEffect.ReleaseResponse _ -> answerClient(ClientTold.COMMITTED);
      case CoordinatorEffect.AnswerFailure e -> answerClient(ClientTold.of(e.failure()));
      case CoordinatorEffect.WriteEnded _ -> {
        BlockPromises.forgets(world);
        world.forgotten = true; // lost or not: what is told again is acknowledged again
      }
      case CoordinatorEffect.StartTimer e -> {
        if (e.kind() == TimerKind.REDELIVER) {
          world.redeliver |= Layout.bit(e.participant());
        } else {
          world.coordinatorTimers |= 1 << e.kind().ordinal();
        }
      }
      case CoordinatorEffect.CancelTimer e -> {
        if (e.kind() == TimerKind.REDELIVER) {
          world.redeliver &= ~Layout.bit(e.participant());
        } else {
          world.coordinatorTimers &= ~(1 << e.kind().ordinal());
        }
      }
      case CoordinatorEffect.ReportHazard e -> world.breach("a hazard: " + e.detail());
      case CoordinatorEffect.Forget _ -> crash(); // the machine and all of its timers
      case CoordinatorEffect.Resolve _,
          CoordinatorEffect.SendDelegation _,
          CoordinatorEffect.SendPrepare _,
          CoordinatorEffect.ThreePhase _ ->
          world.breach("not of blocks: " + effect);
    }
  }

  private void answerClient(ClientTold what) {
    if (step.chart.isOn()) {
      step.chart.arrow(1, 0, what.name().toLowerCase(Locale.ROOT), false);
    }
    BlockPromises.answersClient(world, what);
    world.told = what;
  }

  void forced() {
    keeps();
    step(new CoordinatorEvent.DecisionDurable());
  }

  /** The decision is durable, whether or not anybody lives to hear of it. */
  void keeps() {
    world.decided = world.deciding;
    world.deciding = 0;
  }

  private void sendOutcome(CoordinatorEffect.SendOutcome effect) {
    int branch = Layout.nodeOf(effect.branch().branch());
    if (effect.outcome() == Outcome.COMMIT) {
      BlockPromises.tellsCommit(world, branch);
    } else {
      BlockPromises.tellsAbort(world, branch);
    }
    int home = world.layout.home(branch);
    int life = world.lives[0];
    if (home == 0) {
      step.locally(() ->
          step.machines.told(world.actor(branch, 0), effect.outcome(), effect.awaited(), life + 1));
    } else {
      step.send(
          new Mail(Mail.Kind.OUTCOME, 0, home, life, branch, effect.outcome(), effect.awaited()));
    }
  }

  void inquired(Mail mail) {
    if (!step.waits(mail.from(), mail.life())) {
      return;
    }
    Answer answer = answer(mail.branch(), mail.from(), (String) mail.content());
    step.send(
        new Mail(
            Mail.Kind.INQUIRY_ANSWER, 0, mail.from(), mail.life(), mail.branch(), answer, false));
  }

  Answer answer(int branch, int asker, @Nullable String handle) {
    Answer answer =
        model.machines.answer(
            world.coordinator(),
            world.layout.branch(branch, asker).key(),
            handle == null ? "" : handle,
            true,
            true);
    if (answer == Answer.COMMITTED) {
      BlockPromises.tellsCommit(world, branch);
    } else if (answer == Answer.ABORTED) {
      BlockPromises.tellsAbort(world, branch);
    }
    return answer;
  }

  /** Somebody has committed a block in the place of who voted (T16). */
  void carriedOut(Mail mail) {
    carriedOut(mail.branch(), (String) mail.content());
    step.locally(() -> {
      boolean told = world.coordinator() instanceof Committing;
      boolean runs = world.coordinator() != null && !told;
      step.send(
          new Mail(
              Mail.Kind.CARRIED_OUT_ANSWER,
              0,
              mail.from(),
              mail.life(),
              mail.branch(),
              runs ? Answer.PENDING : Answer.COMMITTED,
              false));
    });
  }

  void carriedOut(int branch, @Nullable String handle) {
    if (!(world.coordinator() instanceof Committing committing) || handle == null) {
      return;
    }
    committing
        .deliveries()
        .owed()
        .forEach((key, delivery) -> {
          if (Layout.nodeOf(key.branch()) == branch
              && model.machines.samePrepared(delivery.branch().handle(), handle)) {
            step(new CoordinatorEvent.Acknowledged(key, Acknowledgement.DONE, ""));
          }
        });
  }

  // What comes to the machine

  void acknowledged(int branch, Acknowledgement said) {
    step(new CoordinatorEvent.Acknowledged(key(branch), said, ""));
  }

  void undelivered(int branch) {
    step(new CoordinatorEvent.Undelivered(key(branch)));
  }

  private ParticipantKey key(int branch) {
    return world.layout.branch(branch, world.layout.home(branch)).key();
  }

  void timer(int kind) {
    world.coordinatorTimers &= ~(1 << kind);
    step(new CoordinatorEvent.TimerFired(TimerKind.values()[kind], null));
  }

  void redeliver(int branch) {
    world.redeliver &= ~(1 << branch);
    step(new CoordinatorEvent.TimerFired(TimerKind.REDELIVER, key(branch)));
  }
}
