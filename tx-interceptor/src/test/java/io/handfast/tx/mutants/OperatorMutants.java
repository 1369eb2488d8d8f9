package io.handfast.tx.mutants;

import static io.handfast.tx.mutants.Mutant.and;
import static io.handfast.tx.mutants.Mutant.real;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.InquiryAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.OwnDecisionInDoubt;
import io.handfast.tx.core.participant.ParticipantEvent.PrepareRequested;
import io.handfast.tx.core.participant.ParticipantEvent.RecordDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.TimerFired;
import io.handfast.tx.core.participant.ParticipantEvent.Write;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.ParticipantState.BegunRecovered;
import io.handfast.tx.core.participant.ParticipantState.Cancelling;
import io.handfast.tx.core.participant.ParticipantState.Confirming;
import io.handfast.tx.core.participant.ParticipantState.Resolving;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.explorer.Machines;
import io.handfast.tx.mutants.Mutant.ParticipantStep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Machines, and what is around them, that do one thing wrong where an operator decides (T21). */
final class OperatorMutants {
  private static final ParticipantEffect PROMISE =
      new ParticipantEffect.AnswerPrepare(Vote.PREPARED, "");

  static final List<Mutant> ALL =
      List.of(
          Mutant.participant("do what an operator says before it is durable", actEarly()),
          Mutant.participant("let the truth overwrite an operator's word", overwrite()),
          Mutant.participant(
              "carry out an operator's word that the store refused",
              (state, event) ->
                  event instanceof WriteFailed e && e.write() == Write.RESOLUTION
                      ? real(state, new RecordDurable())
                      : real(state, event)),
          Mutant.participant(
              "wait for ever when the store refused an operator's word",
              (state, event) ->
                  event instanceof WriteFailed e && e.write() == Write.RESOLUTION
                      ? Transition.to(state)
                      : real(state, event)),
          Mutant.participant(
              "carry out an operator's word that is in doubt",
              (state, event) ->
                  state instanceof Resolving && event instanceof OwnDecisionInDoubt
                      ? real(state, new RecordDurable())
                      : real(state, event)),
          Mutant.participant(
              "be in doubt again after a restart",
              (state, event) ->
                  isResolved(event)
                      ? real(state, new Recovered(Found.PREPARED))
                      : real(state, event)),
          Mutant.participant(
              "undo at a restart what an operator committed",
              (state, event) ->
                  isResolved(event)
                      ? real(state, new Recovered(Found.RESOLVED_ABORT))
                      : real(state, event)),
          Mutant.participant("undo for an operator before the Try's timeout", undoEarly()),
          Mutant.participant(
              "promise while an operator's ABORT is being recorded",
              (state, event) ->
                  event instanceof PrepareRequested
                          && state instanceof Resolving s
                          && s.outcome() == Outcome.ABORT
                      ? Transition.to(state, PROMISE)
                      : real(state, event)),
          Mutant.participant(
              "promise again what is being undone",
              (state, event) ->
                  event instanceof PrepareRequested && state instanceof Cancelling
                      ? Transition.to(state, PROMISE)
                      : real(state, event)),
          new Mutant(
              "acknowledge at once what an operator has decided",
              new Machines() {
                @Override
                public Acknowledgement ofResolved() {
                  return Acknowledgement.DONE;
                }
              }),
          new Mutant(
              "take every truth for what an operator decided",
              new Machines() {
                @Override
                public boolean agrees(Outcome decided, Outcome truth) {
                  return true;
                }
              }),
          new Mutant(
              "answer from absence of a decision that was forgotten",
              new Machines() {
                @Override
                public Answer answer(
                    @Nullable CoordinatorState state,
                    ParticipantKey asker,
                    boolean ours,
                    boolean replayed) {
                  return Machines.super.answer(
                      state instanceof CoordinatorState.Ended ? null : state,
                      asker,
                      ours,
                      replayed);
                }
              }));

  private OperatorMutants() {}

  private static boolean isResolved(Object event) {
    return event instanceof Recovered e
        && (e.found() == Found.RESOLVED_COMMIT || e.found() == Found.RESOLVED_ABORT);
  }

  private static boolean isCarriedOut(ParticipantState state) {
    return state instanceof Confirming
        || state instanceof Cancelling
        || state instanceof BegunRecovered;
  }

  private static ParticipantStep actEarly() {
    return (state, event) -> {
      if (event instanceof RecordDurable && isCarriedOut(state)) {
        return Transition.to(state);
      }
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return step.effects().stream().anyMatch(it -> it instanceof ParticipantEffect.ForceResolution)
          ? and(step, real(step.next(), new RecordDurable()))
          : step;
    };
  }

  private static ParticipantStep overwrite() {
    return (state, event) -> {
      if (event instanceof RecordDurable && isCarriedOut(state)) {
        return Transition.to(state);
      }
      boolean truth = event instanceof InquiryAnswered e && e.answer() == Answer.COMMITTED;
      return truth && state instanceof Resolving resolving
          ? real(resolving.before(), event)
          : real(state, event);
    };
  }

  private static ParticipantStep undoEarly() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return state instanceof Resolving && step.next() instanceof BegunRecovered
          ? and(step, real(step.next(), new TimerFired(TimerKind.TRY_TIMEOUT)))
          : step;
    };
  }
}
