package io.handfast.tx.explorer.block;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.Vote;
import io.handfast.tx.explorer.Layout;
import java.util.List;

/**
 * Who takes part: the boundary's service at sidecar 0 calls the bank at sidecar 1, and either has
 * blocks in the one database. Sidecar 2 is another of the bank's. Immutable.
 *
 * @param owners of the blocks, by service; they are branches 2 and on
 */
record BlockLayout(List<Integer> owners) {
  static final int ROOT = 0;
  static final int BANK = 1;
  static final int REPLICA = 2;
  static final int HOSTS = 3;
  private static final int FIRST = 2;

  int branches() {
    return FIRST + owners.size();
  }

  static boolean isBlock(int branch) {
    return branch >= FIRST;
  }

  /** At which sidecar it was opened. */
  int home(int branch) {
    return isBlock(branch) ? owners.get(branch - FIRST) : branch;
  }

  /** Whether its machine may be at that sidecar. */
  boolean mayBeAt(int branch, int host) {
    return host == home(branch) || (isBlock(branch) && host == REPLICA && home(branch) == BANK);
  }

  /** The branch, as the sidecar there has it. */
  Branch branch(int branch, int host) {
    int home = home(branch);
    return new Branch(
        Layout.TX,
        new BranchId(branch + 1),
        new Authority("svc-" + host, 15014),
        new StoreId("j.store-" + home),
        "svc-" + home,
        isBlock(branch) ? "database" : "callback",
        isBlock(branch) ? Durability.IN_RESOURCE : Durability.READ_ONLY,
        branch == ROOT);
  }

  /** As it is in a decision. */
  BranchVote yes(int branch) {
    Branch at = branch(branch, home(branch));
    return new BranchVote(
        at.id(),
        Vote.PREPARED,
        at.participant(),
        at.store(),
        at.service(),
        at.mode(),
        handle(branch, 0),
        "");
  }

  /** By one of the names of the database. */
  String handle(int branch, int name) {
    return (name == 0 ? "bank/1." : "audit/1.") + (700 + branch);
  }

  @Override
  public String toString() {
    int own = (int) owners.stream().filter(it -> it == ROOT).count();
    return "blocks: "
        + own
        + " of the boundary's service, "
        + (owners.size() - own)
        + " of another";
  }
}
