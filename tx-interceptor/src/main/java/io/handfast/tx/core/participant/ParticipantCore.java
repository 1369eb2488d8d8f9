package io.handfast.tx.core.participant;

import io.handfast.tx.core.IllegalTransitionException;
import io.handfast.tx.core.Transition;

/**
 * The machine of one branch. Pure: safe from any thread, for it holds nothing.
 *
 * <pre>{@code
 * New
 *  |--Opened, BEGUN first--> Beginning --Told ABORT, DEADLINE--> Withdrawn --BegunDurable--> Ending
 *  |                           | |                                   |
 *  |                           | '--WriteFailed--> Ended <--WriteFailed'
 *  |                           | BegunDurable; BegunWritten, if overlapped
 *  |                           v
 *  |--Opened, otherwise----> Working --ServiceAnswered REFUSED, NOT_SENT-----------> Ending
 *  |                           | | '---ServiceAnswered FAILED, TRY_TIMEOUT---------> Cancelling
 *  |                           | '-----CallEnded failed, CallVoted ABORT, Told ABORT,
 *  |                           |       DEADLINE, LOST, WriteFailed---------------> AbortedWorking
 *  |                           | ServiceAnswered SUCCESS
 *  |                           v
 *  |                         Closing --CallEnded failed, CallVoted ABORT, Told ABORT,
 *  |                           | |     DEADLINE, WriteFailed---------------------> Cancelling
 *  |                           | |
 *  |                           | '-- last CallEnded, CallVoted, where a record is needed
 *  |                           |       '--> Recording --WriteFailed, Told ABORT, DEADLINE--> Cancelling
 *  |                           | last CallEnded,  | RecordDurable
 *  |                           | CallVoted,       |
 *  |                           v BegunDurable     |
 *  |--Recovered PREPARED,--> Prepared <-----------'     (read-only: Ended; ask: AwaitingPrepare)
 *  |  BEGUN_COMPLETE;          | | '--Told ABORT, InquiryAnswered ABORTED----> Cancelling
 *  |  PreparedInResource       | '----the same, and the Try may still run----> BegunRecovered
 *  |                           | Told COMMIT, InquiryAnswered COMMITTED
 *  |                           v
 *  |                         Confirming --CompletionSucceeded, CompletionRefused--> Ending
 *  |
 *  |--Recovered BEGUN------> BegunRecovered --TRY_TIMEOUT--> Cancelling
 *                            AbortedWorking --ServiceAnswered SUCCESS, FAILED, TRY_TIMEOUT--> Cancelling
 *                            AbortedWorking --ServiceAnswered REFUSED, NOT_SENT------------> Ending
 *                            Cancelling --CompletionSucceeded, CompletionRefused--> Ending
 *                            Ending --WriteFailed, then RETRY, Told--> Ending
 *                            Ending --EndDurable--> Ended
 *
 * Closing --last CallEnded, CallVoted, BegunDurable, where the branch votes ask--> AwaitingPrepare
 *
 * AwaitingPrepare --PrepareRequested--> Preparing; Promising or Prepared if no service is to be asked
 *  '--Told ABORT, InquiryAnswered ABORTED, DEADLINE, WriteFailed--> Cancelling
 * Preparing --ServicePrepared PREPARED--> Promising; Prepared if no record is needed
 *  | '--ServicePrepared READ_ONLY--> Ending
 *  '--ServicePrepared REFUSED, or any after Told ABORT, InquiryAnswered ABORTED, DEADLINE--> Cancelling
 * AwaitingPrepare --DelegationRequested--> DecidingAlone; Preparing before, if the service is asked
 * DecidingAlone --RecordDurable--> Confirming
 *  '--WriteFailed--> Cancelling      (OwnDecisionInDoubt: until a restart)
 * Prepared --OperatorDecided--> Resolving --RecordDurable--> Confirming, Cancelling, BegunRecovered
 *                                '--WriteFailed--> Prepared (OwnDecisionInDoubt: until a restart)
 * Recovered RESOLVED_COMMIT--> Confirming; RESOLVED_ABORT--> BegunRecovered
 * Recovered DECIDED--> Confirming
 * Promising --RecordDurable--> Prepared
 *  '--Told ABORT, InquiryAnswered ABORTED, DEADLINE, WriteFailed--> Cancelling
 *
 * AwaitingPrepare --CanCommitRequested--> Preparing; Promising if no service is to be asked
 * Promising --RecordDurable, under THREE_PHASE--> Uncertain
 * Recovered PREPARED under THREE_PHASE, PRE_COMMITTED--> Uncertain
 * Uncertain --PreCommitRequested, RecordDurable, DEADLINE, INQUIRY, StandingAnswered--> Uncertain
 *  | '--Told COMMIT, InquiryAnswered COMMITTED, StandingAnswered COMMITTED, or it decides so--> Confirming
 *  '--Told ABORT, InquiryAnswered ABORTED, StandingAnswered ABORTED, or it decided so--> Cancelling
 * Recovered WITHDRAWN--> Cancelling
 * Uncertain --OperatorDecided--> Resolving --WriteFailed--> Uncertain
 * AwaitingPrepare, Promising --StandingRequested--> Cancelling
 * }</pre>
 *
 * <p>What is late or comes twice is dropped by a row of its own. An outcome that contradicts what
 * was done is refused: the branch keeps what it did, answers HAZARD and is shown. What cannot
 * happen throws {@link IllegalTransitionException}.
 */
public final class ParticipantCore {
  private ParticipantCore() {}

  /**
   * What {@code event} makes of {@code state}.
   *
   * @throws IllegalTransitionException if the event cannot happen in this state
   */
  public static Transition<ParticipantState, ParticipantEffect> step(
      ParticipantState state, ParticipantEvent event) {
    return switch (state) {
      case ParticipantState.New s -> OpeningRows.ofNew(s, event);
      case ParticipantState.Beginning s -> OpeningRows.ofBeginning(s, event);
      case ParticipantState.Withdrawn s -> OpeningRows.ofWithdrawn(s, event);
      case ParticipantState.Working s -> WorkingRows.ofWorking(s, event);
      case ParticipantState.Closing s -> ClosingRows.ofClosing(s, event);
      case ParticipantState.Recording s -> ClosingRows.ofRecording(s, event);
      case ParticipantState.AwaitingPrepare s -> PrepareRows.ofAwaitingPrepare(s, event);
      case ParticipantState.Preparing s -> PrepareRows.ofPreparing(s, event);
      case ParticipantState.Promising s -> PrepareRows.ofPromising(s, event);
      case ParticipantState.DecidingAlone s -> DelegationRows.ofDecidingAlone(s, event);
      case ParticipantState.Prepared s -> OutcomeRows.ofPrepared(s, event);
      case ParticipantState.Resolving s -> ResolutionRows.ofResolving(s, event);
      case Uncertain s -> ThreePhaseRows.ofUncertain(s, event);
      case ParticipantState.AbortedWorking s -> AbortRows.ofAbortedWorking(s, event);
      case ParticipantState.BegunRecovered s -> AbortRows.ofBegunRecovered(s, event);
      case ParticipantState.Confirming s -> OutcomeRows.ofConfirming(s, event);
      case ParticipantState.Cancelling s -> AbortRows.ofCancelling(s, event);
      case ParticipantState.Ending s -> EndRows.ofEnding(s, event);
      case ParticipantState.Ended s -> EndRows.ofEnded(s, event);
    };
  }

  static IllegalTransitionException illegal(ParticipantState state, ParticipantEvent event) {
    return new IllegalTransitionException(
        "participant", state.branch().tx() + "-" + state.branch().id(), state, event);
  }
}
