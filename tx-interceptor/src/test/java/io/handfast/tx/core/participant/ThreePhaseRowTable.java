package io.handfast.tx.core.participant;

import static io.handfast.tx.core.Samples.key;
import static io.handfast.tx.core.Samples.members;
import static io.handfast.tx.core.Samples.threePhase;
import static io.handfast.tx.core.participant.RowSamples.ABORT;
import static io.handfast.tx.core.participant.RowSamples.ABORTED;
import static io.handfast.tx.core.participant.RowSamples.ANSWER_STARTED;
import static io.handfast.tx.core.participant.RowSamples.ASKS;
import static io.handfast.tx.core.participant.RowSamples.BEGUN_DURABLE;
import static io.handfast.tx.core.participant.RowSamples.BEGUN_FAILED;
import static io.handfast.tx.core.participant.RowSamples.BEGUN_WRITTEN;
import static io.handfast.tx.core.participant.RowSamples.CALL;
import static io.handfast.tx.core.participant.RowSamples.CALL_ENDED;
import static io.handfast.tx.core.participant.RowSamples.CALL_FAILED;
import static io.handfast.tx.core.participant.RowSamples.CALL_VOTED;
import static io.handfast.tx.core.participant.RowSamples.COMMIT;
import static io.handfast.tx.core.participant.RowSamples.COMMITTED;
import static io.handfast.tx.core.participant.RowSamples.DEADLINE;
import static io.handfast.tx.core.participant.RowSamples.DONE;
import static io.handfast.tx.core.participant.RowSamples.END_DURABLE;
import static io.handfast.tx.core.participant.RowSamples.END_FAILED;
import static io.handfast.tx.core.participant.RowSamples.FORCED;
import static io.handfast.tx.core.participant.RowSamples.INQUIRY;
import static io.handfast.tx.core.participant.RowSamples.NEVER;
import static io.handfast.tx.core.participant.RowSamples.NOT_MINE;
import static io.handfast.tx.core.participant.RowSamples.NOT_NOW;
import static io.handfast.tx.core.participant.RowSamples.OPENED;
import static io.handfast.tx.core.participant.RowSamples.PENDING;
import static io.handfast.tx.core.participant.RowSamples.PREPARE;
import static io.handfast.tx.core.participant.RowSamples.PREPARED_IN_RESOURCE;
import static io.handfast.tx.core.participant.RowSamples.PREPARED_NOW;
import static io.handfast.tx.core.participant.RowSamples.RECORD_DURABLE;
import static io.handfast.tx.core.participant.RowSamples.RECORD_FAILED;
import static io.handfast.tx.core.participant.RowSamples.RECOVERED;
import static io.handfast.tx.core.participant.RowSamples.RETRY;
import static io.handfast.tx.core.participant.RowSamples.SUCCESS;
import static io.handfast.tx.core.participant.RowSamples.TRY_TIMEOUT;
import static io.handfast.tx.core.participant.RowSamples.UNANSWERED;
import static io.handfast.tx.core.participant.RowSamples.VOTE_UNKNOWN;
import static io.handfast.tx.core.participant.RowSamples.closing;
import static io.handfast.tx.core.participant.RowSamples.prepared;
import static io.handfast.tx.core.participant.RowSamples.working;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.Standing;
import io.handfast.tx.core.participant.ParticipantEvent.CanCommitRequested;
import io.handfast.tx.core.participant.ParticipantEvent.DelegationRequested;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.OperatorDecided;
import io.handfast.tx.core.participant.ParticipantEvent.OwnDecisionInDoubt;
import io.handfast.tx.core.participant.ParticipantEvent.PreCommitRequested;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.StandingAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.StandingRequested;
import io.handfast.tx.core.participant.ParticipantEvent.StandingUnanswered;
import io.handfast.tx.core.participant.ParticipantEvent.Write;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState.AbortedWorking;
import io.handfast.tx.core.participant.ParticipantState.AwaitingPrepare;
import io.handfast.tx.core.participant.ParticipantState.Beginning;
import io.handfast.tx.core.participant.ParticipantState.BegunRecovered;
import io.handfast.tx.core.participant.ParticipantState.Cancelling;
import io.handfast.tx.core.participant.ParticipantState.Confirming;
import io.handfast.tx.core.participant.ParticipantState.DecidingAlone;
import io.handfast.tx.core.participant.ParticipantState.Ended;
import io.handfast.tx.core.participant.ParticipantState.Ending;
import io.handfast.tx.core.participant.ParticipantState.New;
import io.handfast.tx.core.participant.ParticipantState.Preparing;
import io.handfast.tx.core.participant.ParticipantState.Promising;
import io.handfast.tx.core.participant.ParticipantState.Recording;
import io.handfast.tx.core.participant.ParticipantState.Resolving;
import io.handfast.tx.core.participant.ParticipantState.Withdrawn;
import io.handfast.tx.core.participant.Uncertain.Phase;
import java.util.List;

/** Rows of a branch that can end its transaction with the others, and of what it is asked. */
final class ThreePhaseRowTable {
  private static final Branch ALONE = threePhase(2, false);
  private static final Branch SECOND = threePhase(2, false, 1, 2, 3);
  private static final CanCommitRequested CAN_COMMIT = new CanCommitRequested(members(1, 2, 3));
  private static final OperatorDecided BY_OPERATOR = new OperatorDecided(Outcome.ABORT);
  private static final PreCommitRequested PRE_COMMIT = new PreCommitRequested(null);
  private static final StandingRequested ASKED = new StandingRequested(null);
  private static final StandingUnanswered SILENT = new StandingUnanswered(key(1));

  private ThreePhaseRowTable() {}

  private static StandingAnswered says(long n, Standing standing) {
    return new StandingAnswered(key(n), standing);
  }

  private static Uncertain uncertain(Phase phase, Round round) {
    return new Uncertain(SECOND, phase, false, false, null, round, 1);
  }

  static void addTo(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    t.row(new AwaitingPrepare(ALONE, false), CAN_COMMIT, Promising.class, "ForceRecord")
        .row(new Promising(SECOND), RECORD_DURABLE, Uncertain.class, "AnswerPrepare")
        .row(
            new Promising(threePhase(1, true, 1, 2)),
            RECORD_DURABLE,
            Uncertain.class,
            "AnswerPrepare",
            "StartTimer")
        .row(
            new New(SECOND),
            new Recovered(Found.PREPARED),
            Uncertain.class,
            "CancelTimer",
            "Inquire")
        .row(
            new New(SECOND),
            new Recovered(Found.PRE_COMMITTED, true),
            Uncertain.class,
            "CancelTimer",
            "Inquire")
        .row(new New(SECOND), new Recovered(Found.WITHDRAWN), Cancelling.class, "Cancel")
        .row(
            new AwaitingPrepare(ALONE, false),
            ASKED,
            Cancelling.class,
            "CancelTimer",
            "Cancel",
            "AnswerStanding")
        .row(
            new Preparing(SECOND, false, false, false),
            ASKED,
            Preparing.class,
            "AnswerPrepare",
            "AnswerStanding")
        .row(
            new Promising(SECOND),
            ASKED,
            Cancelling.class,
            "AnswerPrepare",
            "CancelTimer",
            "Cancel",
            "AnswerStanding")
        .dropped(new Confirming(SECOND, 1, false), RECORD_DURABLE, RECORD_FAILED);
    ofUncertain(t);
    termination(t);
    ofThoseWhoWereAway(t);
    ofAnOperator(t);
    elsewhere(t);
  }

  private static void ofUncertain(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Uncertain ready = uncertain(Phase.READY, Round.NONE);
    Uncertain counted = ready.heeding(key(1));
    Uncertain preCommitting = uncertain(Phase.PRE_COMMITTING, Round.NONE);
    Uncertain knows = uncertain(Phase.PRE_COMMITTED, Round.NONE);
    Uncertain withdrawing = uncertain(Phase.WITHDRAWING, Round.NONE);
    t.row(ready, PRE_COMMIT, Uncertain.class, "ForcePreCommitted")
        .row(ready, new PreCommitRequested(key(1)), Uncertain.class, "ForcePreCommitted")
        .row(ready, new StandingRequested(key(1)), Uncertain.class, "AnswerStanding")
        .row(counted, PRE_COMMIT, Uncertain.class, "AnswerPreCommit")
        .row(counted, new PreCommitRequested(key(3)), Uncertain.class, "AnswerPreCommit")
        .row(counted, new PreCommitRequested(key(1)), Uncertain.class, "ForcePreCommitted")
        .dropped(preCommitting, PRE_COMMIT)
        .row(knows, PRE_COMMIT, Uncertain.class, "AnswerPreCommit")
        .row(withdrawing, PRE_COMMIT, Uncertain.class, "AnswerPreCommit")
        .row(preCommitting, RECORD_DURABLE, Uncertain.class, "AnswerPreCommit")
        .row(withdrawing, RECORD_DURABLE, Cancelling.class, "CancelTimer", "CancelTimer", "Cancel")
        .never(ready, RECORD_DURABLE)
        .never(knows, RECORD_DURABLE)
        .row(preCommitting, RECORD_FAILED, Uncertain.class, "AnswerPreCommit")
        .row(withdrawing, RECORD_FAILED, Uncertain.class, "StartTimer")
        .dropped(ready, RECORD_FAILED, BEGUN_FAILED)
        .never(ready, END_FAILED)
        .row(ready, COMMIT, Confirming.class, "CancelTimer", "CancelTimer", "Confirm")
        .row(
            preCommitting,
            COMMIT,
            Confirming.class,
            "CancelTimer",
            "CancelTimer",
            "AnswerPreCommit",
            "Confirm")
        .row(knows, ABORT, Cancelling.class, "CancelTimer", "CancelTimer", "Cancel")
        .row(withdrawing, COMMIT, Uncertain.class, "ReportHazard", "Acknowledge")
        .row(ready, COMMITTED, Confirming.class, "CancelTimer", "CancelTimer", "Confirm")
        .row(ready, ABORTED, Cancelling.class, "CancelTimer", "CancelTimer", "Cancel")
        .row(
            ready,
            says(1, Standing.COMMITTED),
            Confirming.class,
            "CancelTimer",
            "CancelTimer",
            "Confirm")
        .row(
            ready,
            says(1, Standing.ABORTED),
            Cancelling.class,
            "CancelTimer",
            "CancelTimer",
            "Cancel")
        .row(ready, BY_OPERATOR, Resolving.class, "ForceResolution")
        .dropped(withdrawing, BY_OPERATOR)
        .row(ready, ASKED, Uncertain.class, "AnswerStanding")
        .row(ready, CAN_COMMIT, Uncertain.class, "AnswerPrepare")
        .row(ready, PREPARE, Uncertain.class, "AnswerPrepare")
        .row(ready, new DelegationRequested(), Uncertain.class, "AnswerDelegation")
        .row(ready, DEADLINE, Uncertain.class, "CancelTimer", "Inquire")
        .row(ready, INQUIRY, Uncertain.class, "CancelTimer", "Inquire")
        .dropped(withdrawing, DEADLINE)
        .row(withdrawing, INQUIRY, Uncertain.class, "ForceWithdrawal")
        .dropped(ready, PENDING, NOT_MINE, UNANSWERED, SILENT, says(1, Standing.READY))
        .dropped(ready, TRY_TIMEOUT, RETRY, VOTE_UNKNOWN, BEGUN_DURABLE, CALL_VOTED, CALL_FAILED)
        .row(ready, CALL, Uncertain.class, "RefuseCall")
        .row(ready, CALL_ENDED, Uncertain.class, "ReleaseCall")
        .never(
            ready,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            BEGUN_WRITTEN,
            END_DURABLE,
            ANSWER_STARTED,
            SUCCESS,
            PREPARED_NOW,
            DONE,
            NOT_NOW,
            NEVER,
            new OwnDecisionInDoubt("disk"));
  }

  private static void termination(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Uncertain calling = uncertain(Phase.READY, Round.CALLING);
    Uncertain probing = uncertain(Phase.READY, Round.probing(members(1)));
    Uncertain first =
        new Uncertain(
            threePhase(1, true, 1, 2, 3), Phase.READY, false, false, null, Round.CALLING, 1);
    Uncertain last = uncertain(Phase.READY, Round.gathering(members(3)));
    Uncertain both = uncertain(Phase.READY, Round.gathering(members(1, 3)));
    Uncertain knows = uncertain(Phase.PRE_COMMITTED, Round.preCommitting(members(3)));
    t.dropped(calling, DEADLINE, INQUIRY, SILENT)
        .row(calling, PENDING, Uncertain.class, "StartTimer")
        .row(calling, UNANSWERED, Uncertain.class, "AskStanding")
        .row(calling, NOT_MINE, Uncertain.class, "AskStanding")
        .row(first, UNANSWERED, Uncertain.class, "AskStanding", "AskStanding")
        .dropped(probing, DEADLINE, INQUIRY, UNANSWERED)
        .row(probing, says(1, Standing.READY), Uncertain.class, "StartTimer")
        .row(probing, says(1, Standing.AWAY_READY), Uncertain.class, "AskStanding", "AskStanding")
        .row(probing, SILENT, Uncertain.class, "AskStanding", "AskStanding")
        .row(both, SILENT, Uncertain.class)
        .row(last, says(3, Standing.READY), Uncertain.class, "ForceWithdrawal")
        .row(last, says(3, Standing.AWAY_PRE_COMMITTED), Uncertain.class, "ForceWithdrawal")
        .row(last, says(3, Standing.PRE_COMMITTED), Uncertain.class, "ForcePreCommitted")
        .row(
            knows,
            says(3, Standing.PRE_COMMITTED),
            Confirming.class,
            "CancelTimer",
            "CancelTimer",
            "Confirm")
        .row(knows, says(3, Standing.READY), Uncertain.class, "StartTimer")
        .row(
            knows,
            new StandingUnanswered(key(3)),
            Confirming.class,
            "CancelTimer",
            "CancelTimer",
            "Confirm");
  }

  /** Where all have been away. One from a backup decides nothing, whatever it keeps (T13). */
  private static void ofThoseWhoWereAway(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Branch low = threePhase(1, true, 1, 2);
    Round last = Round.gathering(members(2));
    Uncertain lowest = new Uncertain(low, Phase.READY, true, false, null, last, 1);
    t.row(lowest, says(2, Standing.AWAY_READY), Uncertain.class, "ForceWithdrawal")
        .row(lowest, says(2, Standing.UNKNOWN), Uncertain.class, "StartTimer")
        .row(lowest, new StandingUnanswered(key(2)), Uncertain.class, "StartTimer")
        .row(
            new Uncertain(low, Phase.READY, true, true, null, last, 1),
            says(2, Standing.AWAY_READY),
            Uncertain.class,
            "StartTimer")
        .row(
            new Uncertain(low, Phase.PRE_COMMITTED, true, true, null, last, 1),
            says(2, Standing.AWAY_PRE_COMMITTED),
            Uncertain.class,
            "StartTimer")
        .row(
            new Uncertain(low, Phase.PRE_COMMITTED, true, false, null, last, 1),
            says(2, Standing.AWAY_READY),
            Uncertain.class,
            "AskStanding");
  }

  /** An operator's word is written: what is heard counts for nothing, and is heard. */
  private static void ofAnOperator(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    WriteFailed refused = new WriteFailed(Write.RESOLUTION, "full");
    Resolving idle = uncertain(Phase.READY, Round.NONE).resolving(Outcome.ABORT);
    Resolving calling = uncertain(Phase.READY, Round.CALLING).resolving(Outcome.ABORT);
    Resolving probing = uncertain(Phase.READY, Round.probing(members(1))).resolving(Outcome.ABORT);
    t.row(idle, refused, Uncertain.class, "CancelTimer", "Inquire")
        .dropped(idle, PENDING, UNANSWERED, SILENT, says(1, Standing.COMMITTED))
        .row(calling, UNANSWERED, Resolving.class)
        .row(calling, COMMITTED, Resolving.class)
        .row(calling, refused, Uncertain.class)
        .row(probing, SILENT, Resolving.class)
        .row(probing, says(1, Standing.READY), Resolving.class);
    ParticipantState heard = ParticipantCore.step(calling, UNANSWERED).next();
    t.row(heard, refused, Uncertain.class, "StartTimer");
    heard = ParticipantCore.step(probing, says(1, Standing.COMMITTED)).next();
    t.row(heard, refused, Uncertain.class, "AskStanding", "AskStanding");
  }

  private static void elsewhere(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    t.never(new New(FORCED), CAN_COMMIT, PRE_COMMIT, ASKED, SILENT, says(1, Standing.READY))
        .dropped(new Preparing(ASKS, false, false, false), CAN_COMMIT)
        .dropped(new Promising(ASKS), CAN_COMMIT)
        .dropped(prepared(FORCED).resolving(Outcome.ABORT), CAN_COMMIT);
    for (ParticipantState state :
        List.of(new Preparing(ASKS, false, false, false), new Promising(ASKS))) {
      asked(t, state);
    }
    for (ParticipantState state :
        List.of(
            new Beginning(FORCED),
            new Withdrawn(FORCED, false),
            working(FORCED),
            closing(FORCED, CALL),
            new Recording(FORCED, List.of()),
            new AwaitingPrepare(ASKS, false),
            new DecidingAlone(FORCED, false),
            prepared(FORCED),
            prepared(FORCED).resolving(Outcome.COMMIT),
            new AbortedWorking(FORCED, true, false, false),
            new BegunRecovered(FORCED, false),
            new Confirming(FORCED, 1, false),
            new Cancelling(FORCED, true, 1, false),
            Ending.first(FORCED, BranchOutcome.COMMITTED, ""),
            new Ended(FORCED, BranchOutcome.ABORTED, ""),
            new Ended(FORCED, BranchOutcome.READ_ONLY, ""),
            new Ended(FORCED, BranchOutcome.HAZARD, "422"))) {
      t.row(state, CAN_COMMIT, state.getClass(), "AnswerPrepare");
      asked(t, state);
    }
  }

  private static void asked(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t, ParticipantState state) {
    t.row(state, PRE_COMMIT, state.getClass(), "AnswerPreCommit")
        .row(state, ASKED, state.getClass(), "AnswerStanding")
        .dropped(state, SILENT, says(1, Standing.COMMITTED));
  }
}
