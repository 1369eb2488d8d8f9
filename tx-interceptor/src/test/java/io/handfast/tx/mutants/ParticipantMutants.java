package io.handfast.tx.mutants;

import static io.handfast.tx.mutants.Mutant.and;
import static io.handfast.tx.mutants.Mutant.first;
import static io.handfast.tx.mutants.Mutant.real;
import static io.handfast.tx.mutants.Mutant.without;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.IllegalTransitionException;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEffect.CloseRoot;
import io.handfast.tx.core.participant.ParticipantEffect.ForceRecord;
import io.handfast.tx.core.participant.ParticipantEffect.ReleaseAnswer;
import io.handfast.tx.core.participant.ParticipantEffect.WriteEnd;
import io.handfast.tx.core.participant.ParticipantEvent.BegunDurable;
import io.handfast.tx.core.participant.ParticipantEvent.CallVoted;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionFailed;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionSucceeded;
import io.handfast.tx.core.participant.ParticipantEvent.EndDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.InquiryAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.InquiryUnanswered;
import io.handfast.tx.core.participant.ParticipantEvent.Opened;
import io.handfast.tx.core.participant.ParticipantEvent.RecordDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.ServiceAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.TimerFired;
import io.handfast.tx.core.participant.ParticipantEvent.Told;
import io.handfast.tx.core.participant.ParticipantEvent.Write;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.ParticipantState.AbortedWorking;
import io.handfast.tx.core.participant.ParticipantState.BegunRecovered;
import io.handfast.tx.core.participant.ParticipantState.Closing;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.ParticipantState.Recording;
import io.handfast.tx.core.participant.ParticipantState.Working;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.mutants.Mutant.ParticipantStep;
import java.util.List;

/** Branches that do one thing wrong. */
final class ParticipantMutants {
  static final List<Mutant> ALL =
      List.of(
          Mutant.participant("skip BEGUN", skipBegun()),
          Mutant.participant("vote before the record is durable", voteEarly()),
          Mutant.participant(
              "vote yes when the record's force failed",
              (state, event) ->
                  event instanceof WriteFailed e && e.write() == Write.BRANCH_RECORD
                      ? real(state, new RecordDurable())
                      : real(state, event)),
          Mutant.participant("lose the read-only vote", loseReadOnly()),
          Mutant.participant("count a vote twice", countTwice()),
          Mutant.participant("ignore a missing vote", ignoreMissing()),
          Mutant.participant("acknowledge before the end record is durable", acknowledgeEarly()),
          Mutant.participant("acknowledge and write no end record", writeNoEnd()),
          Mutant.participant("cancel a Try that may still run, at the deadline", cancelEarly()),
          Mutant.participant("cancel a Try that may still run, after a restart", cancelAtRestart()),
          Mutant.participant("cancel a Try that may still run, when told", cancelWhenTold()),
          Mutant.participant("commit in doubt, at the deadline", inDoubt(Outcome.COMMIT)),
          Mutant.participant("abort in doubt, at the deadline", inDoubt(Outcome.ABORT)),
          Mutant.participant("take PENDING for ABORTED", answered(Answer.PENDING, Answer.ABORTED)),
          Mutant.participant(
              "take NOT_MINE for ABORTED", answered(Answer.NOT_MINE, Answer.ABORTED)),
          Mutant.participant(
              "take no answer for ABORTED",
              (state, event) ->
                  event instanceof InquiryUnanswered
                      ? real(state, new InquiryAnswered(Answer.ABORTED))
                      : real(state, event)),
          Mutant.participant(
              "never ask",
              (state, event) ->
                  without(real(state, event), it -> it instanceof ParticipantEffect.Inquire)),
          Mutant.participant(
              "give up a completion that has to be tried again",
              (state, event) ->
                  event instanceof CompletionFailed
                      ? real(state, new CompletionSucceeded())
                      : real(state, event)),
          Mutant.participant(
              "undo at a restart what may have voted",
              (state, event) ->
                  event instanceof Recovered
                      ? real(state, new Recovered(Found.BEGUN))
                      : real(state, event)),
          Mutant.participant("wait for an answer that never comes", noTryTimeout()));

  private ParticipantMutants() {}

  private static ParticipantStep skipBegun() {
    return (state, event) -> {
      if (event instanceof Opened && state.branch().isUpdating()) {
        return without(
            and(real(state, event), real(real(state, event).next(), new BegunDurable())),
            it ->
                it instanceof ParticipantEffect.ForceBegun
                    || it instanceof ParticipantEffect.WriteBegun);
      }
      return real(state, event);
    };
  }

  private static ParticipantStep voteEarly() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      boolean forces = step.effects().stream().anyMatch(it -> it instanceof ForceRecord);
      if (forces) {
        return new Transition<>(
            step.next(), and(step, real(step.next(), new RecordDurable())).effects());
      }
      return state instanceof Recording
          ? without(step, it -> it instanceof ParticipantEffect.SendVotes)
          : step;
    };
  }

  private static ParticipantStep loseReadOnly() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return new Transition<>(
          step.next(), step.effects().stream().map(ParticipantMutants::forgetful).toList());
    };
  }

  private static ParticipantEffect forgetful(ParticipantEffect effect) {
    return effect instanceof ReleaseAnswer e
        ? new ReleaseAnswer(
            e.release(),
            e.votes().stream().filter(it -> it.vote() != Vote.READ_ONLY).toList(),
            e.reason())
        : effect;
  }

  /** The vote of a call counts for its neighbour too. */
  private static ParticipantStep countTwice() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      if (!(event instanceof CallVoted e) || !(step.next() instanceof Working)) {
        return step;
      }
      BranchId other = new BranchId(e.call().bits() == 2 ? 3 : 2);
      List<BranchVote> again =
          e.votes().stream()
              .map(it ->
                  new BranchVote(
                      other,
                      it.vote(),
                      it.participant(),
                      it.store(),
                      it.service(),
                      it.mode(),
                      it.handle(),
                      it.reason()))
              .toList();
      try {
        return and(step, real(step.next(), new CallVoted(other, again)));
      } catch (IllegalTransitionException alone) {
        return step;
      }
    };
  }

  private static ParticipantStep ignoreMissing() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      boolean success = event instanceof ServiceAnswered && step.next() instanceof Closing;
      if (success && state.branch().root()) {
        List<BranchVote> own = List.of(state.branch().vote(Vote.PREPARED, ""));
        return and(
            step,
            Transition.to(
                new Prepared(state.branch(), true, false, false, 0, false),
                new CloseRoot(own, TryAnswer.SUCCESS, !state.branch().durability().isComplete())));
      }
      return state instanceof Prepared && event instanceof CallVoted ? Transition.to(state) : step;
    };
  }

  private static ParticipantStep acknowledgeEarly() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return step.effects().stream().anyMatch(it -> it instanceof WriteEnd)
          ? first(new ParticipantEffect.Acknowledge(Acknowledgement.DONE, ""), step)
          : step;
    };
  }

  private static ParticipantStep writeNoEnd() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return step.effects().stream().anyMatch(it -> it instanceof WriteEnd)
          ? without(and(step, real(step.next(), new EndDurable())), it -> it instanceof WriteEnd)
          : step;
    };
  }

  private static ParticipantStep cancelEarly() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      boolean late = event instanceof TimerFired e && e.kind() == TimerKind.DEADLINE;
      return late && step.next() instanceof AbortedWorking
          ? and(step, real(step.next(), new TimerFired(TimerKind.TRY_TIMEOUT)))
          : step;
    };
  }

  private static ParticipantStep cancelAtRestart() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return event instanceof Recovered && step.next() instanceof BegunRecovered
          ? and(step, real(step.next(), new TimerFired(TimerKind.TRY_TIMEOUT)))
          : step;
    };
  }

  private static ParticipantStep cancelWhenTold() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return state instanceof Prepared && step.next() instanceof BegunRecovered
          ? and(step, real(step.next(), new TimerFired(TimerKind.TRY_TIMEOUT)))
          : step;
    };
  }

  private static ParticipantStep inDoubt(Outcome guess) {
    return (state, event) ->
        state instanceof Prepared && event instanceof TimerFired e && e.kind() == TimerKind.DEADLINE
            ? real(state, new Told(guess, false))
            : real(state, event);
  }

  private static ParticipantStep answered(Answer said, Answer heard) {
    return (state, event) ->
        event instanceof InquiryAnswered e && e.answer() == said
            ? real(state, new InquiryAnswered(heard))
            : real(state, event);
  }

  private static ParticipantStep noTryTimeout() {
    return (state, event) ->
        without(
            real(state, event),
            it ->
                it instanceof ParticipantEffect.StartTimer e && e.kind() == TimerKind.TRY_TIMEOUT);
  }
}
