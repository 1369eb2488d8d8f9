package io.handfast.benchmarks;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.Vote;

/** A transaction of ordinary size. */
final class Samples {
  static final TxId TX = TxId.of(1_700_000_000_000L, 0x5ca, 0x1234_5678_9abc_def0L);
  static final StoreId STORE = new StoreId("j.0f1e2d3c4b5a69788796a5b4c3d2e1f0");

  private static final long BRANCHES = 0x9e37_79b9_7f4a_7c15L;

  private Samples() {}

  /** The nth branch, from 1; the first is the root. */
  static Branch branch(int nth) {
    return new Branch(
        TX,
        BranchId.of(BRANCHES * nth),
        new Authority("bank-" + nth + ".bank.svc.cluster.local", Authority.DEFAULT_PORT),
        STORE,
        "bank-" + nth,
        "callback",
        Durability.FORCED_COMPLETE,
        nth == 1);
  }

  static BranchVote prepared(int nth) {
    return branch(nth).vote(Vote.PREPARED, "");
  }
}
