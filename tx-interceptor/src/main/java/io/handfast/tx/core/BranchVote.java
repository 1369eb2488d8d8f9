package io.handfast.tx.core;

import org.jspecify.annotations.Nullable;

/**
 * One branch and what is said of it: an entry of a list of votes, and the address of an outcome.
 *
 * @param branch the branch
 * @param vote what is said of it
 * @param participant where the outcome has to be told; null only where a struck branch never
 *     answered
 * @param store the participant's store; null where {@code participant} is
 * @param service the participant's service; empty where {@code participant} is null
 * @param mode how it takes part, as its sidecar names it; empty where {@code participant} is null
 * @param handle what its resource needs beyond its own records; mostly empty
 * @param reason of an abort, for people; mostly empty
 */
public record BranchVote(
    BranchId branch,
    Vote vote,
    @Nullable Authority participant,
    @Nullable StoreId store,
    String service,
    String mode,
    String handle,
    String reason) {

  public BranchVote {
    if (vote != Vote.STRUCK && (participant == null || store == null)) {
      throw new IllegalArgumentException(
          "vote of branch "
              + branch
              + ": "
              + vote.token()
              + " (expected: a participant and its store with every vote but struck)");
    }
  }

  /** A call was struck off before anything was known of who answered it. */
  public static BranchVote struckUnknown(BranchId branch, String reason) {
    return new BranchVote(branch, Vote.STRUCK, null, null, "", "", "", reason);
  }

  /** The same branch, which has prepared since it was asked. */
  public BranchVote prepared() {
    return new BranchVote(branch, Vote.PREPARED, participant, store, service, mode, handle, reason);
  }

  /** The same branch, struck off. */
  public BranchVote struck(String why) {
    return new BranchVote(branch, Vote.STRUCK, participant, store, service, mode, handle, why);
  }

  /** What the outcome is kept under, or null if nobody is known who could be told. */
  public @Nullable ParticipantKey key() {
    return participant == null ? null : new ParticipantKey(branch, participant);
  }
}
