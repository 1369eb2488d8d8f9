package io.handfast.tx.engine.base;

/**
 * The connection of the service that a database did not let in last: what a branch needs to say
 * whose service had no database while it worked. Whose request it was for nobody knows, for a login
 * names none. Confined to the engine's loop.
 */
public final class FailedLogins {
  private String words = "";
  private long atNanos;

  /**
   * One more.
   *
   * @param reason SQLSTATE and message of the server
   */
  public void add(String database, String reason, long nowNanos) {
    words = "database " + database + " did not let a connection of the service in: " + reason;
    atNanos = nowNanos;
  }

  /** The last one, if it was not before that time; else empty. */
  public String since(long nanos) {
    return words.isEmpty() || atNanos - nanos < 0 ? "" : words;
  }
}
