package io.handfast.tx.mutants;

import static io.handfast.tx.mutants.Mutant.and;
import static io.handfast.tx.mutants.Mutant.first;
import static io.handfast.tx.mutants.Mutant.real;
import static io.handfast.tx.mutants.Mutant.without;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AnswerFailure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DelegationAnswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PrepareAnswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PrepareUnanswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RootClosed;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.CoordinatorState.Asking;
import io.handfast.tx.core.coordinator.CoordinatorState.Delegating;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEffect.AnswerDelegation;
import io.handfast.tx.core.participant.ParticipantEffect.AnswerPrepare;
import io.handfast.tx.core.participant.ParticipantEvent.DelegationRequested;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.OwnDecisionInDoubt;
import io.handfast.tx.core.participant.ParticipantEvent.PrepareRequested;
import io.handfast.tx.core.participant.ParticipantEvent.RecordDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.ServicePrepared;
import io.handfast.tx.core.participant.ParticipantEvent.TimerFired;
import io.handfast.tx.core.participant.ParticipantEvent.Write;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.ParticipantState.Confirming;
import io.handfast.tx.core.participant.ParticipantState.DecidingAlone;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.ParticipantState.Preparing;
import io.handfast.tx.core.participant.ParticipantState.Promising;
import io.handfast.tx.core.participant.PrepareAnswer;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.mutants.Mutant.CoordinatorStep;
import io.handfast.tx.mutants.Mutant.ParticipantStep;
import java.util.ArrayList;
import java.util.List;

/** Machines that do one thing wrong where branches are asked to prepare, or left to decide. */
final class AskingMutants {
  static final List<Mutant> ALL =
      List.of(
          Mutant.coordinator("count ask as a yes", votes(AskingMutants::askIsYes)),
          Mutant.coordinator("decide when the first has prepared", decideAtTheFirst()),
          Mutant.coordinator(
              "take no answer to PREPARE for a yes",
              (state, event) ->
                  event instanceof PrepareUnanswered e
                      ? real(state, new PrepareAnswered(e.participant(), Vote.PREPARED, ""))
                      : real(state, event)),
          Mutant.coordinator("leave the decision to one of two", votes(AskingMutants::oneAsk)),
          Mutant.coordinator("say aborted when who decides is silent", sayAborted()),
          Mutant.coordinator("say committed when the decision is left", sayCommitted()),
          Mutant.coordinator(
              "take NOT_MINE of who decides for ABORTED",
              (state, event) ->
                  event instanceof DelegationAnswered e && e.answer() == Answer.NOT_MINE
                      ? real(
                          state, new DelegationAnswered(e.participant(), Answer.ABORTED, "unknown"))
                      : real(state, event)),
          Mutant.participant("promise before the service has prepared", promiseAtOnce()),
          Mutant.participant("promise before the record is durable", promiseEarly()),
          Mutant.participant("promise anew after a restart", promiseAnew()),
          Mutant.participant(
              "take a refusal to prepare for a yes",
              (state, event) ->
                  event instanceof ServicePrepared
                      ? real(state, new ServicePrepared(PrepareAnswer.PREPARED, ""))
                      : real(state, event)),
          Mutant.participant("undo while the service prepares", undoWhilePreparing()),
          Mutant.participant("confirm before its own decision is durable", confirmEarly()),
          Mutant.participant(
              "undo when its own decision is in doubt",
              (state, event) ->
                  event instanceof OwnDecisionInDoubt e
                      ? real(state, new WriteFailed(Write.OWN_DECISION, e.reason()))
                      : real(state, event)),
          Mutant.participant(
              "confirm when its own decision is in doubt",
              (state, event) ->
                  event instanceof OwnDecisionInDoubt
                      ? real(state, new RecordDurable())
                      : real(state, event)),
          Mutant.participant(
              "undo at a restart what it has decided",
              (state, event) ->
                  event instanceof Recovered e && e.found() == Found.DECIDED
                      ? real(state, new Recovered(Found.BEGUN))
                      : real(state, event)),
          Mutant.participant("abort at the deadline while it decides", abortWhileDeciding()),
          Mutant.participant("say aborted of what it has decided", denyTheDecision()));

  private AskingMutants() {}

  private interface Wrong {
    List<BranchVote> of(RootClosed event);
  }

  private static CoordinatorStep votes(Wrong wrong) {
    return (state, event) ->
        state instanceof CoordinatorState.Active && event instanceof RootClosed e
            ? real(state, new RootClosed(wrong.of(e), e.answer(), e.recordRides()))
            : real(state, event);
  }

  private static List<BranchVote> askIsYes(RootClosed event) {
    return event.votes().stream()
        .map(vote -> vote.vote() == Vote.ASK ? vote.prepared() : vote)
        .toList();
  }

  private static List<BranchVote> oneAsk(RootClosed event) {
    List<BranchVote> votes = new ArrayList<>();
    boolean asked = false;
    for (BranchVote vote : event.votes()) {
      if (vote.vote() != Vote.ASK || !asked) {
        votes.add(vote);
      }
      asked |= vote.vote() == Vote.ASK;
    }
    return votes;
  }

  private static CoordinatorStep decideAtTheFirst() {
    return (state, event) -> {
      Transition<CoordinatorState, CoordinatorEffect> step = real(state, event);
      boolean yes = event instanceof PrepareAnswered e && e.vote() == Vote.PREPARED;
      while (yes && step.next() instanceof Asking asking) {
        ParticipantKey silent = asking.questions().open().keySet().iterator().next();
        step = and(step, real(asking, new PrepareAnswered(silent, Vote.PREPARED, "")));
      }
      return step;
    };
  }

  private static CoordinatorStep sayAborted() {
    return (state, event) -> {
      Transition<CoordinatorState, CoordinatorEffect> step = real(state, event);
      return state instanceof Delegating
          ? new Transition<>(
              step.next(),
              step.effects().stream()
                  .<CoordinatorEffect>map(effect ->
                      effect instanceof AnswerFailure e && e.failure() == Failure.UNKNOWN
                          ? new AnswerFailure(Failure.DEADLINE, null, e.detail())
                          : effect)
                  .toList())
          : step;
    };
  }

  private static CoordinatorStep sayCommitted() {
    return (state, event) -> {
      Transition<CoordinatorState, CoordinatorEffect> step = real(state, event);
      return !(state instanceof Delegating) && step.next() instanceof Delegating
          ? first(new CoordinatorEffect.ReleaseResponse(), step)
          : step;
    };
  }

  private static ParticipantStep promiseAtOnce() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return event instanceof PrepareRequested && step.next() instanceof Preparing
          ? and(step, Transition.to(step.next(), new AnswerPrepare(Vote.PREPARED, "")))
          : step;
    };
  }

  private static ParticipantStep promiseEarly() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      if (!(state instanceof Promising) && step.next() instanceof Promising) {
        return and(step, Transition.to(step.next(), new AnswerPrepare(Vote.PREPARED, "")));
      }
      return state instanceof Promising && step.next() instanceof Prepared
          ? without(step, it -> it instanceof AnswerPrepare)
          : step;
    };
  }

  private static ParticipantStep promiseAnew() {
    return (state, event) ->
        state instanceof Prepared && event instanceof PrepareRequested
            ? Transition.to(state, new AnswerPrepare(Vote.PREPARED, ""))
            : real(state, event);
  }

  private static ParticipantStep undoWhilePreparing() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      boolean aborts =
          state instanceof Preparing before
              && step.next() instanceof Preparing now
              && now.aborted()
              && !before.aborted();
      return aborts
          ? and(
              step,
              real(step.next(), new ServicePrepared(PrepareAnswer.REFUSED, "it takes too long")))
          : step;
    };
  }

  private static ParticipantStep confirmEarly() {
    return (state, event) -> {
      if (event instanceof RecordDurable && state instanceof Confirming) {
        return Transition.to(state);
      }
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return step.effects().stream()
              .anyMatch(it -> it instanceof ParticipantEffect.ForceOwnDecision)
          ? and(step, real(step.next(), new RecordDurable()))
          : step;
    };
  }

  private static ParticipantStep abortWhileDeciding() {
    return (state, event) ->
        state instanceof DecidingAlone
                && event instanceof TimerFired e
                && e.kind() == TimerKind.DEADLINE
            ? real(state, new WriteFailed(Write.OWN_DECISION, "the deadline has passed"))
            : real(state, event);
  }

  private static ParticipantStep denyTheDecision() {
    return (state, event) ->
        state instanceof Confirming && event instanceof DelegationRequested
            ? Transition.to(state, new AnswerDelegation(Answer.ABORTED, "too late"))
            : real(state, event);
  }
}
