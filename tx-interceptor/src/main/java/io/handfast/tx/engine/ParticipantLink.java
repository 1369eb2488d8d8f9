package io.handfast.tx.engine;

import io.handfast.tx.context.BlockHandle;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Decider;
import io.handfast.tx.engine.answer.Opening;
import io.handfast.tx.engine.base.BranchRecords;
import io.handfast.tx.resource.Resource;
import io.handfast.tx.resource.TryFacts;
import org.jspecify.annotations.Nullable;

/**
 * What ties a branch to the world outside of its machine. Immutable but for the records.
 *
 * @param votesTo the caller's control service; null for a root and after a restart
 * @param deadlineNanos the transaction's, on the loop's clock; not used after a restart
 * @param tryTimeoutNanos how long the Try may take, counted from the start of its timer
 * @param resource null after a restart: the records have all that is needed
 * @param traceId null after a restart
 * @param block what is prepared in a database, which keeps all else; null of any other branch
 */
record ParticipantLink(
    Decider decider,
    @Nullable Authority votesTo,
    long deadlineNanos,
    long tryTimeoutNanos,
    BranchRecords records,
    @Nullable Resource resource,
    @Nullable TryFacts facts,
    @Nullable String traceId,
    @Nullable BlockHandle block) {

  static ParticipantLink of(Opening opening) {
    Resource.Began began = opening.begin() instanceof Resource.Began it ? it : null;
    BranchRecords records =
        BranchRecords.opened(
            opening.branch(),
            opening.decider(),
            opening.remainingMs(),
            opening.resource().equivalentReplicas(),
            undoWaitsMs(opening),
            began == null ? null : began.confirm(),
            began == null ? null : began.cancel(),
            began == null ? null : began.prepare());
    return new ParticipantLink(
        opening.decider(),
        opening.votesTo(),
        opening.deadlineNanos(),
        opening.tryTimeoutNanos(),
        records,
        opening.resource(),
        opening.facts(),
        opening.traceId(),
        null);
  }

  /** Of what is prepared in a database. */
  static ParticipantLink ofBlock(
      Decider decider, long deadlineNanos, BranchRecords records, BlockHandle block) {
    return new ParticipantLink(decider, null, deadlineNanos, 0, records, null, null, null, block);
  }

  /** By what its decision lists it beside its address; empty where that is enough. */
  String handle() {
    return block == null ? "" : block.toString();
  }

  /** After a crash either may be under way: an undo must not overtake it (T17). */
  private static long undoWaitsMs(Opening opening) {
    return Math.max(opening.tryTimeoutNanos() / 1_000_000, opening.resource().prepareTimeoutMs());
  }
}
