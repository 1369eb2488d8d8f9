package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.ParticipantCore.illegal;
import static io.handfast.tx.core.participant.Rows.lateEnd;
import static io.handfast.tx.core.participant.Rows.refuseCall;
import static io.handfast.tx.core.participant.Rows.stay;
import static io.handfast.tx.core.participant.Rows.to;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.CallRows.Absorbed;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.CloseRoot;
import io.handfast.tx.core.participant.ParticipantEffect.ForceRecord;
import io.handfast.tx.core.participant.ParticipantEffect.Forget;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
import io.handfast.tx.core.participant.ParticipantEffect.ReleaseAnswer;
import io.handfast.tx.core.participant.ParticipantEffect.SendVotes;
import io.handfast.tx.core.participant.ParticipantEvent.AnswerStarted;
import io.handfast.tx.core.participant.ParticipantEvent.BegunDurable;
import io.handfast.tx.core.participant.ParticipantEvent.BegunWritten;
import io.handfast.tx.core.participant.ParticipantEvent.CallEnded;
import io.handfast.tx.core.participant.ParticipantEvent.CallOpened;
import io.handfast.tx.core.participant.ParticipantEvent.CallVoted;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionFailed;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionRefused;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionSucceeded;
import io.handfast.tx.core.participant.ParticipantEvent.DelegationRequested;
import io.handfast.tx.core.participant.ParticipantEvent.EndDurable;
import io.handfast.tx.core.participant.ParticipantEvent.InquiryAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.InquiryUnanswered;
import io.handfast.tx.core.participant.ParticipantEvent.Opened;
import io.handfast.tx.core.participant.ParticipantEvent.OperatorDecided;
import io.handfast.tx.core.participant.ParticipantEvent.OwnDecisionInDoubt;
import io.handfast.tx.core.participant.ParticipantEvent.PrepareRequested;
import io.handfast.tx.core.participant.ParticipantEvent.PreparedInResource;
import io.handfast.tx.core.participant.ParticipantEvent.RecordDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.ServiceAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.ServicePrepared;
import io.handfast.tx.core.participant.ParticipantEvent.ThreePhase;
import io.handfast.tx.core.participant.ParticipantEvent.TimerFired;
import io.handfast.tx.core.participant.ParticipantEvent.Told;
import io.handfast.tx.core.participant.ParticipantEvent.VoteUnknown;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState.Closing;
import io.handfast.tx.core.participant.ParticipantState.Recording;
import io.handfast.tx.core.participant.ParticipantState.Working;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows from the service's success to the vote. */
final class ClosingRows {
  private ClosingRows() {}

  /**
   * The service has answered with success. The answer goes at once (T8), with the votes if nothing
   * keeps them back: no open call (T9, T11) and no force.
   */
  static Transition<ParticipantState, ParticipantEffect> answered(Working s) {
    Closing closing = s.closing();
    List<ParticipantEffect> effects = new ArrayList<>();
    effects.add(new CancelTimer(TimerKind.TRY_TIMEOUT));
    if (isReady(closing)) {
      return vote(closing, effects, true);
    }
    if (!s.branch().root()) {
      effects.add(new ReleaseAnswer(Release.PASS, List.of(), ""));
    }
    return to(closing, effects);
  }

  /**
   * True if nothing keeps the branch from closing; a force of its own record may still keep the
   * vote back.
   */
  private static boolean isReady(Closing s) {
    boolean waitsForBegun =
        s.branch().isUpdating() && s.branch().durability().isComplete() && !s.begunDurable();
    return s.calls().open() == 0 && !waitsForBegun;
  }

  private static Transition<ParticipantState, ParticipantEffect> vote(
      Closing s, List<ParticipantEffect> effects, boolean withAnswer) {
    Branch branch = s.branch();
    boolean needsRecord = branch.needsRecord();
    if (needsRecord && !branch.root() && !branch.asks()) {
      if (withAnswer) {
        effects.add(new ReleaseAnswer(Release.PASS, List.of(), ""));
      }
      effects.add(new ForceRecord());
      return to(s.recording(), effects);
    }
    Vote own = branch.asks() ? Vote.ASK : branch.isUpdating() ? Vote.PREPARED : Vote.READ_ONLY;
    List<BranchVote> votes = Rows.votes(branch, own, "", s.calls().votes());
    if (branch.root()) {
      effects.add(new CloseRoot(votes, TryAnswer.SUCCESS, needsRecord));
    } else {
      effects.add(withAnswer ? new ReleaseAnswer(Release.PASS, votes, "") : new SendVotes(votes));
    }
    if (branch.asks()) {
      return to(s.awaitingPrepare(), effects);
    }
    if (branch.isUpdating()) {
      effects.addAll(Rows.rootsDeadline(branch));
      return to(s.prepared(), effects);
    }
    effects.add(new Forget());
    return to(s.ended(BranchOutcome.READ_ONLY), effects);
  }

  static Transition<ParticipantState, ParticipantEffect> ofClosing(
      Closing s, ParticipantEvent event) {
    return switch (event) {
      case BegunDurable _ -> {
        if (s.begunDurable() || !s.branch().isUpdating()) {
          throw illegal(s, event);
        }
        yield proceed(s.withBegunDurable(), List.of());
      }
      case WriteFailed e -> closingFailed(s, e);
      case CallOpened e -> absorb(s, event, CallRows.opened(s.calls(), e));
      case CallVoted e -> absorb(s, event, CallRows.voted(s.branch(), s.calls(), e));
      case CallEnded e -> absorb(s, event, CallRows.ended(s.branch(), s.calls(), e));
      case Told e -> closingTold(s, e);
      case TimerFired e -> closingTimer(s, e.kind());
      case PrepareRequested _ -> PrepareRows.elsewhere(s);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          BegunWritten _,
          RecordDurable _,
          EndDurable _,
          AnswerStarted _,
          ServiceAnswered _,
          VoteUnknown _,
          InquiryAnswered _,
          InquiryUnanswered _,
          CompletionSucceeded _,
          CompletionFailed _,
          CompletionRefused _,
          ServicePrepared _,
          OwnDecisionInDoubt _,
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> proceed(
      Closing s, List<ParticipantEffect> effects) {
    return isReady(s) ? vote(s, new ArrayList<>(effects), false) : to(s, effects);
  }

  private static Transition<ParticipantState, ParticipantEffect> absorb(
      Closing s, ParticipantEvent event, @Nullable Absorbed absorbed) {
    if (absorbed == null) {
      throw illegal(s, event);
    }
    Closing changed = s.with(absorbed.calls());
    Blame blame = absorbed.blame();
    return blame == null
        ? proceed(changed, absorbed.effects())
        : abort(
            changed, blaming(changed, absorbed.effects(), blame), CallRows.describe(blame), false);
  }

  /** Whom the client is told of does not hang on which came first, the call's end or the answer. */
  private static List<ParticipantEffect> blaming(
      Closing s, List<ParticipantEffect> first, Blame blame) {
    if (!s.branch().root()) {
      return first;
    }
    List<ParticipantEffect> effects = new ArrayList<>(first);
    List<BranchVote> votes = Rows.noVotes(s.branch(), s.calls(), CallRows.describe(blame));
    effects.add(Rows.doomed(s.branch(), votes, blame));
    return effects;
  }

  private static Transition<ParticipantState, ParticipantEffect> closingFailed(
      Closing s, WriteFailed event) {
    return switch (event.write()) {
      case BEGUN -> abort(s, List.of(), event.reason(), false);
      case BRANCH_RECORD, OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> closingTold(
      Closing s, Told event) {
    return abort(s, before(s, event.outcome()), Rows.ABORTED, event.awaited());
  }

  private static List<ParticipantEffect> before(ParticipantState s, Outcome told) {
    return switch (told) {
      case ABORT -> List.of();
      case COMMIT -> Rows.contradiction(s, told);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> closingTimer(
      Closing s, TimerKind kind) {
    return switch (kind) {
      case DEADLINE -> s.branch().root() ? stay(s) : abort(s, List.of(), Rows.DEADLINE, false);
      case TRY_TIMEOUT, INQUIRY, RETRY -> stay(s);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> abort(
      Closing s, List<ParticipantEffect> first, String reason, boolean awaited) {
    List<ParticipantEffect> effects = new ArrayList<>(first);
    effects.add(Rows.lateVotes(s.branch(), Rows.noVotes(s.branch(), s.calls(), reason)));
    effects.addAll(Rows.releaseHeld(s.calls(), reason));
    if (s.branch().isUpdating()) {
      effects.add(new Cancel(true, 1));
      return to(s.cancelling(awaited), effects);
    }
    effects.add(new Forget());
    return to(s.ended(BranchOutcome.ABORTED), effects);
  }

  static Transition<ParticipantState, ParticipantEffect> ofRecording(
      Recording s, ParticipantEvent event) {
    return switch (event) {
      case RecordDurable _ ->
          to(s.prepared(), new SendVotes(Rows.votes(s.branch(), Vote.PREPARED, "", s.below())));
      case WriteFailed e -> recordFailed(s, e);
      case BegunDurable _ -> stay(s); // overlapped; the record behind it covers it
      case Told e -> abort(s, before(s, e.outcome()), Rows.ABORTED, e.awaited());
      case TimerFired e -> recordingTimer(s, e.kind());
      case CallOpened e -> refuseCall(s, e, Rows.CLOSED);
      case CallVoted _ -> stay(s);
      case CallEnded e -> lateEnd(s, e, Rows.CLOSED);
      case PrepareRequested _ -> PrepareRows.elsewhere(s);
      case DelegationRequested _ -> DelegationRows.elsewhere(s);
      case ThreePhase e -> ThreePhaseRows.elsewhere(s, e);
      case Opened _,
          PreparedInResource _,
          Recovered _,
          BegunWritten _,
          EndDurable _,
          AnswerStarted _,
          ServiceAnswered _,
          VoteUnknown _,
          InquiryAnswered _,
          InquiryUnanswered _,
          CompletionSucceeded _,
          CompletionFailed _,
          CompletionRefused _,
          ServicePrepared _,
          OwnDecisionInDoubt _,
          OperatorDecided _ ->
          throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> recordFailed(
      Recording s, WriteFailed event) {
    return switch (event.write()) {
      case BEGUN -> stay(s); // the store has stopped: the record's own failure follows
      // The record may be durable all the same. The vote is no, so that COMMIT cannot be decided: a
      // restart that finds the
      // record asks and is told ABORTED, one that does not finds BEGUN and undoes. Either way the
      // branch ends as it does now.
      case BRANCH_RECORD -> abort(s, List.of(), event.reason(), false);
      case OWN_DECISION, RESOLUTION, END -> throw illegal(s, event);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> recordingTimer(
      Recording s, TimerKind kind) {
    return switch (kind) {
      case DEADLINE -> abort(s, List.of(), Rows.DEADLINE, false);
      case TRY_TIMEOUT, INQUIRY, RETRY -> stay(s);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> abort(
      Recording s, List<ParticipantEffect> first, String reason, boolean awaited) {
    List<ParticipantEffect> effects = new ArrayList<>(first);
    effects.add(new SendVotes(Rows.votes(s.branch(), Vote.ABORT, reason, s.below())));
    effects.add(new Cancel(true, 1));
    return to(s.cancelling(awaited), effects);
  }
}
