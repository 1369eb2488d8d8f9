package io.handfast.tx.core.participant;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a branch stands. Immutable; nothing but {@link ParticipantCore#step} makes a next one. The
 * moves are methods of the states that have them.
 *
 * <p>Of a field it is said whether a restart finds it again. What is not found again is lost with
 * no harm, for the reason given.
 */
public sealed interface ParticipantState {

  /** What is known of the branch since it was opened. */
  // [PERSISTENT] in BEGUN and in the branch record, but for its caller: after a restart nobody is
  // answered.
  Branch branch();

  /** Nothing has happened yet. */
  record New(Branch branch) implements ParticipantState {
    Beginning beginning() {
      return new Beginning(branch);
    }

    Working working() {
      return new Working(branch, Calls.NONE, false, false);
    }

    BegunRecovered begunRecovered() {
      return new BegunRecovered(branch, false);
    }

    Confirming confirming() {
      return new Confirming(branch, 1, false);
    }

    Prepared prepared(boolean tryMayRun) {
      return new Prepared(branch, false, tryMayRun, true, 1, false);
    }

    Prepared preparedInResource() {
      return new Prepared(branch, true, false, false, 0, false);
    }

    Uncertain uncertain(Uncertain.Phase phase, boolean restored) {
      return new Uncertain(branch, phase, true, restored, null, Round.NONE, 0);
    }

    Cancelling cancelling() {
      return new Cancelling(branch, true, 1, false);
    }
  }

  /** BEGUN is being written, or forced; the service has not seen the request. */
  record Beginning(Branch branch) implements ParticipantState {
    Working working(boolean begunDurable) {
      return new Working(branch, Calls.NONE, begunDurable, false);
    }

    Withdrawn withdrawn() {
      return new Withdrawn(branch, false);
    }

    Ended ended() {
      return new Ended(branch, BranchOutcome.ABORTED, "");
    }
  }

  /**
   * The request was refused while BEGUN was being written: the service will not see it, and an end
   * has to be written behind BEGUN.
   *
   * @param awaited [NOT PERSISTENT] because it only makes the acknowledgement earlier
   */
  record Withdrawn(Branch branch, boolean awaited) implements ParticipantState {
    Withdrawn awaited(boolean now) {
      return new Withdrawn(branch, awaited || now);
    }

    Ending ending() {
      return Ending.first(branch, BranchOutcome.ABORTED, "");
    }

    Ended ended() {
      return new Ended(branch, BranchOutcome.ABORTED, "");
    }
  }

  /**
   * The service works.
   *
   * @param calls [NOT PERSISTENT] because a branch that has not voted when its sidecar dies has
   *     failed its caller, and is undone
   * @param begunDurable [NOT PERSISTENT] because a restart finds the record or does not
   * @param headLeft [NOT PERSISTENT] because the connection dies with the sidecar
   */
  record Working(Branch branch, Calls calls, boolean begunDurable, boolean headLeft)
      implements ParticipantState {
    Working with(Calls changed) {
      return new Working(branch, changed, begunDurable, headLeft);
    }

    Working withBegunDurable() {
      return new Working(branch, calls, true, headLeft);
    }

    Working withHeadLeft() {
      return new Working(branch, calls, begunDurable, true);
    }

    Closing closing() {
      return new Closing(branch, calls, begunDurable);
    }

    AbortedWorking abortedWorking(boolean answerOwed, boolean awaited) {
      return new AbortedWorking(branch, answerOwed, headLeft, awaited);
    }

    Cancelling cancelling(boolean answered) {
      return new Cancelling(branch, answered, 1, false);
    }

    Ending ending() {
      return Ending.first(branch, BranchOutcome.ABORTED, "");
    }

    Ended ended(BranchOutcome outcome) {
      return new Ended(branch, outcome, "");
    }
  }

  /**
   * The service has answered with success; open calls, or the force of an overlapped BEGUN, keep
   * the vote back. New calls are taken until it is cast.
   *
   * @param calls [NOT PERSISTENT], begunDurable [NOT PERSISTENT] because as in {@link Working}
   */
  record Closing(Branch branch, Calls calls, boolean begunDurable) implements ParticipantState {
    Closing with(Calls changed) {
      return new Closing(branch, changed, begunDurable);
    }

    Closing withBegunDurable() {
      return new Closing(branch, calls, true);
    }

    Recording recording() {
      return new Recording(branch, calls.votes());
    }

    AwaitingPrepare awaitingPrepare() {
      return new AwaitingPrepare(branch, false);
    }

    Prepared prepared() {
      return new Prepared(branch, true, false, false, 0, false);
    }

    Cancelling cancelling(boolean awaited) {
      return new Cancelling(branch, true, 1, awaited);
    }

    Ended ended(BranchOutcome outcome) {
      return new Ended(branch, outcome, "");
    }
  }

  /**
   * The branch is closed and its record is being forced; the vote waits for that.
   *
   * @param below [NOT PERSISTENT] because they are told with the vote: a restart before it has
   *     failed the caller
   */
  record Recording(Branch branch, List<BranchVote> below) implements ParticipantState {
    public Recording {
      below = List.copyOf(below);
    }

    Prepared prepared() {
      return new Prepared(branch, true, false, false, 0, false);
    }

    Cancelling cancelling(boolean awaited) {
      return new Cancelling(branch, true, 1, awaited);
    }
  }

  /**
   * The branch is closed and has voted {@code ask}: it prepares when it is asked to. It has
   * promised nothing yet, so it may abort alone, and does at its deadline.
   *
   * @param asking [NOT PERSISTENT] because a restart undoes the branch, or asks anyway: an inquiry
   *     is under way
   */
  record AwaitingPrepare(Branch branch, boolean asking) implements ParticipantState {
    AwaitingPrepare with(boolean inquiry) {
      return new AwaitingPrepare(branch, inquiry);
    }

    Preparing preparing(boolean delegated) {
      return new Preparing(branch, delegated, false, false);
    }

    AwaitingPrepare with(List<Member> members) {
      return new AwaitingPrepare(branch.with(members), asking);
    }

    DecidingAlone decidingAlone() {
      return new DecidingAlone(branch, false);
    }

    Promising promising() {
      return new Promising(branch);
    }

    Prepared prepared() {
      return new Prepared(branch, true, false, false, 0, false);
    }

    Cancelling cancelling(boolean awaited) {
      return new Cancelling(branch, true, 1, awaited);
    }
  }

  /**
   * The service has been asked to prepare. What aborts the branch meanwhile waits for its answer,
   * or for the time that it has: an undo must not overtake it.
   *
   * @param delegated [NOT PERSISTENT] because nobody is told by it: the branch decides by itself
   *     when its service has prepared
   * @param aborted [NOT PERSISTENT] because a restart undoes the branch, or asks and is told: it is
   *     undone when the service has answered
   * @param awaited [NOT PERSISTENT] because it only makes the acknowledgement earlier
   */
  record Preparing(Branch branch, boolean delegated, boolean aborted, boolean awaited)
      implements ParticipantState {
    Preparing withAborted(boolean now) {
      return new Preparing(branch, delegated, true, awaited || now);
    }

    DecidingAlone decidingAlone() {
      return new DecidingAlone(branch, false);
    }

    Promising promising() {
      return new Promising(branch);
    }

    Prepared prepared() {
      return new Prepared(branch, true, false, false, 0, false);
    }

    Cancelling cancelling() {
      return new Cancelling(branch, true, 1, awaited);
    }

    Ending ending(BranchOutcome outcome) {
      return Ending.first(branch, outcome, "");
    }
  }

  /**
   * The branch can prepare, and its record is being forced; the answer to the coordinator waits for
   * that. Of a root under THREE_PHASE alone: else its record rides with the decision.
   */
  record Promising(Branch branch) implements ParticipantState {
    Prepared prepared() {
      return new Prepared(branch, true, false, false, 0, false);
    }

    Uncertain uncertain() {
      return new Uncertain(branch, Uncertain.Phase.READY, false, false, null, Round.NONE, 0);
    }

    Cancelling cancelling(boolean awaited) {
      return new Cancelling(branch, true, 1, awaited);
    }
  }

  /**
   * The only updating branch of its transaction, to which the decision was left (ONE_PHASE): its
   * decision to commit is being forced, and it acts on it when it is durable.
   *
   * @param inDoubt [NOT PERSISTENT] because a restart finds the decision or does not: its write
   *     failed, and nothing is done or told before a restart has read the store (rule T18)
   */
  record DecidingAlone(Branch branch, boolean inDoubt) implements ParticipantState {
    DecidingAlone withDoubt() {
      return new DecidingAlone(branch, true);
    }

    Confirming confirming() {
      return new Confirming(branch, 1, false);
    }

    Cancelling cancelling() {
      return new Cancelling(branch, true, 1, false);
    }
  }

  /**
   * In doubt: the branch has voted yes, or after a restart may have, and knows no outcome.
   *
   * @param answered [NOT PERSISTENT] because the completions of a durable branch record have all
   *     that they need
   * @param tryMayRun [NOT PERSISTENT] because set anew at each restart, and it is what a restart
   *     brings: the service may still be at work on what a former life sent it, so that an undo
   *     waits for the Try's timeout
   * @param asking [NOT PERSISTENT] because a restart asks anyway: an inquiry or its timer is under
   *     way
   * @param inquiries [NOT PERSISTENT] because it only spaces and shows the inquiries made
   * @param expired [NOT PERSISTENT] because counted anew, in full, from a restart: the deadline has
   *     passed, so that ABORT may be written into a store that is shared (rule T19)
   */
  record Prepared(
      Branch branch,
      boolean answered,
      boolean tryMayRun,
      boolean asking,
      int inquiries,
      boolean expired)
      implements ParticipantState {
    Prepared tryTimedOut() {
      return new Prepared(branch, answered, false, asking, inquiries, expired);
    }

    Prepared inquiring() {
      return new Prepared(branch, answered, tryMayRun, true, inquiries + 1, expired);
    }

    Prepared pastDeadline() {
      return new Prepared(branch, answered, tryMayRun, asking, inquiries, true);
    }

    Resolving resolving(Outcome outcome) {
      return new Resolving(this, null, outcome, false);
    }

    Confirming confirming(boolean awaited) {
      return new Confirming(branch, 1, awaited);
    }

    BegunRecovered waitingForTry(boolean awaited) {
      return new BegunRecovered(branch, awaited);
    }

    Cancelling cancelling(boolean awaited) {
      return new Cancelling(branch, answered, 1, awaited);
    }
  }

  /**
   * In doubt, and an operator has decided: that is being forced, with who, when and why.
   *
   * @param before [PERSISTENT] as {@link Prepared}: where it is again if the store refuses
   * @param member [PERSISTENT] as {@link Uncertain}: under THREE_PHASE, where it is again then; its
   *     round goes on hearing, and comes to nothing meanwhile. Else null
   * @param outcome [NOT PERSISTENT] because a restart finds the operator's decision or does not
   * @param inDoubt [NOT PERSISTENT] for the same reason: its write failed, and nothing is done
   *     before a restart has read the store (rule T18)
   */
  record Resolving(Prepared before, @Nullable Uncertain member, Outcome outcome, boolean inDoubt)
      implements ParticipantState {
    @Override
    public Branch branch() {
      return before.branch();
    }

    Resolving with(Prepared changed) {
      return new Resolving(changed, member, outcome, inDoubt);
    }

    Resolving with(Uncertain changed) {
      return new Resolving(before, changed, outcome, inDoubt);
    }

    Resolving withDoubt() {
      return new Resolving(before, member, outcome, true);
    }
  }

  /**
   * Aborted while the service works; what it did is undone after its answer or the Try's timeout
   * (rule T17).
   *
   * @param answerOwed [NOT PERSISTENT], headLeft [NOT PERSISTENT] because the connection dies with
   *     the sidecar
   * @param awaited [NOT PERSISTENT] because it only makes the acknowledgement earlier
   */
  record AbortedWorking(Branch branch, boolean answerOwed, boolean headLeft, boolean awaited)
      implements ParticipantState {
    AbortedWorking awaited(boolean now) {
      return new AbortedWorking(branch, answerOwed, headLeft, awaited || now);
    }

    AbortedWorking answerGiven() {
      return new AbortedWorking(branch, false, headLeft, awaited);
    }

    Cancelling cancelling(boolean answered) {
      return new Cancelling(branch, answered, 1, awaited);
    }

    Ending ending() {
      return Ending.first(branch, BranchOutcome.ABORTED, "");
    }

    Ended ended() {
      return new Ended(branch, BranchOutcome.ABORTED, "");
    }
  }

  /**
   * A former life of this sidecar sent the Try, and the branch is to be undone: it never voted, or
   * has been told so. The Try's timeout is waited for, in full, from the restart (rule T17).
   *
   * @param awaited [NOT PERSISTENT] because it only makes the acknowledgement earlier
   */
  record BegunRecovered(Branch branch, boolean awaited) implements ParticipantState {
    BegunRecovered awaited(boolean now) {
      return new BegunRecovered(branch, awaited || now);
    }

    Cancelling cancelling() {
      return new Cancelling(branch, false, 1, awaited);
    }
  }

  /**
   * COMMIT is being carried out, at least once.
   *
   * @param attempt [NOT PERSISTENT], awaited [NOT PERSISTENT] because a restart asks again and is
   *     told COMMIT again: the coordinator keeps it until it is acknowledged
   */
  record Confirming(Branch branch, int attempt, boolean awaited) implements ParticipantState {
    Confirming awaited(boolean now) {
      return new Confirming(branch, attempt, awaited || now);
    }

    Confirming again() {
      return new Confirming(branch, attempt + 1, awaited);
    }

    Ending ending(BranchOutcome outcome, String detail) {
      return Ending.first(branch, outcome, detail);
    }
  }

  /**
   * The Try is being undone, at least once.
   *
   * @param answered [NOT PERSISTENT] because what an undo may use is fixed by the records after a
   *     restart
   * @param attempt [NOT PERSISTENT], awaited [NOT PERSISTENT] because a restart finds no end and
   *     undoes again, or asks and is told ABORTED again: absence says so
   */
  record Cancelling(Branch branch, boolean answered, int attempt, boolean awaited)
      implements ParticipantState {
    Cancelling awaited(boolean now) {
      return new Cancelling(branch, answered, attempt, awaited || now);
    }

    Cancelling again() {
      return new Cancelling(branch, answered, attempt + 1, awaited);
    }

    Ending ending(BranchOutcome outcome, String detail) {
      return Ending.first(branch, outcome, detail);
    }
  }

  /**
   * Carried out; the end record is being written, again and again until it is durable. Nothing is
   * acknowledged before (rule T16).
   *
   * @param outcome [PERSISTENT] in the end record
   * @param detail [PERSISTENT] in the end record
   * @param writing [NOT PERSISTENT], attempt [NOT PERSISTENT] because a restart that finds no end
   *     carries the same outcome out once more
   */
  record Ending(Branch branch, BranchOutcome outcome, String detail, boolean writing, int attempt)
      implements ParticipantState {
    static Ending first(Branch branch, BranchOutcome outcome, String detail) {
      return new Ending(branch, outcome, detail, true, 1);
    }

    Ending failed() {
      return new Ending(branch, outcome, detail, false, attempt);
    }

    Ending again() {
      return new Ending(branch, outcome, detail, true, attempt + 1);
    }

    Ended ended() {
      return new Ended(branch, outcome, detail);
    }
  }

  /**
   * Nothing remains to be done. Terminal.
   *
   * @param outcome [PERSISTENT] if there was anything to record
   * @param detail [PERSISTENT] as the outcome
   */
  record Ended(Branch branch, BranchOutcome outcome, String detail) implements ParticipantState {}

  /** States of THREE_PHASE alone. */
  sealed interface ThreePhase extends ParticipantState permits Uncertain {}
}
