package io.handfast.tx.engine.base;

import io.handfast.transaction.v1.BranchPrepared;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The records that still matter: what a checkpoint has to keep, and what a restart goes on from.
 * Confined to the engine's loop.
 */
public final class LiveRecords {
  /** BEGUN or the branch record of each branch that has not ended. */
  private final Map<BranchKey, Record> branches = new LinkedHashMap<>();

  /** Decisions of which something is owed. */
  private final Map<TxId, Record> decisions = new LinkedHashMap<>();

  /** Follows a record that the store holds, or has taken. */
  public void follow(Record record) {
    switch (record.getKindCase()) {
      case BEGUN -> branches.put(key(record.getBegun().getBranch()), record);
      case PREPARED -> branches.put(key(record.getPrepared().getBranch()), record);
      case DECIDED -> branches.put(key(record.getDecided().getBranch()), record);
      case DECISION -> follow(record, record.getDecision());
      case BRANCH_ENDED ->
          branches.remove(
              new BranchKey(
                  Messages.txId(record.getBranchEnded().getTxId()),
                  new BranchId(record.getBranchEnded().getBranchId())));
      case ABORTED -> {} // of a store that is shared: nothing is replayed there
      case ENDED -> decisions.remove(Messages.txId(record.getEnded().getTxId()));
      case KIND_NOT_SET ->
          throw new IllegalArgumentException(
              "record: of an unknown kind (expected: one that this version writes; a newer one"
                  + " wrote the store, start that)");
    }
  }

  /**
   * The own branch of a decision lives its own life: it may end before or after the transaction.
   */
  private void follow(Record record, Decision decision) {
    if (!decision.hasOwn()) {
      decisions.put(Messages.txId(decision.getTxId()), record);
      return;
    }
    BranchPrepared own = decision.getOwn();
    branches.put(
        key(own.getBranch()),
        Record.newBuilder().setPrepared(own).setTimeMs(record.getTimeMs()).build());
    decisions.put(
        Messages.txId(decision.getTxId()),
        record.toBuilder().setDecision(decision.toBuilder().clearOwn()).build());
  }

  public List<Record> all() {
    List<Record> all = new ArrayList<>(branches.size() + decisions.size());
    all.addAll(branches.values());
    all.addAll(decisions.values());
    return all;
  }

  public List<Record> branches() {
    return List.copyOf(branches.values());
  }

  public List<Record> decisions() {
    return List.copyOf(decisions.values());
  }

  public static BranchKey key(BranchRef ref) {
    return new BranchKey(Messages.txId(ref.getTxId()), new BranchId(ref.getBranchId()));
  }
}
