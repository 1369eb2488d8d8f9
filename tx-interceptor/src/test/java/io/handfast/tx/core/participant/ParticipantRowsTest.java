package io.handfast.tx.core.participant;

import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.vote;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.RowTable.Row;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEvent.AnswerStarted;
import io.handfast.tx.core.participant.ParticipantEvent.BegunDurable;
import io.handfast.tx.core.participant.ParticipantEvent.BegunWritten;
import io.handfast.tx.core.participant.ParticipantEvent.CallEnded;
import io.handfast.tx.core.participant.ParticipantEvent.CallOpened;
import io.handfast.tx.core.participant.ParticipantEvent.CallVoted;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionFailed;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionRefused;
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
import io.handfast.tx.core.participant.ParticipantEvent.VoteUnknown;
import io.handfast.tx.core.participant.ParticipantEvent.Write;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState.AbortedWorking;
import io.handfast.tx.core.participant.ParticipantState.Beginning;
import io.handfast.tx.core.participant.ParticipantState.BegunRecovered;
import io.handfast.tx.core.participant.ParticipantState.Cancelling;
import io.handfast.tx.core.participant.ParticipantState.Closing;
import io.handfast.tx.core.participant.ParticipantState.Confirming;
import io.handfast.tx.core.participant.ParticipantState.Ended;
import io.handfast.tx.core.participant.ParticipantState.Ending;
import io.handfast.tx.core.participant.ParticipantState.New;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.ParticipantState.Recording;
import io.handfast.tx.core.participant.ParticipantState.Withdrawn;
import io.handfast.tx.core.participant.ParticipantState.Working;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every (state, event) row of the participant: what it does, or that it cannot happen. */
class ParticipantRowsTest {
  private static final Branch FORCED = branch(1, Durability.FORCED, false);
  private static final Branch COMPLETE = branch(1, Durability.FORCED_COMPLETE, false);
  private static final Branch OVERLAPPED = branch(1, Durability.OVERLAPPED, false);
  private static final Branch OVERLAPPED_COMPLETE =
      branch(1, Durability.OVERLAPPED_COMPLETE, false);
  private static final Branch READ_ONLY = branch(1, Durability.READ_ONLY, false);
  private static final Branch ROOT = branch(1, Durability.FORCED, true);
  private static final Branch ROOT_COMPLETE = branch(1, Durability.FORCED_COMPLETE, true);
  private static final Branch ROOT_READ_ONLY = branch(1, Durability.READ_ONLY, true);

  private static final Opened OPENED = new Opened();
  private static final Recovered RECOVERED = new Recovered(Found.PREPARED);
  private static final BegunWritten BEGUN_WRITTEN = new BegunWritten();
  private static final BegunDurable BEGUN_DURABLE = new BegunDurable();
  private static final RecordDurable RECORD_DURABLE = new RecordDurable();
  private static final EndDurable END_DURABLE = new EndDurable();
  private static final WriteFailed BEGUN_FAILED = new WriteFailed(Write.BEGUN, "disk full");
  private static final WriteFailed RECORD_FAILED =
      new WriteFailed(Write.BRANCH_RECORD, "disk full");
  private static final WriteFailed END_FAILED = new WriteFailed(Write.END, "disk full");
  private static final AnswerStarted ANSWER_STARTED = new AnswerStarted();
  private static final ServiceAnswered SUCCESS = answered(TryAnswer.SUCCESS);
  private static final ServiceAnswered REFUSED = answered(TryAnswer.REFUSED);
  private static final ServiceAnswered FAILED = answered(TryAnswer.FAILED);
  private static final ServiceAnswered LOST = answered(TryAnswer.LOST);
  private static final ServiceAnswered NOT_SENT = answered(TryAnswer.NOT_SENT);
  private static final CallOpened CALL = new CallOpened(branch(2), false);
  private static final CallOpened OPTIONAL_CALL = new CallOpened(branch(3), true);
  private static final CallVoted CALL_VOTED =
      new CallVoted(branch(2), List.of(vote(2, Vote.PREPARED)));
  private static final CallVoted CALL_VOTED_NO =
      new CallVoted(branch(2), List.of(vote(2, Vote.ABORT, "no money")));
  private static final CallVoted STRUCK_BELOW =
      new CallVoted(branch(2), List.of(vote(4, Vote.STRUCK)));
  private static final CallVoted OPTIONAL_VOTED =
      new CallVoted(branch(3), List.of(vote(3, Vote.PREPARED)));
  private static final CallVoted OPTIONAL_VOTED_NO =
      new CallVoted(branch(3), List.of(vote(3, Vote.ABORT, "no")));
  private static final CallEnded CALL_ENDED = new CallEnded(branch(2), null);
  private static final CallEnded CALL_FAILED = new CallEnded(branch(2), "reset");
  private static final CallEnded OPTIONAL_ENDED = new CallEnded(branch(3), null);
  private static final CallEnded OPTIONAL_FAILED = new CallEnded(branch(3), "reset");
  private static final CallEnded UNKNOWN_CALL_ENDED = new CallEnded(branch(9), null);
  private static final CallVoted UNKNOWN_CALL_VOTED = new CallVoted(branch(9), List.of());
  private static final VoteUnknown VOTE_UNKNOWN = new VoteUnknown();
  private static final Told COMMIT = new Told(Outcome.COMMIT, true);
  private static final Told ABORT = new Told(Outcome.ABORT, false);
  private static final InquiryAnswered COMMITTED = new InquiryAnswered(Answer.COMMITTED);
  private static final InquiryAnswered ABORTED = new InquiryAnswered(Answer.ABORTED);
  private static final InquiryAnswered PENDING = new InquiryAnswered(Answer.PENDING);
  private static final InquiryAnswered NOT_MINE = new InquiryAnswered(Answer.NOT_MINE);
  private static final InquiryUnanswered UNANSWERED = new InquiryUnanswered();
  private static final CompletionSucceeded DONE = new CompletionSucceeded();
  private static final CompletionFailed NOT_NOW = new CompletionFailed("503");
  private static final CompletionRefused NEVER = new CompletionRefused("422");
  private static final TimerFired DEADLINE = new TimerFired(TimerKind.DEADLINE);
  private static final TimerFired TRY_TIMEOUT = new TimerFired(TimerKind.TRY_TIMEOUT);
  private static final TimerFired INQUIRY = new TimerFired(TimerKind.INQUIRY);
  private static final TimerFired RETRY = new TimerFired(TimerKind.RETRY);

  private static ServiceAnswered answered(TryAnswer answer) {
    return new ServiceAnswered(answer, answer == TryAnswer.SUCCESS ? "" : "service said " + answer);
  }

  private static Calls calls(ParticipantEvent... events) {
    ParticipantState state = new Working(FORCED, Calls.NONE, true, false);
    for (ParticipantEvent event : events) {
      state = ParticipantCore.step(state, event).next();
    }
    return ((Working) state).calls();
  }

  private static Working working(Branch branch, ParticipantEvent... before) {
    boolean durable = branch.durability().isForcedFirst();
    return new Working(branch, calls(before), durable, false);
  }

  private static Closing closing(Branch branch, ParticipantEvent... before) {
    return new Closing(branch, calls(before), branch.durability().isForcedFirst());
  }

  private static Prepared prepared(Branch branch) {
    return new Prepared(branch, true, false, false, 0);
  }

  private static Prepared asking(boolean tryMayRun) {
    return new Prepared(COMPLETE, false, tryMayRun, true, 1);
  }

  private static RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> table() {
    RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> table =
        new RowTable<>(ParticipantCore::step);
    ofNew(table);
    ofBeginning(table);
    ofWithdrawn(table);
    ofWorking(table);
    ofClosing(table);
    ofRecording(table);
    ofPrepared(table);
    ofAbortedWorking(table);
    ofBegunRecovered(table);
    ofConfirming(table);
    ofCancelling(table);
    ofEnding(table);
    ofEnded(table);
    return table;
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
            RECOVERED,
            RECORD_DURABLE,
            END_DURABLE,
            ANSWER_STARTED,
            CALL_VOTED,
            CALL_ENDED,
            VOTE_UNKNOWN)
        .never(s, PENDING, UNANSWERED, DONE, NOT_NOW, NEVER);
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
        .row(closing(ROOT, CALL), CALL_FAILED, Cancelling.class, "CloseRoot", "Cancel")
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
        .never(s, BEGUN_WRITTEN, OPENED, RECOVERED, END_DURABLE, END_FAILED);
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
        .never(s, BEGUN_WRITTEN, OPENED, RECOVERED, DONE, NOT_NOW, NEVER);
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
            RECOVERED,
            BEGUN_DURABLE,
            RECORD_DURABLE,
            END_DURABLE,
            END_FAILED,
            DONE,
            NOT_NOW,
            NEVER);
  }

  static Stream<Row<ParticipantState, ParticipantEvent>> rows() {
    return table().rows().stream();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void shouldDoWhatTheRowSays(Row<ParticipantState, ParticipantEvent> row) {
    table().check(row);
  }

  @Test
  void shouldHaveExercisedEveryRow() {
    // Given
    RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> table = table();

    // When
    table.rows().forEach(table::check);

    // Then
    assertThat(table.neverExercised(ParticipantState.class, ParticipantEvent.class)).isEmpty();
  }

  @Test
  void shouldMoveNowhereFromEnded() {
    // Given
    List<Row<ParticipantState, ParticipantEvent>> terminal =
        table().rows().stream()
            .filter(row -> row.state() instanceof Ended && row.next() != null)
            .toList();

    // When
    List<ParticipantState> next =
        terminal.stream()
            .map(row -> ParticipantCore.step(row.state(), row.event()).next())
            .toList();

    // Then
    assertThat(next).isNotEmpty().isEqualTo(terminal.stream().map(Row::state).toList());
  }
}
