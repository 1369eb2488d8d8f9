package io.handfast.tx.core;

/** What a branch is told. */
public enum Outcome {
  COMMIT,
  ABORT
}
