package io.handfast.tx.core;

import io.handfast.tx.core.Branch.Durability;
import java.util.List;
import java.util.stream.LongStream;

/** Values that tests have in common. */
public final class Samples {
  public static final TxId TX = TxId.of(1_700_000_000_000L, 0x123, 0x4567);
  public static final StoreId STORE = new StoreId("j.store-a");

  private Samples() {}

  public static BranchId branch(long n) {
    return new BranchId(n);
  }

  /** A branch of the service {@code svc-N}, at a sidecar of its own. */
  public static Branch branch(long n, Durability durability, boolean root) {
    return new Branch(TX, branch(n), at(n), STORE, "svc-" + n, "callback", durability, root);
  }

  /** As {@link #branch(long, Durability, boolean)}, and its service has to be asked to prepare. */
  public static Branch preparing(long n, Durability durability, boolean root) {
    return new Branch(
        TX,
        branch(n),
        at(n),
        STORE,
        "svc-" + n,
        "callback",
        durability,
        root,
        true,
        Protocol.TWO_PHASE);
  }

  /** Of a transaction whose only updating branch decides. */
  public static Branch onePhase(long n, boolean prepares, boolean root) {
    return new Branch(
        TX,
        branch(n),
        at(n),
        STORE,
        "svc-" + n,
        "callback",
        Durability.FORCED,
        root,
        prepares,
        Protocol.ONE_PHASE);
  }

  /** Of a transaction that its branches can end by themselves: this one, and those. */
  public static Branch threePhase(long n, boolean root, long... members) {
    return new Branch(
            TX,
            branch(n),
            at(n),
            STORE,
            "svc-" + n,
            "callback",
            Durability.FORCED,
            root,
            false,
            Protocol.THREE_PHASE)
        .with(members(members));
  }

  public static List<Member> members(long... ids) {
    return LongStream.of(ids).mapToObj(n -> new Member(branch(n), at(n), STORE)).toList();
  }

  public static Authority at(long n) {
    return new Authority("svc-" + n, 15014);
  }

  public static BranchVote vote(long n, Vote vote) {
    return vote(n, vote, "");
  }

  public static BranchVote vote(long n, Vote vote, String reason) {
    return branch(n, Durability.FORCED, false).vote(vote, reason);
  }

  /** Who commits, without a handle. */
  public static Decided decided(long n) {
    return new Decided(key(n), "");
  }

  public static ParticipantKey key(long n) {
    return new ParticipantKey(branch(n), at(n));
  }
}
