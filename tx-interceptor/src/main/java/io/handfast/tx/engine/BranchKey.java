package io.handfast.tx.engine;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;

/** A branch of a transaction. */
record BranchKey(TxId tx, BranchId branch) {
  @Override
  public String toString() {
    return tx + "-" + branch;
  }
}
