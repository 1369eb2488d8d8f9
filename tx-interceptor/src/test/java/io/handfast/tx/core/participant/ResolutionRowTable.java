package io.handfast.tx.core.participant;

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
import static io.handfast.tx.core.participant.RowSamples.COMPLETE;
import static io.handfast.tx.core.participant.RowSamples.DEADLINE;
import static io.handfast.tx.core.participant.RowSamples.DONE;
import static io.handfast.tx.core.participant.RowSamples.END_DURABLE;
import static io.handfast.tx.core.participant.RowSamples.END_FAILED;
import static io.handfast.tx.core.participant.RowSamples.FORCED;
import static io.handfast.tx.core.participant.RowSamples.INQUIRY;
import static io.handfast.tx.core.participant.RowSamples.NEVER;
import static io.handfast.tx.core.participant.RowSamples.NOT_NOW;
import static io.handfast.tx.core.participant.RowSamples.OPENED;
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
import static io.handfast.tx.core.participant.RowSamples.asking;
import static io.handfast.tx.core.participant.RowSamples.closing;
import static io.handfast.tx.core.participant.RowSamples.prepared;
import static io.handfast.tx.core.participant.RowSamples.working;

import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.participant.ParticipantEvent.DelegationRequested;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.OperatorDecided;
import io.handfast.tx.core.participant.ParticipantEvent.OwnDecisionInDoubt;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
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
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.ParticipantState.Preparing;
import io.handfast.tx.core.participant.ParticipantState.Promising;
import io.handfast.tx.core.participant.ParticipantState.Recording;
import io.handfast.tx.core.participant.ParticipantState.Resolving;
import io.handfast.tx.core.participant.ParticipantState.Withdrawn;
import java.util.List;

/** Rows of a branch in doubt that an operator decides, and of his word wherever else it comes. */
final class ResolutionRowTable {
  private static final OperatorDecided TO_COMMIT = new OperatorDecided(Outcome.COMMIT);
  private static final OperatorDecided TO_ABORT = new OperatorDecided(Outcome.ABORT);
  private static final OwnDecisionInDoubt IN_DOUBT = new OwnDecisionInDoubt("disk");
  private static final WriteFailed REFUSED = new WriteFailed(Write.RESOLUTION, "full");
  private static final WriteFailed OWN_REFUSED = new WriteFailed(Write.OWN_DECISION, "full");
  private static final DelegationRequested DELEGATION = new DelegationRequested();

  private ResolutionRowTable() {}

  static void addTo(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    t.row(prepared(FORCED), TO_COMMIT, Resolving.class, "ForceResolution")
        .row(asking(true), TO_ABORT, Resolving.class, "ForceResolution")
        .row(new New(FORCED), new Recovered(Found.RESOLVED_COMMIT), Confirming.class, "Confirm")
        .row(
            new New(FORCED),
            new Recovered(Found.RESOLVED_ABORT),
            BegunRecovered.class,
            "StartTimer");
    ofResolving(t);
    elsewhere(t);
  }

  private static Resolving resolving(Prepared before, Outcome outcome) {
    return new Resolving(before, null, outcome, false);
  }

  private static void ofResolving(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Resolving s = resolving(prepared(FORCED), Outcome.COMMIT);
    t.row(
            s,
            RECORD_DURABLE,
            Confirming.class,
            "CancelTimer",
            "CancelTimer",
            "CancelTimer",
            "Confirm")
        .row(
            resolving(prepared(FORCED), Outcome.ABORT),
            RECORD_DURABLE,
            Cancelling.class,
            "CancelTimer",
            "CancelTimer",
            "Cancel")
        .row(
            resolving(asking(true), Outcome.ABORT),
            RECORD_DURABLE,
            BegunRecovered.class,
            "CancelTimer",
            "CancelTimer")
        .row(s, REFUSED, Prepared.class, "Inquire")
        .row(s, IN_DOUBT, Resolving.class)
        .dropped(s, BEGUN_FAILED, BEGUN_DURABLE, DEADLINE, TRY_TIMEOUT, INQUIRY, RETRY)
        .dropped(s, COMMIT, ABORT, COMMITTED, ABORTED, UNANSWERED, VOTE_UNKNOWN, TO_ABORT)
        .dropped(s, CALL_VOTED, CALL_FAILED)
        .row(s, CALL, Resolving.class, "RefuseCall")
        .row(s, CALL_ENDED, Resolving.class, "ReleaseCall")
        .row(s, PREPARE, Resolving.class, "AnswerPrepare")
        .dropped(resolving(asking(false), Outcome.COMMIT), PREPARE)
        .dropped(resolving(prepared(FORCED), Outcome.ABORT), PREPARE)
        .row(s, DELEGATION, Resolving.class, "AnswerDelegation")
        .never(s, RECORD_FAILED, END_FAILED, OWN_REFUSED)
        .never(
            s,
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
            NEVER);
  }

  /** Commands look at the state first: anywhere else the word cannot come. */
  private static void elsewhere(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    for (ParticipantState state :
        List.of(
            new New(FORCED),
            new Beginning(FORCED),
            new Withdrawn(FORCED, false),
            working(FORCED),
            closing(FORCED, CALL),
            new Recording(FORCED, List.of()),
            new AwaitingPrepare(ASKS, false),
            new Preparing(ASKS, false, false, false),
            new Promising(ASKS),
            new DecidingAlone(FORCED, false),
            new AbortedWorking(FORCED, true, false, false),
            new BegunRecovered(COMPLETE, false),
            new Confirming(FORCED, 1, false),
            new Cancelling(FORCED, true, 1, false),
            Ending.first(FORCED, BranchOutcome.COMMITTED, ""),
            new Ended(FORCED, BranchOutcome.ABORTED, ""))) {
      t.never(state, TO_COMMIT, TO_ABORT);
    }
  }
}
