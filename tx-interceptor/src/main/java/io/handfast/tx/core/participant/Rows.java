package io.handfast.tx.core.participant;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEffect.Acknowledge;
import io.handfast.tx.core.participant.ParticipantEffect.CloseRoot;
import io.handfast.tx.core.participant.ParticipantEffect.DoomTransaction;
import io.handfast.tx.core.participant.ParticipantEffect.RefuseCall;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
import io.handfast.tx.core.participant.ParticipantEffect.ReleaseAnswer;
import io.handfast.tx.core.participant.ParticipantEffect.ReleaseCall;
import io.handfast.tx.core.participant.ParticipantEffect.ReportHazard;
import io.handfast.tx.core.participant.ParticipantEffect.SendVotes;
import io.handfast.tx.core.participant.ParticipantEffect.StartTimer;
import io.handfast.tx.core.participant.ParticipantEffect.WriteEnd;
import io.handfast.tx.core.participant.ParticipantState.Ending;
import java.util.ArrayList;
import java.util.List;

/** What rows of several states have in common. */
final class Rows {
  static final String CLOSED = "the branch has voted and takes no calls any more";
  static final String ABORTED = "the transaction was aborted";
  static final String NO_ANSWER = "the service did not answer in time";
  static final String DEADLINE = "the transaction's deadline has passed";

  private Rows() {}

  static Transition<ParticipantState, ParticipantEffect> stay(ParticipantState state) {
    return Transition.to(state);
  }

  static Transition<ParticipantState, ParticipantEffect> to(
      ParticipantState next, ParticipantEffect... effects) {
    return Transition.to(next, effects);
  }

  static Transition<ParticipantState, ParticipantEffect> to(
      ParticipantState next, List<ParticipantEffect> effects) {
    return new Transition<>(next, effects);
  }

  /** What had to be done is done: its end is written. */
  static Transition<ParticipantState, ParticipantEffect> end(Ending next, boolean awaited) {
    return to(next, new WriteEnd(next.outcome(), next.detail(), awaited));
  }

  /** The service will never do what had to be done: its end is written, and shown (T21). */
  static Transition<ParticipantState, ParticipantEffect> endAsHazard(Ending next, boolean awaited) {
    return to(
        next,
        new ReportHazard(next.detail()),
        new WriteEnd(next.outcome(), next.detail(), awaited));
  }

  /** ABORT of a branch that has done nothing else, or another outcome, which is not its. */
  static Transition<ParticipantState, ParticipantEffect> toldWhileAborting(
      ParticipantState now, ParticipantState awaited, Outcome told) {
    return switch (told) {
      case ABORT -> stay(awaited);
      case COMMIT -> to(now, contradiction(now, told));
    };
  }

  /** A call that comes when the branch takes none. */
  static Transition<ParticipantState, ParticipantEffect> refuseCall(
      ParticipantState state, ParticipantEvent.CallOpened event, String reason) {
    return to(state, new RefuseCall(event.call(), reason));
  }

  /**
   * The answer of a call whose fate no longer matters; where it is held, the service gets a
   * refusal.
   */
  static Transition<ParticipantState, ParticipantEffect> lateEnd(
      ParticipantState state, ParticipantEvent.CallEnded event, String reason) {
    return event.failure() == null ? to(state, new ReleaseCall(event.call(), reason)) : stay(state);
  }

  /**
   * An outcome that contradicts what this branch did, or came before it could: not carried out,
   * shown to a person. From a coordinator that keeps the protocol it cannot come.
   */
  static List<ParticipantEffect> contradiction(ParticipantState state, Outcome told) {
    String detail =
        "told "
            + told
            + " in state "
            + state.getClass().getSimpleName()
            + " (expected: an outcome that agrees with its vote)";
    return List.of(new ReportHazard(detail), new Acknowledge(Acknowledgement.HAZARD, detail));
  }

  /** The branch's own vote, first, and those of all below. */
  static List<BranchVote> votes(Branch branch, Vote own, String reason, List<BranchVote> below) {
    List<BranchVote> votes = new ArrayList<>(below.size() + 1);
    votes.add(branch.vote(own, reason));
    votes.addAll(below);
    return votes;
  }

  static List<BranchVote> noVotes(Branch branch, Calls calls, String reason) {
    return votes(branch, Vote.ABORT, reason, calls.struckWhereOpen(reason).votes());
  }

  /** The answer with a final no. Of a root nothing leaves: its coordinator answers. */
  static ParticipantEffect releaseNo(
      Branch branch, Release release, List<BranchVote> votes, TryAnswer answer, String reason) {
    return branch.root()
        ? new CloseRoot(votes, answer, false)
        : new ReleaseAnswer(release, votes, reason);
  }

  /** A final no while the service still works. */
  static ParticipantEffect doomed(Branch branch, List<BranchVote> votes, Blame blame) {
    return branch.root() ? new DoomTransaction(votes, blame) : new SendVotes(votes);
  }

  /** A final vote after the answer has gone its way. */
  static ParticipantEffect lateVotes(Branch branch, List<BranchVote> votes) {
    return branch.root() ? new CloseRoot(votes, TryAnswer.SUCCESS, false) : new SendVotes(votes);
  }

  /**
   * A root in doubt asks as any other, where its coordinator may end without having known what was
   * decided: a shared store may give up the sidecar of both (T18). Under THREE_PHASE it may have to
   * end the transaction.
   */
  static List<ParticipantEffect> rootsDeadline(Branch branch) {
    boolean asks = !branch.store().isJournal() || branch.protocol() == Protocol.THREE_PHASE;
    return branch.root() && asks ? List.of(new StartTimer(TimerKind.DEADLINE, 1)) : List.of();
  }

  /** Held answers of optional calls, which the service would wait for in vain. */
  static List<ParticipantEffect> releaseHeld(Calls calls, String reason) {
    List<ParticipantEffect> effects = new ArrayList<>();
    calls.held().forEach(call -> effects.add(new ReleaseCall(call, reason)));
    return effects;
  }
}
