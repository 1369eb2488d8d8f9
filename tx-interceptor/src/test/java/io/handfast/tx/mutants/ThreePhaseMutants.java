package io.handfast.tx.mutants;

import static io.handfast.tx.mutants.Mutant.and;
import static io.handfast.tx.mutants.Mutant.real;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Standing;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent.MemberAnswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.MemberUnanswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PreCommitDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PreCommitFailed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.PrepareAnswered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RecoveredPreCommit;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.CoordinatorState.Asking;
import io.handfast.tx.core.coordinator.PreCommitting;
import io.handfast.tx.core.coordinator.TimerKind;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEffect.ForcePreCommitted;
import io.handfast.tx.core.participant.ParticipantEffect.ForceWithdrawal;
import io.handfast.tx.core.participant.ParticipantEvent.CanCommitRequested;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.InquiryAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.InquiryUnanswered;
import io.handfast.tx.core.participant.ParticipantEvent.PreCommitRequested;
import io.handfast.tx.core.participant.ParticipantEvent.RecordDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.StandingAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.StandingUnanswered;
import io.handfast.tx.core.participant.ParticipantEvent.Told;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.Uncertain;
import io.handfast.tx.core.participant.Uncertain.Phase;
import io.handfast.tx.explorer.Machines;
import io.handfast.tx.explorer.Small;
import io.handfast.tx.explorer.ThreePhaseWorlds;
import io.handfast.tx.mutants.Mutant.CoordinatorStep;
import io.handfast.tx.mutants.Mutant.ParticipantStep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Machines that do one thing wrong where branches can end a transaction by themselves. */
final class ThreePhaseMutants {
  /**
   * A mutant, and where it is looked for first.
   *
   * @param first the smallest world in which it is caught; others are seen only if it is not
   */
  record Hunted(Mutant mutant, Small first) {}

  static final List<Hunted> ALL =
      List.of(
          coordinator(
              ThreePhaseWorlds.CALM,
              "pre-commit when the first has promised",
              preCommitAtTheFirst()),
          coordinator(
              ThreePhaseWorlds.CALM, "pre-commit before it is recorded", tellBeforeTheForce()),
          coordinator(
              ThreePhaseWorlds.CRASH,
              "decide when the first has pre-committed",
              decideAtTheFirst()),
          coordinator(
              ThreePhaseWorlds.CRASH_AND_DISK,
              "take silence for a pre-commit",
              (state, event) ->
                  event instanceof MemberUnanswered e && state instanceof PreCommitting
                      ? real(state, new MemberAnswered(e.participant(), Standing.PRE_COMMITTED))
                      : real(state, event)),
          coordinator(
              ThreePhaseWorlds.EARLY_TIMER,
              "abort at the deadline, when some may know",
              abortWhilePreCommitting()),
          coordinator(ThreePhaseWorlds.DISK, "presume abort when it comes back", presumeAbort()),
          participant(
              ThreePhaseWorlds.CRASH, "commit without having pre-committed", commitFromReady()),
          participant(
              ThreePhaseWorlds.CALM,
              "skip the force of a pre-commit",
              skipTheForce(ForcePreCommitted.class)),
          participant(
              ThreePhaseWorlds.CRASHES,
              "skip the force of a withdrawal",
              skipTheForce(ForceWithdrawal.class)),
          participant(
              ThreePhaseWorlds.EARLY_TIMER,
              "abort at the deadline, having promised",
              abortAtTheDeadline()),
          participant(
              ThreePhaseWorlds.CRASH_OF_CALLEES,
              "drop the list of members",
              (state, event) ->
                  event instanceof CanCommitRequested
                      ? real(state, new CanCommitRequested(List.of()))
                      : real(state, event)),
          participant(
              ThreePhaseWorlds.CRASH,
              "presume abort of a member that knows nothing, or is silent",
              (state, event) ->
                  event instanceof StandingUnanswered e
                      ? real(state, new StandingAnswered(e.member(), Standing.ABORTED))
                      : real(state, event)),
          participant(
              ThreePhaseWorlds.DISK_AND_EARLY_TIMER,
              "decide after a restart as if it had not been away",
              neverAway()),
          participant(
              ThreePhaseWorlds.DISK,
              "count what a member says that has been away",
              (state, event) ->
                  event instanceof StandingAnswered e && e.standing().isAway()
                      ? real(
                          state,
                          new StandingAnswered(
                              e.member(),
                              e.standing().isPreCommitted()
                                  ? Standing.PRE_COMMITTED
                                  : Standing.READY))
                      : real(state, event)),
          participant(
              ThreePhaseWorlds.CRASHES_OF_CALLEES,
              "two electors: take the lower ones for dead",
              ignoreTheLower()),
          participant(
              ThreePhaseWorlds.CRASH_AND_EARLY_TIMER,
              "end it though the coordinator lives",
              (state, event) ->
                  state instanceof Uncertain
                          && event instanceof InquiryAnswered e
                          && e.answer() == Answer.PENDING
                      ? real(state, new InquiryUnanswered())
                      : real(state, event)),
          participant(
              ThreePhaseWorlds.LATE_PRE_COMMITS,
              "pre-commit for one that has died, counted by another",
              (state, event) ->
                  state instanceof Uncertain s && event instanceof PreCommitRequested
                      ? real(state, new PreCommitRequested(s.heeds()))
                      : real(state, event)),
          new Hunted(sayWhileItReadsThatItRuns(), ThreePhaseWorlds.LATE_PRE_COMMITS_AND_READING),
          participant(
              ThreePhaseWorlds.CRASHES,
              "take a withdrawal for a pre-commit at a restart",
              (state, event) ->
                  event instanceof Recovered e && e.found() == Found.WITHDRAWN
                      ? real(state, new Recovered(Found.PRE_COMMITTED))
                      : real(state, event)));

  private ThreePhaseMutants() {}

  private static Hunted coordinator(Small first, String name, CoordinatorStep wrong) {
    return new Hunted(Mutant.coordinator(name, wrong), first);
  }

  private static Hunted participant(Small first, String name, ParticipantStep wrong) {
    return new Hunted(Mutant.participant(name, wrong), first);
  }

  /** The former life's pre-commit counts again then. */
  private static Mutant sayWhileItReadsThatItRuns() {
    return new Mutant(
        "say PENDING while the store is read",
        new Machines() {
          @Override
          public Answer answer(
              @Nullable CoordinatorState state,
              ParticipantKey asker,
              boolean ours,
              boolean replayed,
              Protocol protocol) {
            return ours && !replayed
                ? Answer.PENDING
                : Machines.REAL.answer(state, asker, ours, replayed, protocol);
          }
        });
  }

  private static CoordinatorStep preCommitAtTheFirst() {
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

  private static CoordinatorStep tellBeforeTheForce() {
    return (state, event) -> {
      if (event instanceof PreCommitDurable || event instanceof PreCommitFailed) {
        return Transition.to(state);
      }
      Transition<CoordinatorState, CoordinatorEffect> step = real(state, event);
      return step.effects().stream().anyMatch(it -> it instanceof CoordinatorEffect.ForcePreCommit)
          ? and(step, real(step.next(), new PreCommitDurable()))
          : step;
    };
  }

  private static CoordinatorStep decideAtTheFirst() {
    return (state, event) -> {
      Transition<CoordinatorState, CoordinatorEffect> step = real(state, event);
      boolean knows = event instanceof MemberAnswered e && e.standing() == Standing.PRE_COMMITTED;
      while (knows
          && step.next() instanceof PreCommitting next
          && next.stage() == PreCommitting.Stage.TELLING) {
        ParticipantKey silent = next.questions().open().keySet().iterator().next();
        step = and(step, real(next, new MemberAnswered(silent, Standing.PRE_COMMITTED)));
      }
      return step;
    };
  }

  private static CoordinatorStep abortWhilePreCommitting() {
    return (state, event) -> {
      if (state instanceof PreCommitting s
          && s.stage() == PreCommitting.Stage.TELLING
          && event instanceof TimerFired e
          && e.kind() == TimerKind.DEADLINE) {
        ParticipantKey any = s.questions().open().keySet().iterator().next();
        return real(state, new MemberAnswered(any, Standing.ABORTED));
      }
      return real(state, event);
    };
  }

  private static CoordinatorStep presumeAbort() {
    return (state, event) -> {
      Transition<CoordinatorState, CoordinatorEffect> step = real(state, event);
      if (event instanceof RecoveredPreCommit e) {
        ParticipantKey any = e.branches().getFirst().key();
        return any == null
            ? step
            : and(step, real(step.next(), new MemberAnswered(any, Standing.ABORTED)));
      }
      return step;
    };
  }

  private static ParticipantStep commitFromReady() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return step.effects().stream().anyMatch(it -> it instanceof ForceWithdrawal)
          ? real(state, new Told(io.handfast.tx.core.Outcome.COMMIT, false))
          : step;
    };
  }

  /** It goes on as if it were durable. */
  private static ParticipantStep skipTheForce(Class<? extends ParticipantEffect> force) {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return step.effects().stream().anyMatch(force::isInstance)
          ? Mutant.without(and(step, real(step.next(), new RecordDurable())), force::isInstance)
          : step;
    };
  }

  private static ParticipantStep abortAtTheDeadline() {
    return (state, event) ->
        state instanceof Uncertain
                && event instanceof io.handfast.tx.core.participant.ParticipantEvent.TimerFired e
                && e.kind() == io.handfast.tx.core.participant.TimerKind.DEADLINE
            ? real(state, new Told(io.handfast.tx.core.Outcome.ABORT, false))
            : real(state, event);
  }

  private static ParticipantStep neverAway() {
    return (state, event) -> {
      Transition<ParticipantState, ParticipantEffect> step = real(state, event);
      return step.next() instanceof Uncertain s && s.away()
          ? new Transition<>(
              new Uncertain(
                  s.branch(), s.phase(), false, s.restored(), s.heeds(), s.round(), s.inquiries()),
              step.effects())
          : step;
    };
  }

  private static ParticipantStep ignoreTheLower() {
    return (state, event) ->
        state instanceof Uncertain s
                && s.phase() == Phase.READY
                && event instanceof StandingAnswered e
                && e.standing().isOperational()
                && Long.compareUnsigned(e.member().branch().bits(), s.branch().id().bits()) < 0
            ? real(state, new StandingUnanswered(e.member()))
            : real(state, event);
  }
}
