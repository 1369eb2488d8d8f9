package io.handfast.tx.engine;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.OutboundCall;
import io.handfast.tx.interceptor.OutboundListener;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.port.Peer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One call that the local service makes inside a branch. Confined to the engine's loop; the
 * listener is told on its stream's executor.
 */
final class CallDriver implements OpenCall {
  private final ParticipantDriver owner;
  private final BranchId id;
  private final boolean optional;
  private final boolean trusted;
  private final String destination;
  private final Predicate<Peer> voter;
  private final List<Field> towardsPeer;
  private final Executor executor;
  private final OutboundListener listener;
  private final @Nullable Problem refusal;
  private int branches = 1;
  private boolean ended;

  /**
   * @param refusal by which the call fails without being made; null if it may be
   */
  CallDriver(
      ParticipantDriver owner,
      BranchId id,
      List<Field> towardsPeer,
      OutboundCall call,
      OutboundListener listener,
      @Nullable Problem refusal) {
    this.owner = owner;
    this.id = id;
    this.optional = call.policy().optional();
    this.trusted = call.trusted();
    this.destination = call.destination();
    this.voter = call.voter();
    this.towardsPeer = List.copyOf(towardsPeer);
    this.executor = call.executor();
    this.listener = listener;
    this.refusal = refusal;
  }

  boolean optional() {
    return optional;
  }

  /** Whether votes of who answers it count, however they come (T7). */
  boolean trusted() {
    return trusted;
  }

  /** The cluster that is called, for people. */
  @Override
  public String destination() {
    return destination;
  }

  /** Whether a message of that peer may tell the call's votes: it need not be who was called. */
  boolean mayVote(Peer peer) {
    return voter.test(peer);
  }

  @Override
  public void admit() {
    Problem problem = refusal;
    if (problem == null) {
      executor.execute(() -> listener.forward(towardsPeer, optional));
    } else {
      executor.execute(() -> listener.refuse(problem));
      answered(List.of(), problem.detail());
    }
  }

  @Override
  public void refuse(String reason) {
    executor.execute(() -> listener.refuse(Problems.conflict(reason)));
  }

  /** The held answer of an optional call may go, or what is said in its place. */
  @Override
  public void release(@Nullable String refused) {
    if (!optional || refusal != null) {
      return;
    }
    executor.execute(() -> {
      if (refused == null) {
        listener.release();
      } else {
        listener.replace(Problems.conflict(refused));
      }
    });
  }

  /** The end: votes first, so that a held answer is let go by it. */
  void answered(List<BranchVote> votes, @Nullable String failure) {
    if (ended) {
      return;
    }
    ended = true;
    if (!votes.isEmpty()) {
      voted(votes);
    }
    owner.handle(new ParticipantEvent.CallEnded(id, failure));
  }

  /** Votes of the call's branch and what is below it; the same may come again. */
  void voted(List<BranchVote> votes) {
    if (votes.size() > branches) {
      owner.grown(votes.size() - branches);
      branches = votes.size();
    }
    owner.handle(new ParticipantEvent.CallVoted(id, votes));
  }
}
