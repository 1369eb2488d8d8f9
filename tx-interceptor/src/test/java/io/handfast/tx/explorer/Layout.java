package io.handfast.tx.explorer;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.Vote;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who takes part: the service behind the boundary, which has a branch of its own, and those that it
 * calls, all at once.
 *
 * @param branches by their number, the boundary's first
 * @param optional calls that may fail without dooming the caller, as bits by number
 * @param completionWait the response waits for the branches
 */
public record Layout(List<Branch> branches, int optional, boolean completionWait) {
  public static final TxId TX = TxId.of(1_700_000_000_000L, 1, 2);

  public static Layout of(Durability... durabilities) {
    List<Branch> branches = new ArrayList<>();
    for (int i = 0; i < durabilities.length; i++) {
      branches.add(branch(i, durabilities[i], i == 0));
    }
    return new Layout(branches, 0, true);
  }

  public Layout withOptional(int node) {
    return new Layout(branches, optional | 1 << node, completionWait);
  }

  /** A branch whose service has to be asked to prepare. */
  public Layout asking(int... nodes) {
    List<Branch> changed = new ArrayList<>(branches);
    for (int node : nodes) {
      changed.set(node, with(branch(node), true, branch(node).protocol()));
    }
    return new Layout(changed, optional, completionWait);
  }

  /** The only branch that updates decides; BEGUN is no branch record then. */
  public Layout onePhase() {
    List<Branch> changed = new ArrayList<>();
    for (Branch branch : branches) {
      changed.add(with(branch, branch.prepares(), Protocol.ONE_PHASE));
    }
    return new Layout(changed, optional, completionWait);
  }

  /** Each learns who the others are, and they can end the transaction without a coordinator. */
  public Layout threePhase() {
    List<Branch> changed = new ArrayList<>();
    for (Branch branch : branches) {
      changed.add(with(branch, branch.prepares(), Protocol.THREE_PHASE));
    }
    return new Layout(changed, optional, completionWait);
  }

  public boolean isThreePhase() {
    return branch(0).protocol() == Protocol.THREE_PHASE;
  }

  /** All keep their records in one store. */
  public Layout onEtcd() {
    List<Branch> changed = new ArrayList<>();
    for (Branch branch : branches) {
      changed.add(
          new Branch(
              branch.tx(),
              branch.id(),
              branch.participant(),
              new StoreId("e.shared"),
              branch.service(),
              branch.mode(),
              branch.durability(),
              branch.root()));
    }
    return new Layout(changed, optional, completionWait);
  }

  private static Branch with(Branch branch, boolean prepares, Protocol protocol) {
    return new Branch(
        branch.tx(),
        branch.id(),
        branch.participant(),
        branch.store(),
        branch.service(),
        branch.mode(),
        branch.durability(),
        branch.root(),
        prepares,
        protocol);
  }

  public Layout withoutCompletionWait() {
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

  public int size() {
    return branches.size();
  }

  public Branch branch(int node) {
    return branches.get(node);
  }

  /** After a restart its caller waits no more, so that a root is a branch as any other. */
  public Branch recovered(int node) {
    Branch was = branches.get(node);
    if (isThreePhase()) {
      return recoveredMember(was);
    }
    return new Branch(
        was.tx(),
        was.id(),
        was.participant(),
        was.store(),
        was.service(),
        was.mode(),
        was.durability(),
        false); // and votes no more
  }

  private Branch recoveredMember(Branch was) {
    return new Branch(
            was.tx(),
            was.id(),
            was.participant(),
            was.store(),
            was.service(),
            was.mode(),
            was.durability(),
            false,
            false,
            Protocol.THREE_PHASE)
        .with(members());
  }

  private List<Member> members() {
    return Member.of(
        branches.stream().filter(Branch::isUpdating).map(it -> it.vote(Vote.ASK, "")).toList());
  }

  public boolean isUpdating(int node) {
    return branches.get(node).isUpdating();
  }

  public boolean isOptional(int node) {
    return (optional & 1 << node) != 0;
  }

  public static int nodeOf(BranchId branch) {
    return (int) branch.bits() - 1;
  }

  /** The bit of a branch among others; none where it is about nobody. */
  public static int bit(@Nullable ParticipantKey participant) {
    return participant == null ? 0 : 1 << nodeOf(participant.branch());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < size(); i++) {
      text.append(i == 0 ? "" : " + ").append(branches.get(i).durability());
      text.append(branches.get(i).prepares() ? " (asked)" : "");
      text.append(isOptional(i) ? " (optional)" : "");
    }
    return text.toString();
  }
}
