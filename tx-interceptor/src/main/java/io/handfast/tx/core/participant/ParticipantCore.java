package io.handfast.tx.core.participant;

import io.handfast.tx.core.IllegalTransitionException;
import io.handfast.tx.core.Transition;

/**
 * The machine of one branch. Pure: safe from any thread, for it holds nothing.
 *
 * <pre>
 *                                      New
 *              Opened (forced first)   |  |   Opened (overlapped, read-only)
 *            +-------------------------+  +-----------------------------+
 *            v                                                          |
 *        Beginning ------------- BegunDurable ------------------------&gt; Working &lt;--+ CallOpened, CallVoted,
 *         |  |                                                           |  |  |   |    | CallEnded, BegunDurable
 *         |  | Told ABORT,                                               |  |  |   +----+
 *         |  | DEADLINE                                                  |  |  |
 *         |  +---&gt; Withdrawn -- BegunDurable --&gt; Ending     ServiceAnswered |  +-- call FAILED, Told ABORT,
 *         | WriteFailed |                                   SUCCESS      |  |      DEADLINE, LOST
 *         v             v WriteFailed                                    v  |              |
 *       Ended         Ended                    calls open +---------- Closing |              v
 *                                              (T9, T11)  +---------&gt;  |  | |       AbortedWorking
 *                                                                      |  | |          |     |
 *           Recovered BEGUN_COMPLETE, PREPARED        votes are ready  |  | |          |     | ServiceAnswered
 *            |                        +---- complete, or root ---------+  | |          |     | REFUSED
 *            |                        |               record is needed |  | |          |     v
 *            |                        |                                v  | |          |   Ending
 *            +--------------------&gt; Prepared &lt;-- RecordDurable -- Recording | |          |
 *                DEADLINE, INQUIRY:  |   |                             |  | | FAILED   | ServiceAnswered,
 *                Inquire (T15)       |   |                 WriteFailed,|  | |          | TRY_TIMEOUT (T17)
 *                                    |   |                 DEADLINE,   |  | |          |
 *                  Told COMMIT,      |   | Told ABORT,     Told ABORT  v  v v          v
 *                  COMMITTED         |   | ABORTED ----------------&gt; Cancelling &lt;------+
 *                                    v   |                            |   ^
 *                               Confirming  \                         |   | TRY_TIMEOUT (T17)
 *                                    |       \ Try may still run      |   |
 *               CompletionSucceeded, |        +------------&gt; BegunRecovered &lt;-- Recovered BEGUN -- New
 *               CompletionRefused    v                                |
 *                                  Ending &lt;---- CompletionSucceeded --+
 *                                    |          CompletionRefused (T21)
 *                                    | EndDurable: Acknowledge (T16)
 *                                    v
 *                                  Ended     (read-only branches come here from Working and Closing)
 * </pre>
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
      case ParticipantState.Prepared s -> OutcomeRows.ofPrepared(s, event);
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
