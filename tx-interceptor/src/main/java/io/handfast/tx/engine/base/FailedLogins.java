package io.handfast.tx.engine.base;

import org.jspecify.annotations.Nullable;

/**
 * The connection of the service that a database did not let in last: what a branch needs to say
 * whose service had no database while it worked. Whose request it was for nobody knows, for a login
 * names none. Confined to the engine's loop.
 */
public final class FailedLogins {

  /**
   * One of them.
   *
   * @param database its name in the sidecar's configuration
   * @param sqlState the server's
   * @param message the server's words, which may name hosts and roles: not for clients
   */
  public record Login(String database, String sqlState, String message) {
    /** What whoever called the service may be told. */
    public String forClients() {
      return "database " + database + " did not let a connection of the service in: " + sqlState;
    }

    /** What the log and the timeline say. */
    public String forOperators() {
      return forClients() + " " + message;
    }
  }

  private @Nullable Login last;
  private long atNanos;

  /** One more. */
  public void add(Login login, long nowNanos) {
    last = login;
    atNanos = nowNanos;
  }

  /** The last one, if it was not before that time. */
  public @Nullable Login since(long nanos) {
    return atNanos - nanos < 0 ? null : last;
  }
}
