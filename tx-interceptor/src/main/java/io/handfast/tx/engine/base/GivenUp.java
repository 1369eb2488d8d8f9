package io.handfast.tx.engine.base;

import io.handfast.transaction.v1.BranchEnded;
import io.handfast.tx.core.TxId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What operators have given up: shown no more, and still answered for, so that nobody is answered
 * from its absence (T13, T21). Of branches the oldest go beyond {@link Bounds#MAX_FORGOTTEN};
 * decisions stay, and no more are taken. Confined to the engine's loop.
 */
public final class GivenUp {
  private final Map<BranchKey, BranchEnded> branches = new LinkedHashMap<>();
  private final Map<TxId, StoreIdentity.Held> decisions = new LinkedHashMap<>();

  /** How a branch ended that somebody has forgotten; null for any other. */
  public @Nullable BranchEnded branch(BranchKey key) {
    return branches.get(key);
  }

  /** A decision that nobody is told any more; null for any other. */
  public StoreIdentity.@Nullable Held decision(TxId tx) {
    return decisions.get(tx);
  }

  public void put(BranchEnded ended) {
    branches.put(LiveRecords.key(ended), ended);
    if (branches.size() > Bounds.MAX_FORGOTTEN) {
      branches.remove(branches.keySet().iterator().next());
    }
  }

  /** Whether no decision can be given up any more. */
  public boolean isFull() {
    return decisions.size() >= Bounds.MAX_FORGOTTEN;
  }

  public void put(TxId tx, StoreIdentity.Held held) {
    decisions.put(tx, held);
  }
}
