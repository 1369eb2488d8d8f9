package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.RowSamples.ABORT;
import static io.handfast.tx.core.participant.RowSamples.ANSWER_STARTED;
import static io.handfast.tx.core.participant.RowSamples.BEGUN_DURABLE;
import static io.handfast.tx.core.participant.RowSamples.BEGUN_FAILED;
import static io.handfast.tx.core.participant.RowSamples.BEGUN_WRITTEN;
import static io.handfast.tx.core.participant.RowSamples.CALL;
import static io.handfast.tx.core.participant.RowSamples.CALL_ENDED;
import static io.handfast.tx.core.participant.RowSamples.CALL_VOTED;
import static io.handfast.tx.core.participant.RowSamples.COMMIT;
import static io.handfast.tx.core.participant.RowSamples.COMPLETE;
import static io.handfast.tx.core.participant.RowSamples.DEADLINE;
import static io.handfast.tx.core.participant.RowSamples.DONE;
import static io.handfast.tx.core.participant.RowSamples.END_DURABLE;
import static io.handfast.tx.core.participant.RowSamples.END_FAILED;
import static io.handfast.tx.core.participant.RowSamples.FAILED;
import static io.handfast.tx.core.participant.RowSamples.FORCED;
import static io.handfast.tx.core.participant.RowSamples.INQUIRY;
import static io.handfast.tx.core.participant.RowSamples.IN_RESOURCE;
import static io.handfast.tx.core.participant.RowSamples.LOST;
import static io.handfast.tx.core.participant.RowSamples.NEVER;
import static io.handfast.tx.core.participant.RowSamples.NOT_NOW;
import static io.handfast.tx.core.participant.RowSamples.NOT_SENT;
import static io.handfast.tx.core.participant.RowSamples.OPENED;
import static io.handfast.tx.core.participant.RowSamples.OVERLAPPED;
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

import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantState.Beginning;
import io.handfast.tx.core.participant.ParticipantState.BegunRecovered;
import io.handfast.tx.core.participant.ParticipantState.Ended;
import io.handfast.tx.core.participant.ParticipantState.Ending;
import io.handfast.tx.core.participant.ParticipantState.New;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.ParticipantState.Withdrawn;
import io.handfast.tx.core.participant.ParticipantState.Working;

/** Rows of the states in which the service has not seen the request. */
final class OpeningRowTable {
  private OpeningRowTable() {}

  static void addTo(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> table) {
    ofNew(table);
    ofBeginning(table);
    ofWithdrawn(table);
  }

  private static void ofNew(RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    t.row(new New(FORCED), OPENED, Beginning.class, "StartTimer", "ForceBegun")
        .row(new New(ROOT), OPENED, Beginning.class, "ForceBegun")
        .row(new New(OVERLAPPED), OPENED, Beginning.class, "StartTimer", "WriteBegun")
        .row(
            new New(READ_ONLY), OPENED, Working.class, "StartTimer", "StartTimer", "ForwardRequest")
        .row(new New(FORCED), new Recovered(Found.BEGUN), BegunRecovered.class, "StartTimer")
        .row(
            new New(COMPLETE),
            new Recovered(Found.BEGUN_COMPLETE),
            Prepared.class,
            "StartTimer",
            "Inquire")
        .row(new New(FORCED), new Recovered(Found.PREPARED), Prepared.class, "Inquire")
        .row(new New(IN_RESOURCE), PREPARED_IN_RESOURCE, Prepared.class, "StartTimer")
        .row(new New(IN_RESOURCE), new Recovered(Found.PREPARED), Prepared.class, "Inquire")
        .never(new New(FORCED), PREPARED_IN_RESOURCE)
        .never(
            new New(FORCED),
            BEGUN_WRITTEN,
            BEGUN_DURABLE,
            RECORD_DURABLE,
            END_DURABLE,
            BEGUN_FAILED,
            ANSWER_STARTED,
            SUCCESS,
            CALL)
        .never(
            new New(FORCED),
            CALL_VOTED,
            CALL_ENDED,
            VOTE_UNKNOWN,
            ABORT,
            PENDING,
            UNANSWERED,
            DONE,
            NOT_NOW,
            NEVER)
        .never(new New(FORCED), DEADLINE);
  }

  private static void ofBeginning(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Beginning s = new Beginning(FORCED);
    Beginning root = new Beginning(ROOT);
    t.row(s, BEGUN_DURABLE, Working.class, "StartTimer", "ForwardRequest")
        .row(
            new Beginning(OVERLAPPED), BEGUN_WRITTEN, Working.class, "StartTimer", "ForwardRequest")
        .never(s, BEGUN_WRITTEN)
        .row(s, BEGUN_FAILED, Ended.class, "RefuseRequest", "Forget")
        .row(root, BEGUN_FAILED, Ended.class, "CloseRoot", "Forget")
        .never(s, RECORD_FAILED, END_FAILED)
        .row(s, ABORT, Withdrawn.class, "RefuseRequest")
        .row(root, ABORT, Withdrawn.class, "CloseRoot")
        .row(s, COMMIT, Withdrawn.class, "ReportHazard", "Acknowledge", "RefuseRequest")
        .row(s, DEADLINE, Withdrawn.class, "RefuseRequest")
        .dropped(root, DEADLINE)
        .dropped(s, TRY_TIMEOUT, INQUIRY, RETRY)
        .row(s, CALL, Beginning.class, "RefuseCall")
        .row(s, NOT_SENT, Withdrawn.class)
        .row(root, NOT_SENT, Withdrawn.class, "CloseRoot")
        .never(s, SUCCESS, REFUSED, FAILED, LOST)
        .never(
            s,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            RECORD_DURABLE,
            END_DURABLE,
            ANSWER_STARTED,
            CALL_VOTED,
            CALL_ENDED,
            VOTE_UNKNOWN)
        .never(s, PENDING, UNANSWERED, DONE, NOT_NOW, NEVER);
  }

  private static void ofWithdrawn(
      RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> t) {
    Withdrawn s = new Withdrawn(FORCED, false);
    t.row(s, BEGUN_DURABLE, Ending.class, "WriteEnd")
        .row(s, BEGUN_FAILED, Ended.class, "Forget")
        .never(s, RECORD_FAILED, END_FAILED)
        .dropped(s, ABORT, NOT_SENT, DEADLINE, TRY_TIMEOUT, BEGUN_WRITTEN)
        .row(s, COMMIT, Withdrawn.class, "ReportHazard", "Acknowledge")
        .row(s, CALL, Withdrawn.class, "RefuseCall")
        .never(s, SUCCESS, LOST)
        .never(
            s,
            OPENED,
            PREPARED_IN_RESOURCE,
            RECOVERED,
            RECORD_DURABLE,
            END_DURABLE,
            ANSWER_STARTED,
            CALL_VOTED,
            CALL_ENDED,
            VOTE_UNKNOWN)
        .never(s, PENDING, UNANSWERED, DONE, NOT_NOW, NEVER);
  }
}
