package io.handfast.tx.simulation;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Who calls whom: a tree of services, the first of them behind the boundary.
 *
 * @param nodes by their number
 * @param completionWait of the boundary
 */
record Scenario(List<Node> nodes, boolean completionWait) {
  static final TxId TX = TxId.of(1_700_000_000_000L, 1, 2);

  private static final List<Durability> DURABILITIES = List.of(Durability.values());

  /**
   * One service.
   *
   * @param parent who calls it; -1 for the first
   * @param optional its failure does not doom its caller
   * @param swallows it answers with success although a call of its failed
   */
  record Node(Branch branch, int parent, boolean optional, boolean swallows) {}

  static Scenario draw(Random random) {
    int size = 2 + random.nextInt(3);
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Durability durability = DURABILITIES.get(random.nextInt(DURABILITIES.size()));
      boolean optional = i > 0 && random.nextInt(5) == 0;
      nodes.add(
          new Node(
              branch(i, durability, random.nextInt(4) == 0),
              i == 0 ? -1 : random.nextInt(i),
              optional,
              random.nextBoolean()));
    }
    return new Scenario(nodes, random.nextBoolean());
  }

  /** The first service calls each of the others. */
  static Scenario flat(Durability... durabilities) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < durabilities.length; i++) {
      nodes.add(new Node(branch(i, durabilities[i], false), i == 0 ? -1 : 0, false, false));
    }
    return new Scenario(nodes, true);
  }

  private static Branch branch(int i, Durability durability, boolean prepares) {
    StoreId store = new StoreId("j.store-" + i);
    return new Branch(
        TX,
        new BranchId(i + 1),
        new Authority("svc-" + i, 15014),
        store,
        "svc-" + i,
        "callback",
        durability,
        i == 0,
        prepares,
        Protocol.TWO_PHASE);
  }

  List<Integer> childrenOf(int node) {
    List<Integer> children = new ArrayList<>();
    for (int i = 1; i < nodes.size(); i++) {
      if (nodes.get(i).parent() == node) {
        children.add(i);
      }
    }
    return children;
  }

  /** True if an optional call stands between it and the first service. */
  boolean mayBeStruck(int node) {
    for (int i = node; i > 0; i = nodes.get(i).parent()) {
      if (nodes.get(i).optional()) {
        return true;
      }
    }
    return false;
  }

  static int nodeOf(BranchId branch) {
    return (int) branch.bits() - 1;
  }
}
