package io.handfast.tx.explorer;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.RootAnswer;
import io.handfast.tx.core.coordinator.TimerKind;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.explorer.Message.Kind;
import io.handfast.tx.explorer.Node.Entry;
import io.handfast.tx.explorer.Node.Write;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The coordinator in the first sidecar. Confined to one move. */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class CoordinatorShell {
  private final Step step;
  private final JournalWorld world;
  private final Model model;

  CoordinatorShell(Step step) {
    this.step = step;
    this.world = step.world;
    this.model = step.model;
  }

  void begin() {
    world.coordinator = model.values.number(new CoordinatorState.New(Layout.TX));
    step(new CoordinatorEvent.Began(model.layout.branch(0), model.layout.completionWait()));
  }

  void recover() {
    List<BranchVote> branches = new ArrayList<>();
    for (int i = 0; i < world.nodes.length; i++) {
      if ((world.nodes[0].decided & 1 << i) != 0) {
        branches.add(model.layout.branch(i).vote(Vote.PREPARED, ""));
      }
    }
    world.coordinator = model.values.number(new CoordinatorState.New(Layout.TX));
    boolean decided = world.nodes[0].has(Entry.DECISION);
    step(
        decided
            ? new CoordinatorEvent.Recovered(branches)
            : new CoordinatorEvent.RecoveredPreCommit(step.members.listed()));
  }

  void crash() {
    world.coordinator = Interner.NONE;
    world.coordinatorTimers = 0;
    world.redeliver = 0;
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
      case CoordinatorEffect.ForceDecision e -> forceDecision(e);
      case CoordinatorEffect.Resolve e -> world.breach("a journal resolves nothing: " + e);
      case CoordinatorEffect.SendDelegation e ->
          step.prepares.ask(Layout.nodeOf(e.branch().branch()), true);
      case CoordinatorEffect.SendPrepare e ->
          step.prepares.ask(Layout.nodeOf(e.branch().branch()), false);
      case CoordinatorEffect.SendOutcome e -> sendOutcome(e);
      case CoordinatorEffect.ReleaseResponse _ -> answerClient(ClientTold.COMMITTED);
      case CoordinatorEffect.AnswerFailure e -> answerClient(ClientTold.of(e.failure()));
      case CoordinatorEffect.WriteEnded _ -> {
        Promises.forgets(world);
        step.stores.write(world.nodes[0], new Write(Entry.TRANSACTION_END.bit(), 0, false));
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
      case CoordinatorEffect.ReportHazard e -> {
        if (!Promises.anyIsHeuristic(world)) {
          world.breach("the coordinator shows a hazard, and no service refused: " + e.detail());
        }
      }
      case CoordinatorEffect.Forget _ -> {
        if (world.coordinator() instanceof CoordinatorState.Ended ended
            && ended.result() == CoordinatorState.Result.COMMITTED) {
          Promises.forgets(world);
        }
        crash(); // the machine and all of its timers
      }
      case CoordinatorEffect.ThreePhase e -> step.members.perform(e);
    }
  }

  private void answerClient(ClientTold what) {
    if (step.chart.isOn()) {
      step.chart.arrow(1, 0, what.name().toLowerCase(java.util.Locale.ROOT), false);
    }
    Promises.answersClient(world, what);
    world.told = what;
  }

  private void forceDecision(CoordinatorEffect.ForceDecision effect) {
    int nodes = 0;
    for (BranchVote vote : effect.branches()) {
      nodes |= 1 << Layout.nodeOf(vote.branch());
    }
    Promises.decides(world, nodes, effect.recordRides());
    int entries = Entry.DECISION.bit() | (effect.recordRides() ? Entry.OWN.bit() : 0);
    step.stores.write(world.nodes[0], new Write(entries, nodes, false));
  }

  private void sendOutcome(CoordinatorEffect.SendOutcome effect) {
    int node = Layout.nodeOf(effect.branch().branch());
    if (effect.outcome() == Outcome.COMMIT) {
      Promises.tellsCommit(world, node);
    } else {
      Promises.tellsAbort(world, node);
    }
    Node here = world.nodes[0];
    if (node == 0) {
      step.locally(
          () -> step.participants.told(here, effect.outcome(), effect.awaited(), here.life + 1));
    } else {
      step.send(new Message(Kind.OUTCOME, 0, node, here.life, effect.outcome(), effect.awaited()));
    }
  }

  void inquired(Message inquiry, boolean ours, boolean replayed) {
    int asker = inquiry.from();
    if (!step.waits(asker, inquiry.life())) {
      return;
    }
    CoordinatorState state = ours && replayed ? held() : null;
    Answer answer =
        model.machines.answer(
            state,
            model.layout.branch(asker).key(),
            ours,
            replayed,
            model.layout.branch(asker).protocol());
    if (answer == Answer.COMMITTED) {
      Promises.tellsCommit(world, asker);
    } else if (answer == Answer.ABORTED) {
      Promises.tellsAbort(world, asker);
    }
    if (asker == 0) {
      step.participants.inquiryAnswered(world.nodes[0], answer);
    } else {
      step.send(new Message(Kind.INQUIRY_ANSWER, 0, asker, 0, answer, inquiry.flag()));
    }
  }

  private @Nullable CoordinatorState held() {
    CoordinatorState forgotten = step.operators.ofForgotten();
    return forgotten == null ? world.coordinator() : forgotten;
  }

  // What comes to the machine

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

  void doomed(ParticipantEffect.DoomTransaction effect) {
    step(new CoordinatorEvent.Doomed(effect.votes(), effect.blame()));
  }

  void struck(ParticipantEffect.StrikeAtRoot effect) {
    step(new CoordinatorEvent.Struck(effect.votes()));
  }

  void clientGone() {
    step(new CoordinatorEvent.ClientGone());
  }

  void decisionDurable() {
    step(new CoordinatorEvent.DecisionDurable());
  }

  void decisionFailed() {
    step(new CoordinatorEvent.DecisionFailed("disk"));
  }

  void decisionRefused() {
    step(new CoordinatorEvent.DecisionRefused("disk"));
  }

  void acknowledged(int node, Acknowledgement acknowledgement) {
    step(new CoordinatorEvent.Acknowledged(model.layout.branch(node).key(), acknowledgement, ""));
  }

  void undelivered(int node) {
    step(new CoordinatorEvent.Undelivered(model.layout.branch(node).key()));
  }

  void timer(int kind) {
    world.coordinatorTimers &= ~(1 << kind);
    step(new CoordinatorEvent.TimerFired(TimerKind.values()[kind], null));
  }

  void redeliver(int node) {
    world.redeliver &= ~(1 << node);
    step(new CoordinatorEvent.TimerFired(TimerKind.REDELIVER, model.layout.branch(node).key()));
  }
}
