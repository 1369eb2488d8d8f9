package io.handfast.tx.core;

import org.jspecify.annotations.Nullable;

/** Atomic commit protocols, as a boundary chooses them. */
public enum Protocol {
  /** Two-phase commit with presumed abort. */
  TWO_PHASE("two-phase"),
  /**
   * The only updating branch decides itself; with a second one it is two-phase commit. Every
   * updating branch votes {@code ask}.
   */
  ONE_PHASE("one-phase"),
  /**
   * Can-commit, pre-commit, do-commit: who cannot hear the coordinator ends the transaction with
   * the others. Every updating branch votes {@code ask}, and learns who they are when it is asked.
   * Unsafe where a network parts.
   */
  THREE_PHASE("three-phase");

  private final String token;

  Protocol(String token) {
    this.token = token;
  }

  /** How it is written in {@code tx-context}. */
  public String token() {
    return token;
  }

  /** The protocol that is written so, or null. */
  public static @Nullable Protocol ofToken(String token) {
    return switch (token) {
      case "two-phase" -> TWO_PHASE;
      case "one-phase" -> ONE_PHASE;
      case "three-phase" -> THREE_PHASE;
      case String _ -> null;
    };
  }
}
