package io.handfast.tx.mutants;

import static io.handfast.tx.mutants.Mutant.and;
import static io.handfast.tx.mutants.Mutant.first;
import static io.handfast.tx.mutants.Mutant.real;
import static io.handfast.tx.mutants.Mutant.without;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Acknowledged;
import io.handfast.tx.core.coordinator.CoordinatorEvent.ClientGone;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionFailed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionRefused;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Recovered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RootClosed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Struck;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Undelivered;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.CoordinatorState.Aborting;
import io.handfast.tx.core.coordinator.CoordinatorState.Active;
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import io.handfast.tx.core.coordinator.CoordinatorState.Deciding;
import io.handfast.tx.core.coordinator.CoordinatorState.Ended;
import io.handfast.tx.core.coordinator.RootAnswer;
import io.handfast.tx.core.coordinator.TimerKind;
import io.handfast.tx.mutants.Mutant.CoordinatorStep;
import java.util.List;
import java.util.function.UnaryOperator;

/** Coordinators that do one thing wrong. */
final class CoordinatorMutants {
  static final List<Mutant> ALL =
      List.of(
          Mutant.coordinator("tell before force", CoordinatorMutants::tellBeforeForce),
          Mutant.coordinator("commit on timeout", CoordinatorMutants::commitOnTimeout),
          Mutant.coordinator("forget a branch in the decision", forgetABranch()),
          Mutant.coordinator("forget who has not acknowledged", CoordinatorMutants::oneIsEnough),
          Mutant.coordinator("count a struck-off branch", countStruck()),
          Mutant.coordinator("count a no as a yes", votes(CoordinatorMutants::noIsYes)),
          Mutant.coordinator(
              "treat a failed force as not written",
              (state, event) ->
                  event instanceof DecisionFailed e
                      ? real(state, new DecisionRefused(e.reason()))
                      : real(state, event)),
          Mutant.coordinator(
              "treat a failed force as written",
              (state, event) ->
                  event instanceof DecisionFailed
                      ? real(state, new DecisionDurable())
                      : real(state, event)),
          Mutant.coordinator(
              "treat a refused write as written",
              (state, event) ->
                  event instanceof DecisionRefused
                      ? real(state, new DecisionDurable())
                      : real(state, event)),
          Mutant.coordinator("answer the client before the force", answerEarly()),
          Mutant.coordinator("abort at the deadline while deciding", abortWhileDeciding()),
          Mutant.coordinator("abort when the client goes while deciding", abortWhenClientGoes()),
          Mutant.coordinator(
              "never tell again",
              (state, event) ->
                  event instanceof Undelivered ? Transition.to(state) : real(state, event)),
          Mutant.coordinator(
              "do not tell after a restart",
              (state, event) ->
                  event instanceof Recovered
                      ? without(
                          real(state, event), it -> it instanceof CoordinatorEffect.SendOutcome)
                      : real(state, event)),
          Mutant.coordinator("end a decision at a restart", endAtRestart()),
          Mutant.coordinator("leave the root's record out of the decision", recordLeftOut()),
          Mutant.coordinator("tell ABORT to who was committed", abortAfterCommit()));

  private CoordinatorMutants() {}

  private static Transition<CoordinatorState, CoordinatorEffect> tellBeforeForce(
      CoordinatorState state, CoordinatorEvent event) {
    if (event instanceof DecisionDurable && !(state instanceof Deciding)) {
      return Transition.to(state);
    }
    Transition<CoordinatorState, CoordinatorEffect> step = real(state, event);
    return state instanceof Active && step.next() instanceof Deciding
        ? and(step, real(step.next(), new DecisionDurable()))
        : step;
  }

  private static Transition<CoordinatorState, CoordinatorEffect> commitOnTimeout(
      CoordinatorState state, CoordinatorEvent event) {
    if (state instanceof Active active
        && event instanceof TimerFired e
        && e.kind() == TimerKind.DEADLINE) {
      return real(
          state,
          new RootClosed(List.of(active.root().vote(Vote.PREPARED, "")), RootAnswer.SUCCESS, true));
    }
    boolean late =
        !(state instanceof Active || state instanceof Aborting || state instanceof Ended);
    return late && event instanceof RootClosed ? Transition.to(state) : real(state, event);
  }

  /** The list of votes changed before the machine sees it. */
  private static CoordinatorStep votes(UnaryOperator<BranchVote> change) {
    return (state, event) ->
        event instanceof RootClosed e
            ? real(
                state,
                new RootClosed(
                    e.votes().stream().map(change).toList(), e.answer(), e.recordRides()))
            : real(state, event);
  }

  private static CoordinatorStep countStruck() {
    CoordinatorStep counting = votes(CoordinatorMutants::unstrike);
    return (state, event) ->
        event instanceof Struck ? Transition.to(state) : counting.apply(state, event);
  }

  private static BranchVote unstrike(BranchVote vote) {
    return vote.vote() == Vote.STRUCK && vote.participant() != null ? yes(vote) : vote;
  }

  private static BranchVote noIsYes(BranchVote vote) {
    return vote.vote() == Vote.ABORT ? yes(vote) : vote;
  }

  private static BranchVote yes(BranchVote vote) {
    return new BranchVote(
        vote.branch(),
        Vote.PREPARED,
        vote.participant(),
        vote.store(),
        vote.service(),
        vote.mode(),
        vote.handle(),
        "");
  }

  private static CoordinatorStep forgetABranch() {
    return (state, event) -> {
      if (event instanceof RootClosed e && e.votes().size() > 1) {
        List<BranchVote> fewer = e.votes().subList(0, e.votes().size() - 1);
        return real(state, new RootClosed(fewer, e.answer(), e.recordRides()));
      }
      return real(state, event);
    };
  }

  private static Transition<CoordinatorState, CoordinatorEffect> oneIsEnough(
      CoordinatorState state, CoordinatorEvent event) {
    Transition<CoordinatorState, CoordinatorEffect> step = real(state, event);
    return event instanceof Acknowledged && step.next() instanceof Committing committing
        ? and(step, over(committing))
        : step;
  }

  private static Transition<CoordinatorState, CoordinatorEffect> over(Committing committing) {
    return Transition.to(
        new Ended(
            committing.tx(),
            CoordinatorState.Result.COMMITTED,
            committing.decided(),
            committing.hazards()),
        new CoordinatorEffect.WriteEnded(false),
        new CoordinatorEffect.Forget());
  }

  private static CoordinatorStep endAtRestart() {
    return (state, event) -> {
      Transition<CoordinatorState, CoordinatorEffect> step = real(state, event);
      return event instanceof Recovered && step.next() instanceof Committing committing
          ? over(committing)
          : step;
    };
  }

  private static CoordinatorStep answerEarly() {
    return (state, event) -> {
      Transition<CoordinatorState, CoordinatorEffect> step = real(state, event);
      if (state instanceof Active && step.next() instanceof Deciding) {
        return first(new CoordinatorEffect.ReleaseResponse(), step);
      }
      return state instanceof Active
          ? step
          : without(step, it -> it instanceof CoordinatorEffect.ReleaseResponse);
    };
  }

  /** The timer is left running, too. */
  private static CoordinatorStep abortWhileDeciding() {
    return (state, event) -> {
      boolean deadline = event instanceof TimerFired e && e.kind() == TimerKind.DEADLINE;
      if (deadline && state instanceof Deciding) {
        return real(state, new DecisionRefused("the deadline has passed"));
      }
      if (event instanceof DecisionDurable && !(state instanceof Deciding)) {
        return Transition.to(state);
      }
      return without(
          real(state, event),
          it -> it instanceof CoordinatorEffect.CancelTimer e && e.kind() == TimerKind.DEADLINE);
    };
  }

  private static CoordinatorStep abortWhenClientGoes() {
    return (state, event) -> {
      if (event instanceof ClientGone && state instanceof Deciding) {
        return real(state, new DecisionRefused("the client has gone"));
      }
      return event instanceof DecisionDurable && !(state instanceof Deciding)
          ? Transition.to(state)
          : real(state, event);
    };
  }

  private static CoordinatorStep recordLeftOut() {
    return (state, event) ->
        event instanceof RootClosed e
            ? real(state, new RootClosed(e.votes(), e.answer(), false))
            : real(state, event);
  }

  /** What a participant does not answer in time it is told to undo. */
  private static CoordinatorStep abortAfterCommit() {
    return (state, event) -> {
      Transition<CoordinatorState, CoordinatorEffect> step = real(state, event);
      if (!(state instanceof Committing) || !(event instanceof TimerFired)) {
        return step;
      }
      return new Transition<>(
          step.next(), step.effects().stream().map(CoordinatorMutants::toAbort).toList());
    };
  }

  private static CoordinatorEffect toAbort(CoordinatorEffect effect) {
    return effect instanceof CoordinatorEffect.SendOutcome e
        ? new CoordinatorEffect.SendOutcome(e.branch(), Outcome.ABORT, e.attempt(), e.awaited())
        : effect;
  }
}
