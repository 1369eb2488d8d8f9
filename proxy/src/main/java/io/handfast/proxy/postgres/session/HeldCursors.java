package io.handfast.proxy.postgres.session;

import io.handfast.tx.interceptor.SqlRefusal;
import org.jspecify.annotations.Nullable;

/**
 * Cursors WITH HOLD, which COMMIT runs to their ends ({@code PreCommit_Portals}), with whatever the
 * functions of a view write then. PostgreSQL prepares no transaction that has declared one, so that
 * one in which nothing was written is committed; and nothing may be written by that.
 */
final class HeldCursors {
  /** Until the transaction's end; a reading cursor does not notice. */
  static final String READ_ONLY = "SET TRANSACTION READ ONLY";

  /**
   * Fails if one was declared. The mode of a transaction ends with the subtransaction that has set
   * it, and so before COMMIT comes to its cursors.
   */
  private static final String NONE =
      "SELECT 1 OPERATOR(pg_catalog./) (NOT EXISTS (SELECT FROM pg_catalog.pg_cursor() WHERE"
          + " is_holdable AND creation_time OPERATOR(pg_catalog.>=)"
          + " pg_catalog.transaction_timestamp()))::pg_catalog.int4";

  private static final String READ_ONLY_TRANSACTION = "25006";

  private HeldCursors() {}

  /**
   * A statement directly before the COMMIT of a block without an id; null if none of its texts can
   * have declared one.
   */
  static @Nullable String guard(Block block) {
    return !block.holds && !block.mayWrite ? null : block.saved ? NONE : READ_ONLY;
  }

  /** What the guard of a block with a savepoint has refused. */
  static SqlRefusal refusal() {
    return new SqlRefusal(
        SqlRefusal.NOT_SUPPORTED,
        "the block cannot be committed, because COMMIT would run a cursor WITH HOLD to its end, and"
            + " behind a savepoint nothing keeps that from writing",
        "Close the cursor before COMMIT, or declare it in a block without savepoints.");
  }

  /** What is said of an error of COMMIT, which has none of its own for that; empty: nothing. */
  static String hint(String sqlState) {
    return sqlState.equals(READ_ONLY_TRANSACTION)
        ? "COMMIT runs a cursor WITH HOLD to its end, and PostgreSQL prepares no transaction with"
            + " one: what it writes then would be in no transaction of the mesh. Fetch all of it"
            + " and close it before COMMIT, or use mode callback."
        : "";
  }
}
