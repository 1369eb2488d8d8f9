package io.handfast.tx.core;

import java.util.List;

/**
 * What is known of a branch from the moment it is opened, at the sidecar that runs it. Immutable.
 *
 * @param tx the transaction
 * @param id the branch, as the caller's sidecar named it
 * @param participant where this sidecar's control service answers
 * @param store this sidecar's store
 * @param service this sidecar's service
 * @param mode how the branch takes part, as it is written in votes and records
 * @param durability what is kept of it, and when
 * @param root true for the branch of the service behind the boundary: its caller is the
 *     coordinator, in the same sidecar
 * @param prepares its service has to be asked to prepare, so that the branch votes {@code ask}
 * @param protocol by which its transaction commits
 * @param members under THREE_PHASE all branches that update, this one among them, from the moment
 *     at which it is asked to prepare; else empty
 */
public record Branch(
    TxId tx,
    BranchId id,
    Authority participant,
    StoreId store,
    String service,
    String mode,
    Durability durability,
    boolean root,
    boolean prepares,
    Protocol protocol,
    List<Member> members) {

  public Branch {
    members = List.copyOf(members);
  }

  /** A branch that knows of no others. */
  public Branch(
      TxId tx,
      BranchId id,
      Authority participant,
      StoreId store,
      String service,
      String mode,
      Durability durability,
      boolean root,
      boolean prepares,
      Protocol protocol) {
    this(
        tx, id, participant, store, service, mode, durability, root, prepares, protocol, List.of());
  }

  /** A branch of two-phase commit that votes without being asked. */
  public Branch(
      TxId tx,
      BranchId id,
      Authority participant,
      StoreId store,
      String service,
      String mode,
      Durability durability,
      boolean root) {
    this(tx, id, participant, store, service, mode, durability, root, false, Protocol.TWO_PHASE);
  }

  /** What a branch keeps, and when that is durable. */
  public enum Durability {
    /** Nothing is kept: the branch has no effect of its own. */
    READ_ONLY(false, false, false),
    /**
     * BEGUN is forced before the service sees the request; a branch record follows, for the
     * templates need the answer.
     */
    FORCED(true, true, false),
    /** BEGUN is forced before the service sees the request, and is the branch record. */
    FORCED_COMPLETE(true, true, true),
    /**
     * BEGUN is written before the service sees the request, so that the death of the process cannot
     * lose it, and forced while it works; a branch record follows.
     */
    OVERLAPPED(true, false, false),
    /**
     * BEGUN is written before the service sees the request, forced while it works, and is the
     * branch record.
     */
    OVERLAPPED_COMPLETE(true, false, true),
    /**
     * Nothing is written here: what is to commit is prepared, durably, in the resource itself,
     * where a restart finds it with all that is needed to end it (a prepared transaction of a
     * database).
     */
    IN_RESOURCE(true, false, true);

    private final boolean updating;
    private final boolean forcedFirst;
    private final boolean complete;

    Durability(boolean updating, boolean forcedFirst, boolean complete) {
      this.updating = updating;
      this.forcedFirst = forcedFirst;
      this.complete = complete;
    }

    /** True if there may be something to undo. */
    public boolean isUpdating() {
      return updating;
    }

    /** True if the request waits until BEGUN is durable, not only until it is written. */
    public boolean isForcedFirst() {
      return forcedFirst;
    }

    /** True if BEGUN is the branch record, so that no second one follows. */
    public boolean isComplete() {
      return complete;
    }
  }

  public boolean isUpdating() {
    return durability.isUpdating();
  }

  /** True if it votes {@code ask}: it promises nothing before the coordinator asks for it. */
  public boolean asks() {
    return isUpdating() && (prepares || protocol != Protocol.TWO_PHASE);
  }

  /** True if a branch record has to be written before it may promise anything. */
  public boolean needsRecord() {
    return isUpdating() && !durability.isComplete();
  }

  /** The same branch, which knows now with whom it commits. */
  public Branch with(List<Member> others) {
    return new Branch(
        tx, id, participant, store, service, mode, durability, root, prepares, protocol, others);
  }

  public ParticipantKey key() {
    return new ParticipantKey(id, participant);
  }

  /** This branch's own entry in a list of votes. */
  public BranchVote vote(Vote vote, String reason) {
    return new BranchVote(id, vote, participant, store, service, mode, "", reason);
  }
}
