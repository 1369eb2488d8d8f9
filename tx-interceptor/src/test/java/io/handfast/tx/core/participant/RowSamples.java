package io.handfast.tx.core.participant;

import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.preparing;
import static io.handfast.tx.core.Samples.vote;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.Outcome;
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
import io.handfast.tx.core.participant.ParticipantEvent.PrepareRequested;
import io.handfast.tx.core.participant.ParticipantEvent.PreparedInResource;
import io.handfast.tx.core.participant.ParticipantEvent.RecordDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.ServiceAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.ServicePrepared;
import io.handfast.tx.core.participant.ParticipantEvent.TimerFired;
import io.handfast.tx.core.participant.ParticipantEvent.Told;
import io.handfast.tx.core.participant.ParticipantEvent.VoteUnknown;
import io.handfast.tx.core.participant.ParticipantEvent.Write;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState.Closing;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.ParticipantState.Working;
import java.util.List;

/** Branches, states and events from which the rows are made. */
final class RowSamples {
  private RowSamples() {}

  static final Branch FORCED = branch(1, Durability.FORCED, false);
  static final Branch COMPLETE = branch(1, Durability.FORCED_COMPLETE, false);
  static final Branch OVERLAPPED = branch(1, Durability.OVERLAPPED, false);
  static final Branch OVERLAPPED_COMPLETE = branch(1, Durability.OVERLAPPED_COMPLETE, false);
  static final Branch READ_ONLY = branch(1, Durability.READ_ONLY, false);
  static final Branch ROOT = branch(1, Durability.FORCED, true);
  static final Branch ROOT_COMPLETE = branch(1, Durability.FORCED_COMPLETE, true);
  static final Branch ROOT_READ_ONLY = branch(1, Durability.READ_ONLY, true);

  static final Branch ASKS = preparing(1, Durability.FORCED, false);
  static final Branch ASKS_COMPLETE = preparing(1, Durability.FORCED_COMPLETE, false);
  static final Branch ROOT_ASKS = preparing(1, Durability.FORCED, true);

  static final Branch IN_RESOURCE = branch(1, Durability.IN_RESOURCE, false);

  static final PreparedInResource PREPARED_IN_RESOURCE = new PreparedInResource();
  static final Opened OPENED = new Opened();
  static final Recovered RECOVERED = new Recovered(Found.PREPARED);
  static final BegunWritten BEGUN_WRITTEN = new BegunWritten();
  static final BegunDurable BEGUN_DURABLE = new BegunDurable();
  static final RecordDurable RECORD_DURABLE = new RecordDurable();
  static final EndDurable END_DURABLE = new EndDurable();
  static final WriteFailed BEGUN_FAILED = new WriteFailed(Write.BEGUN, "disk full");
  static final WriteFailed RECORD_FAILED = new WriteFailed(Write.BRANCH_RECORD, "disk full");
  static final WriteFailed END_FAILED = new WriteFailed(Write.END, "disk full");
  static final AnswerStarted ANSWER_STARTED = new AnswerStarted();
  static final ServiceAnswered SUCCESS = answered(TryAnswer.SUCCESS);
  static final ServiceAnswered REFUSED = answered(TryAnswer.REFUSED);
  static final ServiceAnswered FAILED = answered(TryAnswer.FAILED);
  static final ServiceAnswered LOST = answered(TryAnswer.LOST);
  static final ServiceAnswered NOT_SENT = answered(TryAnswer.NOT_SENT);
  static final CallOpened CALL = new CallOpened(branch(2), false);
  static final CallOpened OPTIONAL_CALL = new CallOpened(branch(3), true);
  static final CallVoted CALL_VOTED = new CallVoted(branch(2), List.of(vote(2, Vote.PREPARED)));
  static final CallVoted CALL_VOTED_NO =
      new CallVoted(branch(2), List.of(vote(2, Vote.ABORT, "no money")));
  static final CallVoted STRUCK_BELOW = new CallVoted(branch(2), List.of(vote(4, Vote.STRUCK)));
  static final CallVoted OPTIONAL_VOTED = new CallVoted(branch(3), List.of(vote(3, Vote.PREPARED)));
  static final CallVoted OPTIONAL_VOTED_NO =
      new CallVoted(branch(3), List.of(vote(3, Vote.ABORT, "no")));
  static final CallEnded CALL_ENDED = new CallEnded(branch(2), null);
  static final CallEnded CALL_FAILED = new CallEnded(branch(2), "reset");
  static final CallEnded OPTIONAL_ENDED = new CallEnded(branch(3), null);
  static final CallEnded OPTIONAL_FAILED = new CallEnded(branch(3), "reset");
  static final CallEnded UNKNOWN_CALL_ENDED = new CallEnded(branch(9), null);
  static final CallVoted UNKNOWN_CALL_VOTED = new CallVoted(branch(9), List.of());
  static final VoteUnknown VOTE_UNKNOWN = new VoteUnknown();
  static final PrepareRequested PREPARE = new PrepareRequested();
  static final ServicePrepared PREPARED_NOW = new ServicePrepared(PrepareAnswer.PREPARED, "");
  static final ServicePrepared NOTHING_TO_DO = new ServicePrepared(PrepareAnswer.READ_ONLY, "");
  static final ServicePrepared WILL_NOT = new ServicePrepared(PrepareAnswer.REFUSED, "422");
  static final Told COMMIT = new Told(Outcome.COMMIT, true);
  static final Told ABORT = new Told(Outcome.ABORT, false);
  static final InquiryAnswered COMMITTED = new InquiryAnswered(Answer.COMMITTED);
  static final InquiryAnswered ABORTED = new InquiryAnswered(Answer.ABORTED);
  static final InquiryAnswered PENDING = new InquiryAnswered(Answer.PENDING);
  static final InquiryAnswered NOT_MINE = new InquiryAnswered(Answer.NOT_MINE);
  static final InquiryUnanswered UNANSWERED = new InquiryUnanswered();
  static final CompletionSucceeded DONE = new CompletionSucceeded();
  static final CompletionFailed NOT_NOW = new CompletionFailed("503");
  static final CompletionRefused NEVER = new CompletionRefused("422");
  static final TimerFired DEADLINE = new TimerFired(TimerKind.DEADLINE);
  static final TimerFired TRY_TIMEOUT = new TimerFired(TimerKind.TRY_TIMEOUT);
  static final TimerFired INQUIRY = new TimerFired(TimerKind.INQUIRY);
  static final TimerFired RETRY = new TimerFired(TimerKind.RETRY);

  static ServiceAnswered answered(TryAnswer answer) {
    return new ServiceAnswered(answer, answer == TryAnswer.SUCCESS ? "" : "service said " + answer);
  }

  static Calls calls(ParticipantEvent... events) {
    ParticipantState state = new Working(FORCED, Calls.NONE, true, false);
    for (ParticipantEvent event : events) {
      state = ParticipantCore.step(state, event).next();
    }
    return ((Working) state).calls();
  }

  static Working working(Branch branch, ParticipantEvent... before) {
    boolean durable = branch.durability().isForcedFirst();
    return new Working(branch, calls(before), durable, false);
  }

  static Closing closing(Branch branch, ParticipantEvent... before) {
    return new Closing(branch, calls(before), branch.durability().isForcedFirst());
  }

  static Prepared prepared(Branch branch) {
    return new Prepared(branch, true, false, false, 0, false);
  }

  static Prepared asking(boolean tryMayRun) {
    return new Prepared(COMPLETE, false, tryMayRun, true, 1, false);
  }
}
