package io.handfast.tx.core.participant;

import static io.handfast.tx.core.Samples.vote;
import static io.handfast.tx.core.participant.RowSamples.ABORT;
import static io.handfast.tx.core.participant.RowSamples.ANSWER_STARTED;
import static io.handfast.tx.core.participant.RowSamples.BEGUN_DURABLE;
import static io.handfast.tx.core.participant.RowSamples.BEGUN_FAILED;
import static io.handfast.tx.core.participant.RowSamples.BEGUN_WRITTEN;
import static io.handfast.tx.core.participant.RowSamples.CALL;
import static io.handfast.tx.core.participant.RowSamples.CALL_ENDED;
import static io.handfast.tx.core.participant.RowSamples.CALL_FAILED;
import static io.handfast.tx.core.participant.RowSamples.CALL_VOTED;
import static io.handfast.tx.core.participant.RowSamples.CALL_VOTED_NO;
import static io.handfast.tx.core.participant.RowSamples.COMMIT;
import static io.handfast.tx.core.participant.RowSamples.COMPLETE;
import static io.handfast.tx.core.participant.RowSamples.DEADLINE;
import static io.handfast.tx.core.participant.RowSamples.DONE;
import static io.handfast.tx.core.participant.RowSamples.END_DURABLE;
import static io.handfast.tx.core.participant.RowSamples.END_FAILED;
import static io.handfast.tx.core.participant.RowSamples.FAILED;
import static io.handfast.tx.core.participant.RowSamples.FORCED;
import static io.handfast.tx.core.participant.RowSamples.INQUIRY;
import static io.handfast.tx.core.participant.RowSamples.LOST;
import static io.handfast.tx.core.participant.RowSamples.NEVER;
import static io.handfast.tx.core.participant.RowSamples.NOT_NOW;
import static io.handfast.tx.core.participant.RowSamples.NOT_SENT;
import static io.handfast.tx.core.participant.RowSamples.OPENED;
import static io.handfast.tx.core.participant.RowSamples.OPTIONAL_CALL;
import static io.handfast.tx.core.participant.RowSamples.OPTIONAL_ENDED;
import static io.handfast.tx.core.participant.RowSamples.OPTIONAL_FAILED;
import static io.handfast.tx.core.participant.RowSamples.OPTIONAL_VOTED;
import static io.handfast.tx.core.participant.RowSamples.OPTIONAL_VOTED_NO;
import static io.handfast.tx.core.participant.RowSamples.OVERLAPPED;
import static io.handfast.tx.core.participant.RowSamples.OVERLAPPED_COMPLETE;
import static io.handfast.tx.core.participant.RowSamples.PENDING;
import static io.handfast.tx.core.participant.RowSamples.PREPARED_IN_RESOURCE;
import static io.handfast.tx.core.participant.RowSamples.READ_ONLY;
import static io.handfast.tx.core.participant.RowSamples.RECORD_DURABLE;
import static io.handfast.tx.core.participant.RowSamples.RECORD_FAILED;
import static io.handfast.tx.core.participant.RowSamples.RECOVERED;
import static io.handfast.tx.core.participant.RowSamples.REFUSED;
import static io.handfast.tx.core.participant.RowSamples.RETRY;
import static io.handfast.tx.core.participant.RowSamples.ROOT;
import static io.handfast.tx.core.participant.RowSamples.ROOT_COMPLETE;
import static io.handfast.tx.core.participant.RowSamples.ROOT_READ_ONLY;
import static io.handfast.tx.core.participant.RowSamples.STRUCK_BELOW;
import static io.handfast.tx.core.participant.RowSamples.SUCCESS;
import static io.handfast.tx.core.participant.RowSamples.TRY_TIMEOUT;
import static io.handfast.tx.core.participant.RowSamples.UNANSWERED;
import static io.handfast.tx.core.participant.RowSamples.UNKNOWN_CALL_ENDED;
import static io.handfast.tx.core.participant.RowSamples.UNKNOWN_CALL_VOTED;
import static io.handfast.tx.core.participant.RowSamples.VOTE_UNKNOWN;
import static io.handfast.tx.core.participant.RowSamples.closing;
import static io.handfast.tx.core.participant.RowSamples.working;

import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantState.AbortedWorking;
import io.handfast.tx.core.participant.ParticipantState.Cancelling;
import io.handfast.tx.core.participant.ParticipantState.Closing;
import io.handfast.tx.core.participant.ParticipantState.Ended;
import io.handfast.tx.core.participant.ParticipantState.Ending;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.ParticipantState.Recording;
import io.handfast.tx.core.participant.ParticipantState.Working;
import java.util.List;

/** Rows from the request to the vote. */
final class WorkingRowTable {
  private WorkingRowTable() {}

  static void addTo(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> table) {
    ofWorking(table);
    ofClosing(table);
    ofRecording(table);
  }

  private static void ofWorking(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    ofWorkingAnswers(t);
    ofWorkingCalls(t);
    Working s = working(FORCED);
    t.dropped(working(OVERLAPPED), BEGUN_DURABLE)
        .never(s, BEGUN_DURABLE)
        .never(working(READ_ONLY), BEGUN_DURABLE)
        .row(working(OVERLAPPED), BEGUN_FAILED, AbortedWorking.class, "SendVotes")
        .never(s, RECORD_FAILED, END_FAILED)
        .row(s, ABORT, AbortedWorking.class, "SendVotes")
        .row(working(ROOT), ABORT, AbortedWorking.class, "DoomTransaction")
        .row(s, COMMIT, AbortedWorking.class, "ReportHazard", "Acknowledge", "SendVotes")
        .row(s, DEADLINE, AbortedWorking.class, "ReleaseAnswer")
        .row(
            working(FORCED, OPTIONAL_CALL, OPTIONAL_ENDED),
            DEADLINE,
            AbortedWorking.class,
            "ReleaseAnswer",
            "ReleaseCall")
        .dropped(working(ROOT), DEADLINE)
        .row(s, TRY_TIMEOUT, Cancelling.class, "CancelTimer", "ReleaseAnswer", "Cancel")
        .row(working(ROOT), TRY_TIMEOUT, Cancelling.class, "CancelTimer", "CloseRoot", "Cancel")
        .row(working(READ_ONLY), TRY_TIMEOUT, Ended.class, "CancelTimer", "ReleaseAnswer", "Forget")
        .dropped(s, INQUIRY, RETRY)
        .never(
            s,
            BEGUN_WRITTEN,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            RECORD_DURABLE,
            END_DURABLE,
            VOTE_UNKNOWN,
            PENDING,
            UNANSWERED,
            DONE,
            NOT_NOW,
            NEVER);
  }

  private static void ofWorkingAnswers(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    t.row(working(FORCED), ANSWER_STARTED, Working.class, "ReleaseHead")
        .never(working(ROOT), ANSWER_STARTED)
        .row(
            working(FORCED),
            SUCCESS,
            Recording.class,
            "CancelTimer",
            "ReleaseAnswer",
            "ForceRecord")
        .row(
            working(OVERLAPPED),
            SUCCESS,
            Recording.class,
            "CancelTimer",
            "ReleaseAnswer",
            "ForceRecord")
        .row(working(COMPLETE), SUCCESS, Prepared.class, "CancelTimer", "ReleaseAnswer")
        .row(working(OVERLAPPED_COMPLETE), SUCCESS, Closing.class, "CancelTimer", "ReleaseAnswer")
        .row(working(READ_ONLY), SUCCESS, Ended.class, "CancelTimer", "ReleaseAnswer", "Forget")
        .row(working(ROOT), SUCCESS, Prepared.class, "CancelTimer", "CloseRoot")
        .row(working(ROOT_COMPLETE), SUCCESS, Prepared.class, "CancelTimer", "CloseRoot")
        .row(working(ROOT_READ_ONLY), SUCCESS, Ended.class, "CancelTimer", "CloseRoot", "Forget")
        .row(working(FORCED, CALL), SUCCESS, Closing.class, "CancelTimer", "ReleaseAnswer")
        .row(working(ROOT, CALL), SUCCESS, Closing.class, "CancelTimer")
        .row(working(FORCED), REFUSED, Ending.class, "CancelTimer", "ReleaseAnswer", "WriteEnd")
        .row(working(FORCED), NOT_SENT, Ending.class, "CancelTimer", "ReleaseAnswer", "WriteEnd")
        .row(working(READ_ONLY), REFUSED, Ended.class, "CancelTimer", "ReleaseAnswer", "Forget")
        .row(working(FORCED), FAILED, Cancelling.class, "CancelTimer", "ReleaseAnswer", "Cancel")
        .row(working(ROOT), FAILED, Cancelling.class, "CancelTimer", "CloseRoot", "Cancel")
        .row(working(FORCED), LOST, AbortedWorking.class, "ReleaseAnswer")
        .row(working(READ_ONLY), LOST, Ended.class, "CancelTimer", "ReleaseAnswer", "Forget");
  }

  private static void ofWorkingCalls(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    t.row(working(FORCED), CALL, Working.class, "AdmitCall")
        .never(working(FORCED, CALL), CALL)
        .dropped(working(FORCED, CALL), CALL_VOTED, CALL_ENDED)
        .dropped(working(FORCED, CALL, CALL_ENDED), CALL_ENDED, CALL_VOTED)
        .row(working(FORCED, CALL), CALL_VOTED_NO, AbortedWorking.class, "SendVotes")
        .row(working(ROOT, CALL), CALL_VOTED_NO, AbortedWorking.class, "DoomTransaction")
        .row(working(FORCED, CALL), STRUCK_BELOW, Working.class, "SendStruck")
        .row(working(ROOT, CALL), STRUCK_BELOW, Working.class, "StrikeAtRoot")
        .row(working(FORCED, CALL), CALL_FAILED, AbortedWorking.class, "SendVotes")
        .row(working(FORCED, OPTIONAL_CALL), OPTIONAL_FAILED, Working.class, "SendStruck")
        .row(
            working(FORCED, OPTIONAL_CALL, OPTIONAL_VOTED),
            OPTIONAL_ENDED,
            Working.class,
            "ReleaseCall")
        .row(
            working(FORCED, OPTIONAL_CALL, OPTIONAL_ENDED),
            OPTIONAL_VOTED,
            Working.class,
            "ReleaseCall")
        .row(
            working(FORCED, OPTIONAL_CALL, OPTIONAL_ENDED),
            OPTIONAL_VOTED_NO,
            Working.class,
            "SendStruck",
            "ReleaseCall")
        .row(working(FORCED, OPTIONAL_CALL), OPTIONAL_VOTED_NO, Working.class, "SendStruck")
        .row(
            working(FORCED, OPTIONAL_CALL, OPTIONAL_VOTED_NO),
            OPTIONAL_ENDED,
            Working.class,
            "ReleaseCall")
        .dropped(working(FORCED, OPTIONAL_CALL, OPTIONAL_FAILED), OPTIONAL_VOTED, OPTIONAL_FAILED)
        .never(working(FORCED), UNKNOWN_CALL_ENDED, UNKNOWN_CALL_VOTED);
  }

  private static void ofClosing(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Closing s = closing(FORCED, CALL);
    t.row(closing(OVERLAPPED_COMPLETE), BEGUN_DURABLE, Prepared.class, "SendVotes")
        .dropped(closing(OVERLAPPED, CALL), BEGUN_DURABLE)
        .never(s, BEGUN_DURABLE)
        .row(closing(OVERLAPPED_COMPLETE), BEGUN_FAILED, Cancelling.class, "SendVotes", "Cancel")
        .never(s, RECORD_FAILED, END_FAILED)
        .row(s, OPTIONAL_CALL, Closing.class, "AdmitCall")
        .dropped(s, CALL_ENDED, CALL_VOTED)
        .row(closing(FORCED, CALL, CALL_VOTED), CALL_ENDED, Recording.class, "ForceRecord")
        .row(closing(FORCED, CALL, CALL_ENDED), CALL_VOTED, Recording.class, "ForceRecord")
        .row(closing(COMPLETE, CALL, CALL_ENDED), CALL_VOTED, Prepared.class, "SendVotes")
        .row(closing(ROOT, CALL, CALL_ENDED), CALL_VOTED, Prepared.class, "CloseRoot")
        .row(closing(READ_ONLY, CALL, CALL_ENDED), CALL_VOTED, Ended.class, "SendVotes", "Forget")
        .row(s, CALL_VOTED_NO, Cancelling.class, "SendVotes", "Cancel")
        .row(s, CALL_FAILED, Cancelling.class, "SendVotes", "Cancel")
        .row(
            closing(ROOT, CALL),
            CALL_FAILED,
            Cancelling.class,
            "DoomTransaction",
            "CloseRoot",
            "Cancel")
        .row(closing(READ_ONLY, CALL), CALL_FAILED, Ended.class, "SendVotes", "Forget")
        .row(
            closing(FORCED, CALL, OPTIONAL_CALL, OPTIONAL_ENDED),
            CALL_FAILED,
            Cancelling.class,
            "SendVotes",
            "ReleaseCall",
            "Cancel")
        .never(s, UNKNOWN_CALL_ENDED, UNKNOWN_CALL_VOTED)
        .row(s, ABORT, Cancelling.class, "SendVotes", "Cancel")
        .row(s, COMMIT, Cancelling.class, "ReportHazard", "Acknowledge", "SendVotes", "Cancel")
        .row(s, DEADLINE, Cancelling.class, "SendVotes", "Cancel")
        .dropped(closing(ROOT, CALL), DEADLINE)
        .dropped(s, TRY_TIMEOUT, INQUIRY, RETRY)
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
            VOTE_UNKNOWN,
            PENDING)
        .never(s, UNANSWERED, DONE, NOT_NOW, NEVER);
  }

  private static void ofRecording(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Recording s = new Recording(FORCED, List.of(vote(2, Vote.PREPARED)));
    t.row(s, RECORD_DURABLE, Prepared.class, "SendVotes")
        .row(s, RECORD_FAILED, Cancelling.class, "SendVotes", "Cancel")
        .never(s, END_FAILED)
        .dropped(
            s, BEGUN_FAILED, BEGUN_DURABLE, CALL_VOTED, CALL_FAILED, TRY_TIMEOUT, INQUIRY, RETRY)
        .row(s, ABORT, Cancelling.class, "SendVotes", "Cancel")
        .row(s, COMMIT, Cancelling.class, "ReportHazard", "Acknowledge", "SendVotes", "Cancel")
        .row(s, DEADLINE, Cancelling.class, "SendVotes", "Cancel")
        .row(s, CALL, Recording.class, "RefuseCall")
        .row(s, CALL_ENDED, Recording.class, "ReleaseCall")
        .never(
            s,
            BEGUN_WRITTEN,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            END_DURABLE,
            ANSWER_STARTED,
            SUCCESS,
            VOTE_UNKNOWN,
            PENDING,
            UNANSWERED,
            DONE)
        .never(s, NOT_NOW, NEVER);
  }
}
