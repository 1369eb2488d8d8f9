package io.handfast.tx.core;

/**
 * What an outcome is kept under (rule T10): one branch-id that reached two pods is two entries.
 *
 * @param branch the branch
 * @param participant where the control service of the sidecar that ran it answers
 */
public record ParticipantKey(BranchId branch, Authority participant) {
  @Override
  public String toString() {
    return branch + "@" + participant;
  }
}
