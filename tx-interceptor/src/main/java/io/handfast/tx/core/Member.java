package io.handfast.tx.core;

import java.util.List;

/**
 * A branch that updates in a transaction which commits by THREE_PHASE, as the others know it: they
 * ask each other when the coordinator is not heard any more. Immutable. Ordered by branch, then by
 * participant: of those that can be reached the lowest decides.
 *
 * @param branch the branch
 * @param participant where the control service of its sidecar answers
 * @param store its sidecar's store: another one at the same address says nothing
 */
public record Member(BranchId branch, Authority participant, StoreId store)
    implements Comparable<Member> {

  /** Those who have to prepare; who cannot be reached is none. */
  public static List<Member> of(List<BranchVote> branches) {
    return branches.stream()
        .filter(vote -> vote.participant() != null && vote.store() != null)
        .map(vote -> new Member(vote.branch(), vote.participant(), vote.store()))
        .toList();
  }

  public ParticipantKey key() {
    return new ParticipantKey(branch, participant);
  }

  @Override
  public int compareTo(Member other) {
    int byBranch = Long.compareUnsigned(branch.bits(), other.branch.bits());
    return byBranch != 0
        ? byBranch
        : participant.toString().compareTo(other.participant.toString());
  }

  @Override
  public String toString() {
    return branch + "@" + participant;
  }
}
