package io.handfast.tx.core;

import org.jspecify.annotations.Nullable;

/** What is said of a branch on the way to its coordinator. */
public enum Vote {
  /** Yes: the branch can commit and can abort, whatever happens to its sidecar. */
  PREPARED("prepared"),
  /** Yes, and nothing remains to be done: the branch is out of the second phase. */
  READ_ONLY("read-only"),
  /** No. */
  ABORT("abort"),
  /** Prepares when it is asked to. */
  ASK("ask"),
  /**
   * Said by the caller's sidecar, not by the branch: its call was reported as failed, so it is to
   * abort, and that is not a no (rule T12).
   */
  STRUCK("struck");

  private final String token;

  Vote(String token) {
    this.token = token;
  }

  /** How it is written in {@code tx-vote}. */
  public String token() {
    return token;
  }

  /** The vote that is written so, or null. */
  public static @Nullable Vote ofToken(String token) {
    return switch (token) {
      case "prepared" -> PREPARED;
      case "read-only" -> READ_ONLY;
      case "abort" -> ABORT;
      case "ask" -> ASK;
      case "struck" -> STRUCK;
      case String _ -> null;
    };
  }
}
