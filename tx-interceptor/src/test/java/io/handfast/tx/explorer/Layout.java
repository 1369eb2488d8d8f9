package io.handfast.tx.explorer;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import java.util.ArrayList;
import java.util.List;

/**
 * Who takes part: the service behind the boundary, which has a branch of its own, and those that it
 * calls, all at once.
 *
 * @param branches by their number, the boundary's first
 * @param optional calls that may fail without dooming the caller, as bits by number
 * @param completionWait the response waits for the branches
 */
public record Layout(List<Branch> branches, int optional, boolean completionWait) {
  static final TxId TX = TxId.of(1_700_000_000_000L, 1, 2);

  static Layout of(Durability... durabilities) {
    List<Branch> branches = new ArrayList<>();
    for (int i = 0; i < durabilities.length; i++) {
      branches.add(branch(i, durabilities[i], i == 0));
    }
    return new Layout(branches, 0, true);
  }

  Layout withOptional(int node) {
    return new Layout(branches, optional | 1 << node, completionWait);
  }

  Layout withoutCompletionWait() {
    return new Layout(branches, optional, false);
  }

  private static Branch branch(int i, Durability durability, boolean root) {
    return new Branch(
        TX,
        new BranchId(i + 1),
        new Authority("svc-" + i, 15014),
        new StoreId("j.store-" + i),
        "svc-" + i,
        "callback",
        durability,
        root);
  }

  int size() {
    return branches.size();
  }

  Branch branch(int node) {
    return branches.get(node);
  }

  /** After a restart its caller waits no more, so that a root is a branch as any other. */
  Branch recovered(int node) {
    return branch(node, branches.get(node).durability(), false);
  }

  boolean isUpdating(int node) {
    return branches.get(node).isUpdating();
  }

  boolean isOptional(int node) {
    return (optional & 1 << node) != 0;
  }

  static int nodeOf(BranchId branch) {
    return (int) branch.bits() - 1;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < size(); i++) {
      text.append(i == 0 ? "" : " + ").append(branches.get(i).durability());
      text.append(isOptional(i) ? " (optional)" : "");
    }
    return text.toString();
  }
}
