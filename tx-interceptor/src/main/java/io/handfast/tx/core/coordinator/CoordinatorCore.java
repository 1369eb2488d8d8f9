package io.handfast.tx.core.coordinator;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Decided;
import io.handfast.tx.core.IllegalTransitionException;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Transition;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The machine of one transaction at its coordinator: two-phase commit with presumed abort and votes
 * that come by themselves or on request. Pure: safe from any thread, for it holds nothing.
 *
 * <pre>{@code
 * New
 *  |--Began----> Active --Struck--> Active
 *  |              | | '---RootClosed with an error or a no, Doomed, DEADLINE, ClientGone--> Aborting
 *  |              | '-----RootClosed with success and nothing to commit--> Ended
 *  |              |                          (Committing, while ABORT is owed to branches struck off)
 *  |              | '---------RootClosed with success, some ask--> Asking
 *  |              | RootClosed with success, all yes
 *  |              v
 *  |             Deciding --DecisionFailed--> InDoubt     (T18: until the store has been read)
 *  |              | '--DecisionRefused, DecisionLost--> Aborting
 *  |              | DecisionDurable
 *  |              v
 *  |--Recovered-> Committing --Undelivered, REDELIVER, COMPLETION_WAIT--> Committing
 *                 Committing --Acknowledged by all--> Ended
 *
 *                 InDoubt --Unresolved, RESOLVE--> InDoubt
 *                 InDoubt --DecisionDurable--> Committing
 *                 InDoubt --DecisionLost--> Aborting
 *                 InDoubt --Unresolvable--> Ended
 *
 *                 Asking --the last PrepareAnswered PREPARED, READ_ONLY--> Deciding
 *                 Asking --the last, and nobody to commit--> Ended
 *                 Asking --PrepareAnswered ABORT, PrepareUnanswered, DEADLINE, ClientGone--> Aborting
 *
 *                 Active --RootClosed with success, ONE_PHASE, one updates--> Delegating
 *                 Delegating --DelegationAnswered COMMITTED, ABORTED, NOT_MINE--> Ended
 *                 Delegating --DEADLINE: unknown--> Delegating --ABORT_DELIVERY--> Ended
 *
 *                 Asking --the last PrepareAnswered, under THREE_PHASE--> PreCommitting
 *                 PreCommitting --PreCommitFailed, DEADLINE before it is durable--> Aborting
 *                 PreCommitting --PreCommitDurable, MemberUnanswered, REDELIVER--> PreCommitting
 *                 PreCommitting --DecisionDurable, DecisionRefused, DecisionFailed--> Committing
 *                 PreCommitting --MemberAnswered ABORTED--> Aborting
 * New --RecoveredPreCommit--> Settling --MemberUnanswered, REDELIVER--> Settling
 *                 Settling --MemberAnswered COMMITTED--> Committing
 *                 Settling --MemberAnswered ABORTED--> Aborting
 *
 *                 Aborting --RootClosed, Undelivered, REDELIVER--> Aborting
 *                 Aborting --Acknowledged by all, or ABORT_DELIVERY; the client is answered--> Ended
 * }</pre>
 */
public final class CoordinatorCore {
  private CoordinatorCore() {}

  /**
   * What {@code event} makes of {@code state}.
   *
   * @throws IllegalTransitionException if the event cannot happen in this state
   */
  public static Transition<CoordinatorState, CoordinatorEffect> step(
      CoordinatorState state, CoordinatorEvent event) {
    return switch (state) {
      case CoordinatorState.New s -> ActiveRows.ofNew(s, event);
      case CoordinatorState.Active s -> ActiveRows.ofActive(s, event);
      case CoordinatorState.Asking s -> AskingRows.ofAsking(s, event);
      case CoordinatorState.Delegating s -> DelegatingRows.ofDelegating(s, event);
      case PreCommitting s -> PreCommitRows.ofPreCommitting(s, event);
      case Settling s -> SettlingRows.ofSettling(s, event);
      case CoordinatorState.Deciding s -> DecidingRows.ofDeciding(s, event);
      case CoordinatorState.InDoubt s -> DecidingRows.ofInDoubt(s, event);
      case CoordinatorState.Committing s -> CommittingRows.ofCommitting(s, event);
      case CoordinatorState.Aborting s -> AbortingRows.ofAborting(s, event);
      case CoordinatorState.Ended s -> AbortingRows.ofEnded(s, event);
    };
  }

  /**
   * What an inquiry is answered (rules T13 and T14).
   *
   * <p>ABORTED of a transaction that is held here is said only when its fate is fixed: it aborts,
   * it has a durable decision that does not list the participant, or the branch was struck off.
   *
   * @param state of the transaction; null if none is held here
   * @param asker the branch and who ran it
   * @param ours the inquiry names this sidecar's own store as decider
   * @param replayed that store has been read to its end since the start
   */
  public static Answer answer(
      @Nullable CoordinatorState state, ParticipantKey asker, boolean ours, boolean replayed) {
    return answer(state, asker, ours, replayed, Protocol.TWO_PHASE);
  }

  /**
   * The same, of a branch that says by which protocol it commits: under THREE_PHASE absence says
   * nothing, for the members may have ended the transaction by themselves; nor does a store that is
   * being read.
   */
  public static Answer answer(
      @Nullable CoordinatorState state,
      ParticipantKey asker,
      boolean ours,
      boolean replayed,
      Protocol protocol) {
    return answer(state, asker, "", ours, replayed, protocol);
  }

  /**
   * The same, of a branch whose resource has a handle: what is prepared is one by that name, and
   * whoever finds it may ask. A decision that lists another handle, or none, is ABORT to it (rule
   * T14).
   */
  public static Answer answer(
      @Nullable CoordinatorState state,
      ParticipantKey asker,
      String handle,
      boolean ours,
      boolean replayed,
      Protocol protocol) {
    if (!ours) {
      return Answer.NOT_MINE;
    }
    if (!replayed) {
      return whileReading(protocol);
    }
    return switch (state) {
      case null -> protocol == Protocol.THREE_PHASE ? Answer.NOT_MINE : Answer.ABORTED;
      case CoordinatorState.New _ -> Answer.PENDING;
      case CoordinatorState.Active s -> unlessStruck(s.struck(), asker.branch());
      case CoordinatorState.Asking s -> unlessStruck(s.struck(), asker.branch());
      case CoordinatorState.Delegating s -> unlessStruck(s.struck(), asker.branch());
      case CoordinatorState.Deciding s -> unlessStruck(s.struck(), asker.branch());
      case PreCommitting s -> unlessStruck(s.struck(), asker.branch());
      case Settling _ -> Answer.NOT_MINE; // it asks the members itself
      case CoordinatorState.InDoubt s -> unlessStruck(s.struck(), asker.branch());
      case CoordinatorState.Committing s -> ofDecision(s.decided(), asker, handle);
      case CoordinatorState.Aborting _ -> Answer.ABORTED;
      case CoordinatorState.Ended s -> ofDecision(s.decided(), asker, handle);
    };
  }

  /**
   * What is said before the store has been read. Under THREE_PHASE not that the transaction runs:
   * its coordinator has died, and who hears that it lives follows what that one had asked for.
   */
  public static Answer whileReading(Protocol protocol) {
    return protocol == Protocol.THREE_PHASE ? Answer.NOT_MINE : Answer.PENDING;
  }

  private static Answer unlessStruck(Set<BranchId> struck, BranchId branch) {
    return struck.contains(branch) ? Answer.ABORTED : Answer.PENDING;
  }

  private static Answer ofDecision(Set<Decided> decided, ParticipantKey asker, String handle) {
    for (Decided one : decided) {
      if (one.is(asker, handle)) {
        return Answer.COMMITTED;
      }
    }
    return Answer.ABORTED;
  }

  static IllegalTransitionException illegal(CoordinatorState state, CoordinatorEvent event) {
    return new IllegalTransitionException("coordinator", state.tx().toString(), state, event);
  }
}
