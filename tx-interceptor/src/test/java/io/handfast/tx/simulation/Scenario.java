package io.handfast.tx.simulation;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.Vote;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Who calls whom: a tree of services, the first of them behind the boundary.
 *
 * @param nodes by their number
 * @param completionWait of the boundary
 * @param shared all keep their records in one etcd, and each sidecar has a replica
 */
record Scenario(List<Node> nodes, boolean completionWait, boolean shared) {
  /** What a database is called by who has prepared something in it. */
  static final String BANK = "bank";

  static final TxId TX = TxId.of(1_700_000_000_000L, 1, 2);

  private static final List<Durability> DURABILITIES =
      List.of(
          Durability.READ_ONLY,
          Durability.FORCED,
          Durability.FORCED_COMPLETE,
          Durability.OVERLAPPED,
          Durability.OVERLAPPED_COMPLETE);

  private static final List<Durability> FORCED_FIRST =
      List.of(Durability.READ_ONLY, Durability.FORCED, Durability.FORCED_COMPLETE);

  /**
   * One service.
   *
   * @param host whose sidecar runs it; a host that has two branches is called twice
   * @param parent who calls it; -1 for the first
   * @param optional its failure does not doom its caller
   * @param swallows it answers with success although a call of its failed
   * @param equivalent another of its replicas may end the branch, where the store is shared
   */
  record Node(
      Branch branch,
      int host,
      int parent,
      boolean optional,
      boolean swallows,
      boolean equivalent) {}

  /**
   * Two to five branches, nested and beside each other; some at one sidecar, as where two services
   * call a third.
   *
   * <p>In every fourth the only branch that updates decides (ONE_PHASE), if there is but one.
   *
   * @param overlapped BEGUN may be forced while the service works: not safe against the death of a
   *     machine, as the protocol says
   */
  static Scenario draw(Random random, boolean overlapped) {
    Protocol protocol = random.nextInt(4) == 0 ? Protocol.ONE_PHASE : Protocol.TWO_PHASE;
    return draw(random, 2 + random.nextInt(4), overlapped, protocol, false);
  }

  /** Two or three branches whose sidecars share an etcd. */
  static Scenario shared(Random random) {
    return draw(random, 2 + random.nextInt(2), true, Protocol.TWO_PHASE, true);
  }

  /**
   * As the others; and one service at least has a database in its stead: its branch has no effect
   * of its own, but a block of SQL, or two or three.
   */
  static Scenario withBlocks(Random random, boolean overlapped, boolean shared) {
    Protocol protocol = !shared && random.nextInt(4) == 0 ? Protocol.ONE_PHASE : Protocol.TWO_PHASE;
    int size = shared ? 2 : 1 + random.nextInt(3);
    Scenario plain = draw(random, size, overlapped, protocol, shared);
    List<Node> nodes = new ArrayList<>(plain.nodes());
    int first = random.nextInt(size);
    for (int i = 0; i < size; i++) {
      if (i == first || random.nextInt(3) == 0) {
        withDatabase(nodes, i, 1 + random.nextInt(3), shared);
      }
    }
    return new Scenario(nodes, plain.completionWait(), shared);
  }

  /** The first service has two blocks and calls another, which has one. */
  static Scenario blocks() {
    List<Node> nodes = new ArrayList<>(flat(Durability.READ_ONLY, Durability.READ_ONLY).nodes());
    withDatabase(nodes, 0, 2, false);
    withDatabase(nodes, 1, 1, false);
    return new Scenario(nodes, true, false);
  }

  private static void withDatabase(List<Node> nodes, int service, int blocks, boolean shared) {
    Node node = nodes.get(service);
    int host = node.host();
    Protocol protocol = node.branch().protocol();
    nodes.set(
        service,
        new Node(
            branch(service, host, Durability.READ_ONLY, false, protocol, shared),
            host,
            node.parent(),
            node.optional(),
            node.swallows(),
            node.equivalent()));
    for (int i = 0; i < blocks; i++) {
      Branch block =
          branch(nodes.size(), host, Durability.IN_RESOURCE, false, Protocol.TWO_PHASE, shared);
      nodes.add(new Node(block, host, service, false, false, true));
    }
  }

  private static Scenario draw(
      Random random, int size, boolean overlapped, Protocol protocol, boolean shared) {
    List<Durability> durabilities = overlapped ? DURABILITIES : FORCED_FIRST;
    List<Node> nodes = new ArrayList<>();
    int hosts = 0;
    for (int i = 0; i < size; i++) {
      Durability durability =
          under(protocol, durabilities.get(random.nextInt(durabilities.size())), random);
      boolean optional = i > 0 && random.nextInt(5) == 0;
      int host = i > 1 && random.nextInt(5) == 0 ? random.nextInt(hosts) : hosts++;
      nodes.add(
          new Node(
              branch(i, host, durability, random.nextInt(4) == 0, protocol, shared),
              host,
              i == 0 ? -1 : random.nextInt(i),
              optional,
              random.nextBoolean(),
              shared && random.nextInt(4) > 0));
    }
    return new Scenario(nodes, random.nextBoolean(), shared);
  }

  /** The first service calls each of the others. */
  static Scenario flat(Durability... durabilities) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < durabilities.length; i++) {
      nodes.add(
          new Node(
              branch(i, i, durabilities[i], false, Protocol.TWO_PHASE, false),
              i,
              i == 0 ? -1 : 0,
              false,
              false,
              false));
    }
    return new Scenario(nodes, true, false);
  }

  /** BEGUN is never the branch record of a branch that may decide; mostly one branch updates. */
  private static Durability under(Protocol protocol, Durability drawn, Random random) {
    if (protocol == Protocol.TWO_PHASE) {
      return drawn;
    }
    if (random.nextBoolean()) {
      return Durability.READ_ONLY;
    }
    return switch (drawn) {
      case READ_ONLY, IN_RESOURCE -> Durability.READ_ONLY;
      case FORCED, FORCED_COMPLETE -> Durability.FORCED;
      case OVERLAPPED, OVERLAPPED_COMPLETE -> Durability.OVERLAPPED;
    };
  }

  private static Branch branch(
      int i, int host, Durability durability, boolean prepares, Protocol protocol, boolean shared) {
    StoreId store = new StoreId(shared ? "e.shared" : "j.store-" + host);
    return new Branch(
        TX,
        new BranchId(i + 1),
        new Authority("svc-" + host, 15014),
        store,
        "svc-" + host,
        durability == Durability.IN_RESOURCE ? "database" : "callback",
        durability,
        i == 0,
        prepares,
        protocol);
  }

  /** After a restart its caller waits no more: a root is a branch as any other. */
  static Branch recovered(Branch branch) {
    return new Branch(
        branch.tx(),
        branch.id(),
        branch.participant(),
        branch.store(),
        branch.service(),
        branch.mode(),
        branch.durability(),
        false);
  }

  /** Whether it is a block of SQL of its parent's. */
  boolean isBlock(int node) {
    return nodes.get(node).branch().durability() == Durability.IN_RESOURCE;
  }

  boolean hasBlocks() {
    return nodes.stream().anyMatch(it -> it.branch().durability() == Durability.IN_RESOURCE);
  }

  /** Whether each sidecar has another of its service beside it. */
  boolean hasReplicas() {
    return shared || hasBlocks();
  }

  /** By which a block can be ended, as its database is called there. */
  static String handle(String database, int node) {
    return database + "/1." + (700 + node);
  }

  /** As it stands in a decision. */
  BranchVote yes(int node) {
    Branch branch = nodes.get(node).branch();
    return new BranchVote(
        branch.id(),
        Vote.PREPARED,
        branch.participant(),
        branch.store(),
        branch.service(),
        branch.mode(),
        isBlock(node) ? handle(BANK, node) : "",
        "");
  }

  int hostOf(int node) {
    return nodes.get(node).host();
  }

  /** Whose sidecar a host is: replicas come behind all others. */
  int serviceOf(int host) {
    return host % hosts();
  }

  int hosts() {
    return 1 + nodes.stream().mapToInt(Node::host).max().orElse(0);
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
