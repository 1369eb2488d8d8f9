package io.handfast.proxy.postgres.sql;

/**
 * Why PostgreSQL refuses PREPARE TRANSACTION of a block that ran a statement. What a text cannot
 * tell, it says itself at PREPARE: a temporary table used that was there before, functions that do
 * any of this inside.
 */
public enum SqlObstacle {
  /** A temporary object was made. */
  TEMPORARY_OBJECT("temporary objects", true),
  /** LISTEN, NOTIFY or {@code pg_notify}. */
  NOTIFICATION("LISTEN or NOTIFY", true),
  /** UNLISTEN: nothing, in a session that never listened. */
  UNLISTEN("UNLISTEN", false),
  /** A cursor WITH HOLD: nothing, once it was closed. */
  HELD_CURSOR("a cursor WITH HOLD", false),
  /** {@code pg_export_snapshot}. */
  EXPORTED_SNAPSHOT("an exported snapshot", true),
  /** A session's advisory lock: only beside a transaction's on the same key. */
  SESSION_LOCK("an advisory lock of the session", false),
  /** It does not run in a block at all, so the block that it would be wrapped in fails it. */
  NO_BLOCK("a statement that runs outside of transactions only", true);

  private final String what;
  private final boolean certain;

  SqlObstacle(String what, boolean certain) {
    this.what = what;
    this.certain = certain;
  }

  /** For people, behind "cannot be prepared: it has". */
  public String what() {
    return what;
  }

  /**
   * Whether PREPARE will be refused for certain, unless the statement fails or is rolled back to a
   * savepoint. If not, PostgreSQL knows and will say.
   */
  public boolean certain() {
    return certain;
  }
}
