package io.handfast.tx.engine.base;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;

/** A branch of a transaction. */
public record BranchKey(TxId tx, BranchId branch) {
  @Override
  public String toString() {
    return tx + "-" + branch;
  }
}
