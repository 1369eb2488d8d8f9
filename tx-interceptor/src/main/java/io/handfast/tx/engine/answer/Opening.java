package io.handfast.tx.engine.answer;

import io.handfast.transaction.v1.Completion;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Decider;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.interceptor.AnswerHolding;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.resource.Resource;
import io.handfast.tx.resource.TryFacts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a request says about the branch that it opens. Immutable.
 *
 * @param route the name of the route that took the request
 * @param branch the branch
 * @param decider who tells the outcome (T20)
 * @param votesTo the caller's control service; null for a root
 * @param deadlineNanos the transaction's, on this loop's clock
 * @param remainingMs until it, at the request's arrival
 * @param tryTimeoutNanos how long the service may take
 * @param awaitedUntilNanos how long an answer can be of use to whoever calls, on this loop's clock;
 *     not beyond the Try's timeout
 * @param traceId the trace that the service is in
 * @param towardsService headers that the service gets
 * @param holding how much of its answer is held
 */
public record Opening(
    String route,
    Branch branch,
    Decider decider,
    @Nullable Authority votesTo,
    long deadlineNanos,
    long remainingMs,
    long tryTimeoutNanos,
    long awaitedUntilNanos,
    Resource resource,
    Resource.Begin begin,
    TryFacts facts,
    String traceId,
    List<Field> towardsService,
    AnswerHolding holding) {

  public Opening {
    towardsService = List.copyOf(towardsService);
  }

  /** What the requests that complete a branch take, as far as they are known. */
  public static long bytes(Resource.Begin begin) {
    return begin instanceof Resource.Began began
        ? bytes(began.confirm()) + bytes(began.cancel()) + bytes(began.prepare())
        : 0;
  }

  private static long bytes(@Nullable Completion completion) {
    return completion == null ? 0 : completion.getSerializedSize();
  }

  public BranchKey key() {
    return new BranchKey(branch.tx(), branch.id());
  }
}
