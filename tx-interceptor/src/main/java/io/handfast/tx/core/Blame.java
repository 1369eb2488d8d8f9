package io.handfast.tx.core;

/**
 * Why a transaction aborts, for its client and for operators.
 *
 * @param branch the branch that said no
 * @param service its service; empty if it never answered
 * @param reason a sentence
 */
public record Blame(BranchId branch, String service, String reason) {
  /** The branch that cast {@code vote}. */
  public static Blame of(BranchVote vote) {
    return new Blame(vote.branch(), vote.service(), vote.reason());
  }
}
