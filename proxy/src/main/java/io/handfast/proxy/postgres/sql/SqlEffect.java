package io.handfast.proxy.postgres.sql;

/** Whether a statement writes, as far as its text tells. */
public enum SqlEffect {
  /** It writes nothing that a transaction would have to keep. */
  READS,
  /** It may: a function that it calls does, or what it executes is not here. */
  MAY_WRITE,
  /** It does, unless it finds no row or fails. */
  WRITES
}
