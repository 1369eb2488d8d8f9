package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.RowSamples.ABORT;
import static io.handfast.tx.core.participant.RowSamples.ABORTED;
import static io.handfast.tx.core.participant.RowSamples.ANSWER_STARTED;
import static io.handfast.tx.core.participant.RowSamples.ASKS;
import static io.handfast.tx.core.participant.RowSamples.ASKS_COMPLETE;
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
import static io.handfast.tx.core.participant.RowSamples.NOTHING_TO_DO;
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
import static io.handfast.tx.core.participant.RowSamples.ROOT_ASKS;
import static io.handfast.tx.core.participant.RowSamples.SUCCESS;
import static io.handfast.tx.core.participant.RowSamples.TRY_TIMEOUT;
import static io.handfast.tx.core.participant.RowSamples.UNANSWERED;
import static io.handfast.tx.core.participant.RowSamples.VOTE_UNKNOWN;
import static io.handfast.tx.core.participant.RowSamples.WILL_NOT;
import static io.handfast.tx.core.participant.RowSamples.asking;
import static io.handfast.tx.core.participant.RowSamples.closing;
import static io.handfast.tx.core.participant.RowSamples.prepared;
import static io.handfast.tx.core.participant.RowSamples.working;

import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.participant.ParticipantState.AbortedWorking;
import io.handfast.tx.core.participant.ParticipantState.AwaitingPrepare;
import io.handfast.tx.core.participant.ParticipantState.Beginning;
import io.handfast.tx.core.participant.ParticipantState.BegunRecovered;
import io.handfast.tx.core.participant.ParticipantState.Cancelling;
import io.handfast.tx.core.participant.ParticipantState.Confirming;
import io.handfast.tx.core.participant.ParticipantState.Ended;
import io.handfast.tx.core.participant.ParticipantState.Ending;
import io.handfast.tx.core.participant.ParticipantState.New;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.ParticipantState.Preparing;
import io.handfast.tx.core.participant.ParticipantState.Promising;
import io.handfast.tx.core.participant.ParticipantState.Recording;
import io.handfast.tx.core.participant.ParticipantState.Withdrawn;
import java.util.List;

/** Rows of a branch that prepares when it is asked to, and of PREPARE wherever else it comes. */
final class PrepareRowTable {
  private PrepareRowTable() {}

  static void addTo(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> table) {
    ofClosing(table);
    ofAwaitingPrepare(table);
    ofPreparing(table);
    ofPromising(table);
    elsewhere(table);
  }

  private static void ofClosing(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    t.row(working(ASKS), SUCCESS, AwaitingPrepare.class, "CancelTimer", "ReleaseAnswer")
        .row(working(ROOT_ASKS), SUCCESS, AwaitingPrepare.class, "CancelTimer", "CloseRoot")
        .row(
            closing(ASKS_COMPLETE, CALL, CALL_ENDED),
            CALL_VOTED,
            AwaitingPrepare.class,
            "SendVotes");
  }

  private static void ofAwaitingPrepare(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    AwaitingPrepare s = new AwaitingPrepare(ASKS, false);
    AwaitingPrepare inquiring = new AwaitingPrepare(ASKS, true);
    AwaitingPrepare root = new AwaitingPrepare(ROOT_ASKS, false);
    t.row(s, PREPARE, Preparing.class, "Prepare")
        .row(new AwaitingPrepare(FORCED, false), PREPARE, Promising.class, "ForceRecord")
        .row(new AwaitingPrepare(COMPLETE, false), PREPARE, Prepared.class, "AnswerPrepare")
        .row(s, ABORT, Cancelling.class, "CancelTimer", "Cancel")
        .row(s, COMMIT, AwaitingPrepare.class, "ReportHazard", "Acknowledge")
        .row(s, DEADLINE, Cancelling.class, "CancelTimer", "Cancel")
        .dropped(root, DEADLINE)
        .row(s, VOTE_UNKNOWN, AwaitingPrepare.class, "Inquire")
        .dropped(inquiring, VOTE_UNKNOWN)
        .row(inquiring, ABORTED, Cancelling.class, "CancelTimer", "Cancel")
        .row(inquiring, PENDING, AwaitingPrepare.class)
        .row(inquiring, NOT_MINE, AwaitingPrepare.class)
        .row(inquiring, UNANSWERED, AwaitingPrepare.class)
        .row(inquiring, COMMITTED, AwaitingPrepare.class, "ReportHazard")
        .row(s, BEGUN_FAILED, Cancelling.class, "CancelTimer", "Cancel")
        .never(s, RECORD_FAILED, END_FAILED)
        .dropped(s, BEGUN_DURABLE, TRY_TIMEOUT, INQUIRY, RETRY, CALL_VOTED, CALL_FAILED)
        .row(s, CALL, AwaitingPrepare.class, "RefuseCall")
        .row(s, CALL_ENDED, AwaitingPrepare.class, "ReleaseCall")
        .never(
            s,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            BEGUN_WRITTEN,
            RECORD_DURABLE,
            END_DURABLE,
            ANSWER_STARTED,
            SUCCESS,
            PREPARED_NOW,
            DONE,
            NOT_NOW,
            NEVER);
  }

  private static void ofPreparing(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Preparing s = new Preparing(ASKS, false, false, false);
    Preparing aborted = new Preparing(ASKS, false, true, false);
    t.row(s, PREPARED_NOW, Promising.class, "ForceRecord")
        .row(
            new Preparing(ROOT_ASKS, false, false, false),
            PREPARED_NOW,
            Prepared.class,
            "AnswerPrepare")
        .row(
            new Preparing(ASKS_COMPLETE, false, false, false),
            PREPARED_NOW,
            Prepared.class,
            "AnswerPrepare")
        .row(s, NOTHING_TO_DO, Ending.class, "AnswerPrepare", "CancelTimer", "WriteEnd")
        .row(s, WILL_NOT, Cancelling.class, "AnswerPrepare", "CancelTimer", "Cancel")
        .row(aborted, PREPARED_NOW, Cancelling.class, "CancelTimer", "Cancel")
        .row(aborted, NOTHING_TO_DO, Ending.class, "CancelTimer", "WriteEnd")
        .row(aborted, WILL_NOT, Cancelling.class, "CancelTimer", "Cancel")
        .row(s, ABORT, Preparing.class, "AnswerPrepare")
        .dropped(aborted, ABORT, DEADLINE)
        .row(s, COMMIT, Preparing.class, "ReportHazard", "Acknowledge")
        .row(s, DEADLINE, Preparing.class, "AnswerPrepare")
        .dropped(new Preparing(ROOT_ASKS, false, false, false), DEADLINE)
        .row(s, ABORTED, Preparing.class, "AnswerPrepare")
        .row(s, COMMITTED, Preparing.class, "ReportHazard")
        .row(aborted, PREPARE, Preparing.class, "AnswerPrepare")
        .row(s, BEGUN_FAILED, Preparing.class, "AnswerPrepare")
        .never(s, RECORD_FAILED, END_FAILED)
        .dropped(s, PREPARE, PENDING, NOT_MINE, UNANSWERED, VOTE_UNKNOWN, BEGUN_DURABLE)
        .dropped(s, TRY_TIMEOUT, INQUIRY, RETRY, CALL_VOTED, CALL_FAILED)
        .row(s, CALL, Preparing.class, "RefuseCall")
        .row(s, CALL_ENDED, Preparing.class, "ReleaseCall")
        .never(
            s,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            BEGUN_WRITTEN,
            RECORD_DURABLE,
            END_DURABLE,
            ANSWER_STARTED,
            SUCCESS,
            DONE,
            NOT_NOW,
            NEVER);
  }

  private static void ofPromising(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Promising s = new Promising(ASKS);
    t.row(s, RECORD_DURABLE, Prepared.class, "AnswerPrepare")
        .row(s, RECORD_FAILED, Cancelling.class, "AnswerPrepare", "CancelTimer", "Cancel")
        .never(s, END_FAILED)
        .row(s, ABORT, Cancelling.class, "AnswerPrepare", "CancelTimer", "Cancel")
        .row(s, DEADLINE, Cancelling.class, "AnswerPrepare", "CancelTimer", "Cancel")
        .row(s, ABORTED, Cancelling.class, "AnswerPrepare", "CancelTimer", "Cancel")
        .row(s, COMMIT, Promising.class, "ReportHazard", "Acknowledge")
        .row(s, COMMITTED, Promising.class, "ReportHazard")
        .dropped(
            s, PREPARE, PENDING, NOT_MINE, UNANSWERED, VOTE_UNKNOWN, BEGUN_DURABLE, BEGUN_FAILED)
        .dropped(s, TRY_TIMEOUT, INQUIRY, RETRY, CALL_VOTED, CALL_FAILED)
        .row(s, CALL, Promising.class, "RefuseCall")
        .row(s, CALL_ENDED, Promising.class, "ReleaseCall")
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
    t.never(new New(FORCED), PREPARE, PREPARED_NOW);
    for (ParticipantState state :
        List.of(
            new Beginning(FORCED),
            new Withdrawn(FORCED, false),
            working(FORCED),
            closing(FORCED, CALL),
            new Recording(FORCED, List.of()),
            prepared(FORCED),
            asking(true),
            new AbortedWorking(FORCED, true, false, false),
            new BegunRecovered(FORCED, false),
            new Confirming(FORCED, 1, false),
            new Cancelling(FORCED, true, 1, false),
            Ending.first(FORCED, BranchOutcome.COMMITTED, ""),
            Ending.first(FORCED, BranchOutcome.READ_ONLY, ""),
            new Ended(FORCED, BranchOutcome.ABORTED, ""),
            new Ended(FORCED, BranchOutcome.HAZARD, "422"))) {
      t.row(state, PREPARE, state.getClass(), "AnswerPrepare").never(state, PREPARED_NOW);
    }
  }
}
