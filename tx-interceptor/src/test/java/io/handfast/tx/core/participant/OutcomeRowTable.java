package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.RowSamples.ABORT;
import static io.handfast.tx.core.participant.RowSamples.ABORTED;
import static io.handfast.tx.core.participant.RowSamples.ANSWER_STARTED;
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
import static io.handfast.tx.core.participant.RowSamples.FAILED;
import static io.handfast.tx.core.participant.RowSamples.FORCED;
import static io.handfast.tx.core.participant.RowSamples.INQUIRY;
import static io.handfast.tx.core.participant.RowSamples.LOST;
import static io.handfast.tx.core.participant.RowSamples.NEVER;
import static io.handfast.tx.core.participant.RowSamples.NOT_MINE;
import static io.handfast.tx.core.participant.RowSamples.NOT_NOW;
import static io.handfast.tx.core.participant.RowSamples.NOT_SENT;
import static io.handfast.tx.core.participant.RowSamples.OPENED;
import static io.handfast.tx.core.participant.RowSamples.PENDING;
import static io.handfast.tx.core.participant.RowSamples.PREPARED_IN_RESOURCE;
import static io.handfast.tx.core.participant.RowSamples.READ_ONLY;
import static io.handfast.tx.core.participant.RowSamples.RECORD_DURABLE;
import static io.handfast.tx.core.participant.RowSamples.RECORD_FAILED;
import static io.handfast.tx.core.participant.RowSamples.RECOVERED;
import static io.handfast.tx.core.participant.RowSamples.REFUSED;
import static io.handfast.tx.core.participant.RowSamples.RETRY;
import static io.handfast.tx.core.participant.RowSamples.ROOT;
import static io.handfast.tx.core.participant.RowSamples.SUCCESS;
import static io.handfast.tx.core.participant.RowSamples.TRY_TIMEOUT;
import static io.handfast.tx.core.participant.RowSamples.UNANSWERED;
import static io.handfast.tx.core.participant.RowSamples.VOTE_UNKNOWN;
import static io.handfast.tx.core.participant.RowSamples.asking;
import static io.handfast.tx.core.participant.RowSamples.prepared;

import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.participant.ParticipantState.AbortedWorking;
import io.handfast.tx.core.participant.ParticipantState.BegunRecovered;
import io.handfast.tx.core.participant.ParticipantState.Cancelling;
import io.handfast.tx.core.participant.ParticipantState.Confirming;
import io.handfast.tx.core.participant.ParticipantState.Ended;
import io.handfast.tx.core.participant.ParticipantState.Ending;
import io.handfast.tx.core.participant.ParticipantState.Prepared;

/** Rows from the vote, or an abort, to the end. */
final class OutcomeRowTable {
  private OutcomeRowTable() {}

  static void addTo(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> table) {
    ofPrepared(table);
    ofAbortedWorking(table);
    ofBegunRecovered(table);
    ofConfirming(table);
    ofCancelling(table);
    ofEnding(table);
    ofEnded(table);
  }

  private static void ofPrepared(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Prepared s = prepared(FORCED);
    t.row(s, COMMIT, Confirming.class, "CancelTimer", "CancelTimer", "CancelTimer", "Confirm")
        .row(s, ABORT, Cancelling.class, "CancelTimer", "CancelTimer", "Cancel")
        .row(asking(true), ABORT, BegunRecovered.class, "CancelTimer", "CancelTimer")
        .row(
            asking(false),
            COMMITTED,
            Confirming.class,
            "CancelTimer",
            "CancelTimer",
            "CancelTimer",
            "Confirm")
        .row(asking(false), ABORTED, Cancelling.class, "CancelTimer", "CancelTimer", "Cancel")
        .row(asking(true), ABORTED, BegunRecovered.class, "CancelTimer", "CancelTimer")
        .row(asking(false), PENDING, Prepared.class, "StartTimer")
        .row(asking(false), NOT_MINE, Prepared.class, "StartTimer")
        .row(asking(false), UNANSWERED, Prepared.class, "StartTimer")
        .row(s, DEADLINE, Prepared.class, "Inquire")
        .dropped(asking(false), DEADLINE, VOTE_UNKNOWN, TRY_TIMEOUT)
        .row(asking(false), INQUIRY, Prepared.class, "Inquire")
        .dropped(s, INQUIRY, RETRY, BEGUN_DURABLE, BEGUN_FAILED, CALL_VOTED, CALL_FAILED)
        .row(s, VOTE_UNKNOWN, Prepared.class, "Inquire")
        .never(s, RECORD_FAILED, END_FAILED)
        .row(s, CALL, Prepared.class, "RefuseCall")
        .row(s, CALL_ENDED, Prepared.class, "ReleaseCall")
        .never(
            s,
            BEGUN_WRITTEN,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            RECORD_DURABLE,
            END_DURABLE,
            ANSWER_STARTED,
            SUCCESS,
            DONE,
            NOT_NOW,
            NEVER);
  }

  private static void ofAbortedWorking(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    AbortedWorking s = new AbortedWorking(FORCED, true, false, false);
    AbortedWorking given = new AbortedWorking(FORCED, false, false, false);
    AbortedWorking root = new AbortedWorking(ROOT, true, false, false);
    AbortedWorking readOnly = new AbortedWorking(READ_ONLY, true, false, false);
    t.row(s, ANSWER_STARTED, AbortedWorking.class, "ReleaseAnswer")
        .dropped(given, ANSWER_STARTED)
        .never(root, ANSWER_STARTED)
        .row(s, SUCCESS, Cancelling.class, "ReleaseAnswer", "CancelTimer", "Cancel")
        .row(given, SUCCESS, Cancelling.class, "CancelTimer", "Cancel")
        .row(root, SUCCESS, Cancelling.class, "CloseRoot", "CancelTimer", "Cancel")
        .row(readOnly, SUCCESS, Ended.class, "ReleaseAnswer", "Acknowledge", "Forget")
        .row(s, FAILED, Cancelling.class, "ReleaseAnswer", "CancelTimer", "Cancel")
        .row(s, REFUSED, Ending.class, "ReleaseAnswer", "WriteEnd")
        .row(s, NOT_SENT, Ending.class, "ReleaseAnswer", "WriteEnd")
        .row(s, LOST, AbortedWorking.class, "ReleaseAnswer")
        .row(readOnly, LOST, Ended.class, "ReleaseAnswer", "Acknowledge", "Forget")
        .row(s, TRY_TIMEOUT, Cancelling.class, "ReleaseAnswer", "CancelTimer", "Cancel")
        .row(readOnly, TRY_TIMEOUT, Ended.class, "ReleaseAnswer", "Acknowledge", "Forget")
        .row(s, DEADLINE, AbortedWorking.class, "ReleaseAnswer")
        .dropped(root, DEADLINE)
        .dropped(
            given,
            DEADLINE,
            INQUIRY,
            RETRY,
            ABORT,
            BEGUN_DURABLE,
            VOTE_UNKNOWN,
            BEGUN_FAILED,
            CALL_VOTED,
            CALL_FAILED)
        .row(s, COMMIT, AbortedWorking.class, "ReportHazard", "Acknowledge")
        .never(s, RECORD_FAILED, END_FAILED)
        .row(s, CALL, AbortedWorking.class, "RefuseCall")
        .row(s, CALL_ENDED, AbortedWorking.class, "ReleaseCall")
        .never(
            s,
            BEGUN_WRITTEN,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            RECORD_DURABLE,
            END_DURABLE,
            PENDING,
            UNANSWERED,
            DONE,
            NOT_NOW,
            NEVER);
  }

  private static void ofBegunRecovered(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    BegunRecovered s = new BegunRecovered(FORCED, false);
    t.row(s, TRY_TIMEOUT, Cancelling.class, "Cancel")
        .dropped(s, DEADLINE, INQUIRY, RETRY, ABORT, COMMITTED, ABORTED, UNANSWERED)
        .row(s, COMMIT, BegunRecovered.class, "ReportHazard", "Acknowledge")
        .row(s, CALL, BegunRecovered.class, "RefuseCall")
        .never(
            s,
            BEGUN_WRITTEN,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            BEGUN_DURABLE,
            RECORD_DURABLE,
            END_DURABLE,
            BEGUN_FAILED,
            ANSWER_STARTED,
            SUCCESS)
        .never(s, CALL_VOTED, CALL_ENDED, VOTE_UNKNOWN, DONE, NOT_NOW, NEVER);
  }

  private static void ofConfirming(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Confirming s = new Confirming(FORCED, 1, false);
    t.row(s, DONE, Ending.class, "WriteEnd")
        .row(s, NOT_NOW, Confirming.class, "StartTimer")
        .row(s, NEVER, Ending.class, "ReportHazard", "WriteEnd")
        .row(s, RETRY, Confirming.class, "Confirm")
        .dropped(
            s,
            DEADLINE,
            TRY_TIMEOUT,
            INQUIRY,
            COMMIT,
            ABORTED,
            COMMITTED,
            UNANSWERED,
            VOTE_UNKNOWN,
            CALL_VOTED)
        .dropped(s, CALL_FAILED)
        .row(s, ABORT, Confirming.class, "ReportHazard", "Acknowledge")
        .row(s, CALL, Confirming.class, "RefuseCall")
        .row(s, CALL_ENDED, Confirming.class, "ReleaseCall")
        .never(
            s,
            BEGUN_WRITTEN,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            BEGUN_DURABLE,
            RECORD_DURABLE,
            END_DURABLE,
            BEGUN_FAILED,
            ANSWER_STARTED,
            SUCCESS);
  }

  private static void ofCancelling(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Cancelling s = new Cancelling(FORCED, true, 1, false);
    t.row(s, DONE, Ending.class, "WriteEnd")
        .row(s, NOT_NOW, Cancelling.class, "StartTimer")
        .row(s, NEVER, Ending.class, "ReportHazard", "WriteEnd")
        .row(s, RETRY, Cancelling.class, "Cancel")
        .dropped(
            s,
            DEADLINE,
            TRY_TIMEOUT,
            INQUIRY,
            ABORT,
            ABORTED,
            COMMITTED,
            UNANSWERED,
            VOTE_UNKNOWN,
            CALL_VOTED)
        .dropped(
            s,
            CALL_FAILED,
            ANSWER_STARTED,
            SUCCESS,
            BEGUN_DURABLE,
            RECORD_DURABLE,
            BEGUN_FAILED,
            RECORD_FAILED)
        .row(s, COMMIT, Cancelling.class, "ReportHazard", "Acknowledge")
        .row(s, CALL, Cancelling.class, "RefuseCall")
        .row(s, CALL_ENDED, Cancelling.class, "ReleaseCall")
        .never(s, BEGUN_WRITTEN, OPENED, PREPARED_IN_RESOURCE, RECOVERED, END_DURABLE, END_FAILED);
  }

  private static void ofEnding(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Ending s = Ending.first(FORCED, BranchOutcome.COMMITTED, "");
    Ending aborted = Ending.first(FORCED, BranchOutcome.ABORTED, "");
    Ending hazard = Ending.first(FORCED, BranchOutcome.HAZARD, "422");
    t.row(s, END_DURABLE, Ended.class, "Acknowledge", "Forget")
        .row(hazard, END_DURABLE, Ended.class, "Acknowledge", "Forget")
        .row(s, END_FAILED, Ending.class, "StartTimer")
        .row(s.failed(), RETRY, Ending.class, "CancelTimer", "WriteEnd")
        .row(s.failed(), COMMIT, Ending.class, "CancelTimer", "WriteEnd")
        .row(s.failed(), ABORT, Ending.class, "ReportHazard", "Acknowledge")
        .dropped(s.failed(), DEADLINE, TRY_TIMEOUT, INQUIRY, BEGUN_FAILED)
        .dropped(
            s,
            BEGUN_FAILED,
            RECORD_FAILED,
            COMMIT,
            BEGUN_DURABLE,
            RECORD_DURABLE,
            ANSWER_STARTED,
            LOST,
            ABORTED,
            UNANSWERED)
        .dropped(s, VOTE_UNKNOWN, RETRY, CALL_VOTED, CALL_FAILED)
        .dropped(aborted, ABORT)
        .dropped(hazard, COMMIT, ABORT)
        .row(s, ABORT, Ending.class, "ReportHazard", "Acknowledge")
        .row(aborted, COMMIT, Ending.class, "ReportHazard", "Acknowledge")
        .row(s, CALL, Ending.class, "RefuseCall")
        .row(s, CALL_ENDED, Ending.class, "ReleaseCall")
        .never(s, BEGUN_WRITTEN, OPENED, PREPARED_IN_RESOURCE, RECOVERED, DONE, NOT_NOW, NEVER);
  }

  private static void ofEnded(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Ended s = new Ended(FORCED, BranchOutcome.COMMITTED, "");
    t.row(s, COMMIT, Ended.class, "Acknowledge")
        .row(s, ABORT, Ended.class, "ReportHazard", "Acknowledge")
        .row(new Ended(FORCED, BranchOutcome.READ_ONLY, ""), ABORT, Ended.class, "Acknowledge")
        .row(new Ended(FORCED, BranchOutcome.HAZARD, "422"), COMMIT, Ended.class, "Acknowledge")
        .dropped(
            s,
            ANSWER_STARTED,
            LOST,
            ABORTED,
            UNANSWERED,
            VOTE_UNKNOWN,
            RETRY,
            CALL_VOTED,
            CALL_FAILED)
        .row(s, CALL, Ended.class, "RefuseCall")
        .row(s, CALL_ENDED, Ended.class, "ReleaseCall")
        .never(
            s,
            BEGUN_WRITTEN,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            BEGUN_DURABLE,
            RECORD_DURABLE,
            END_DURABLE,
            END_FAILED,
            DONE,
            NOT_NOW,
            NEVER);
  }
}
