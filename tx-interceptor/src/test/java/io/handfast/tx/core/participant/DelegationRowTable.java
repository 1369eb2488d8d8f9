package io.handfast.tx.core.participant;

import static io.handfast.tx.core.Samples.onePhase;
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
import static io.handfast.tx.core.participant.RowSamples.NOTHING_TO_DO;
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
import static io.handfast.tx.core.participant.RowSamples.WILL_NOT;
import static io.handfast.tx.core.participant.RowSamples.closing;
import static io.handfast.tx.core.participant.RowSamples.prepared;
import static io.handfast.tx.core.participant.RowSamples.working;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.participant.ParticipantEvent.DelegationRequested;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
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
import io.handfast.tx.core.participant.ParticipantState.Preparing;
import io.handfast.tx.core.participant.ParticipantState.Promising;
import io.handfast.tx.core.participant.ParticipantState.Recording;
import io.handfast.tx.core.participant.ParticipantState.Withdrawn;
import java.util.List;

/** Rows of the branch to which the decision is left, and of a delegation wherever else it comes. */
final class DelegationRowTable {
  private static final Branch ALONE = onePhase(1, false, false);
  private static final Branch ALONE_PREPARES = onePhase(1, true, false);
  private static final DelegationRequested DELEGATION = new DelegationRequested();
  private static final OwnDecisionInDoubt IN_DOUBT = new OwnDecisionInDoubt("disk");
  private static final WriteFailed REFUSED = new WriteFailed(Write.OWN_DECISION, "full");

  private DelegationRowTable() {}

  static void addTo(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    t.row(working(ALONE), SUCCESS, AwaitingPrepare.class, "CancelTimer", "ReleaseAnswer")
        .row(new New(ALONE), new Recovered(Found.DECIDED), Confirming.class, "Confirm")
        .row(new AwaitingPrepare(ALONE, false), DELEGATION, DecidingAlone.class, "ForceOwnDecision")
        .row(new AwaitingPrepare(ALONE, false), PREPARE, Promising.class, "ForceRecord")
        .row(new AwaitingPrepare(ALONE_PREPARES, false), DELEGATION, Preparing.class, "Prepare");
    ofPreparing(t);
    ofDecidingAlone(t);
    elsewhere(t);
  }

  private static void ofPreparing(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Preparing s = new Preparing(ALONE_PREPARES, true, false, false);
    t.row(s, PREPARED_NOW, DecidingAlone.class, "ForceOwnDecision")
        .row(s, NOTHING_TO_DO, Ending.class, "AnswerDelegation", "CancelTimer", "WriteEnd")
        .row(s, WILL_NOT, Cancelling.class, "AnswerDelegation", "CancelTimer", "Cancel")
        .row(s, DEADLINE, Preparing.class, "AnswerDelegation")
        .dropped(s, DELEGATION)
        .row(
            new Preparing(ALONE_PREPARES, true, true, false),
            DELEGATION,
            Preparing.class,
            "AnswerDelegation")
        .never(s, IN_DOUBT, REFUSED);
  }

  private static void ofDecidingAlone(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    DecidingAlone s = new DecidingAlone(ALONE, false);
    t.row(s, RECORD_DURABLE, Confirming.class, "CancelTimer", "AnswerDelegation", "Confirm")
        .row(s, IN_DOUBT, DecidingAlone.class, "ReportHazard")
        .row(s, REFUSED, Cancelling.class, "CancelTimer", "AnswerDelegation", "Cancel")
        .never(s, RECORD_FAILED, END_FAILED)
        .row(s, ABORT, DecidingAlone.class, "ReportHazard", "Acknowledge")
        .row(s, COMMIT, DecidingAlone.class, "ReportHazard", "Acknowledge")
        .row(s, PREPARE, DecidingAlone.class, "AnswerPrepare")
        .dropped(s, DELEGATION, DEADLINE, TRY_TIMEOUT, INQUIRY, RETRY, BEGUN_FAILED)
        .dropped(s, ABORTED, COMMITTED, UNANSWERED, VOTE_UNKNOWN, BEGUN_DURABLE, CALL_VOTED)
        .dropped(s, CALL_FAILED)
        .row(s, CALL, DecidingAlone.class, "RefuseCall")
        .row(s, CALL_ENDED, DecidingAlone.class, "ReleaseCall")
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

  private static void elsewhere(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    t.never(new New(FORCED), DELEGATION, IN_DOUBT)
        .never(new AwaitingPrepare(ASKS, false), IN_DOUBT);
    for (ParticipantState state :
        List.of(
            new Beginning(FORCED),
            new Withdrawn(FORCED, false),
            working(FORCED),
            closing(FORCED, CALL),
            new Recording(FORCED, List.of()),
            new Promising(ASKS),
            prepared(FORCED),
            new AbortedWorking(FORCED, true, false, false),
            new BegunRecovered(FORCED, false),
            new Confirming(FORCED, 1, false),
            new Cancelling(FORCED, true, 1, false),
            Ending.first(FORCED, BranchOutcome.COMMITTED, ""),
            new Ended(FORCED, BranchOutcome.ABORTED, ""),
            new Ended(FORCED, BranchOutcome.READ_ONLY, ""),
            new Ended(FORCED, BranchOutcome.HAZARD, "422"))) {
      t.row(state, DELEGATION, state.getClass(), "AnswerDelegation").never(state, IN_DOUBT);
    }
  }
}
