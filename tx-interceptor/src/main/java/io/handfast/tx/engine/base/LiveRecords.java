package io.handfast.tx.engine.base;

import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.BranchPrepared;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.BranchSettled;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Forgotten;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The records that still matter: what a checkpoint has to keep, and what a restart goes on from.
 * Confined to the engine's loop.
 */
public final class LiveRecords {
  /** BEGUN or the branch record of each branch that has not ended. */
  private final Map<BranchKey, Record> branches = new LinkedHashMap<>();

  /** Decisions of which something is owed. */
  private final Map<TxId, Record> decisions = new LinkedHashMap<>();

  /** Ends that stay until the truth agrees, or somebody forgets them. */
  private final Map<BranchKey, Record> kept = new LinkedHashMap<>();

  /** The truth about those, where it does not agree. */
  private final Map<BranchKey, Record> truths = new LinkedHashMap<>();

  /** What operators have given up; beyond {@link Bounds#MAX_FORGOTTEN} the oldest go. */
  private final Map<BranchKey, Record> forgottenBranches = new LinkedHashMap<>();

  private final Map<TxId, Record> forgottenDecisions = new LinkedHashMap<>();

  /** Follows a record that the store holds, or has taken. */
  public void follow(Record record) {
    switch (record.getKindCase()) {
      case BEGUN -> branches.put(key(record.getBegun().getBranch()), record);
      case PREPARED -> branches.put(key(record.getPrepared().getBranch()), record);
      case DECIDED -> branches.put(key(record.getDecided().getBranch()), record);
      case PRE_COMMITTED ->
          branches.put(key(record.getPreCommitted().getPrepared().getBranch()), record);
      case WITHDRAWN -> branches.put(key(record.getWithdrawn().getPrepared().getBranch()), record);
      case PRE_COMMIT -> decisions.put(Messages.txId(record.getPreCommit().getTxId()), record);
      case DECISION -> follow(record, record.getDecision());
      case RESOLVED -> branches.put(key(record.getResolved().getBranch()), record);
      case BRANCH_ENDED -> ended(record, record.getBranchEnded());
      case SETTLED -> settled(record, record.getSettled());
      case FORGOTTEN -> forgotten(record, record.getForgotten());
      case ABORTED -> {} // of a store that is shared: nothing is replayed there
      case ENDED -> decisions.remove(Messages.txId(record.getEnded().getTxId()));
      case KIND_NOT_SET ->
          throw new IllegalArgumentException(
              "record: of an unknown kind (expected: one that this version writes; a newer one"
                  + " wrote the store, start that)");
    }
  }

  private void ended(Record record, BranchEnded ended) {
    BranchKey key = key(ended);
    branches.remove(key);
    if (stays(ended) && !forgottenBranches.containsKey(key)) {
      kept.put(key, record);
    }
  }

  /** Whether an end stays after it, for people. */
  public static boolean stays(BranchEnded ended) {
    return ended.hasResolution() || ended.getOutcome() == BranchOutcome.HEURISTIC_HAZARD;
  }

  private void settled(Record record, BranchSettled settled) {
    BranchKey key = Messages.key(settled.getTxId(), settled.getBranchId());
    Record end = kept.get(key);
    if (end == null) {
      return; // somebody has forgotten it
    }
    if (end.getBranchEnded().getOutcome() == settled.getTruth()) {
      kept.remove(key);
    } else {
      truths.put(key, record);
    }
  }

  private void forgotten(Record record, Forgotten what) {
    if (what.hasDecision()) {
      // Never dropped: absence would say ABORTED. So no more are taken than Bounds.MAX_FORGOTTEN.
      TxId tx = Messages.txId(what.getDecision().getTxId());
      decisions.remove(tx);
      forgottenDecisions.put(tx, record);
      return;
    }
    BranchKey key = key(what.getBranch());
    kept.remove(key);
    truths.remove(key);
    forgottenBranches.put(key, record);
    if (forgottenBranches.size() > Bounds.MAX_FORGOTTEN) {
      forgottenBranches.remove(forgottenBranches.keySet().iterator().next());
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
    all.addAll(kept.values());
    all.addAll(truths.values());
    all.addAll(forgottenBranches.values());
    all.addAll(forgottenDecisions.values());
    return all;
  }

  public List<Record> branches() {
    return List.copyOf(branches.values());
  }

  public List<Record> decisions() {
    return List.copyOf(decisions.values());
  }

  /** Ends that stay. */
  public List<Record> kept() {
    return List.copyOf(kept.values());
  }

  /** The truth about a branch whose end stays; null where it is not known. */
  public @Nullable BranchSettled truth(BranchKey key) {
    Record truth = truths.get(key);
    return truth == null ? null : truth.getSettled();
  }

  /** What operators have given up. */
  public List<Record> forgotten() {
    List<Record> all = new ArrayList<>(forgottenBranches.values());
    all.addAll(forgottenDecisions.values());
    return all;
  }

  public static BranchKey key(BranchEnded ended) {
    return Messages.key(ended.getTxId(), ended.getBranchId());
  }

  public static BranchKey key(BranchRef ref) {
    return new BranchKey(Messages.txId(ref.getTxId()), new BranchId(ref.getBranchId()));
  }
}
