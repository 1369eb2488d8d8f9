package io.handfast.tx.interceptor;

/**
 * The engine as the service's database connections see it: says which branch a block of SQL belongs
 * to, and hears what became of it. A block is a transaction of the database, from its first data
 * statement to its COMMIT or ROLLBACK.
 *
 * <p>Thread-safe. Calls come from the connection's own executor; listeners are told on that
 * executor, blocks are told from it.
 */
public interface SqlInterceptor {

  /**
   * Whether any branch is in flight here: if none is, nothing names one. At once, from any thread;
   * what a moment later would have been true does not matter, for the service's statement comes
   * after the request that made its branch.
   */
  boolean anyInFlight();

  /**
   * Whether a trace-id may be that of a branch that is in flight here, or that was a short time
   * ago: if not, it is the service's own. At once, from any thread.
   */
  default boolean mayKnowTraces() {
    return anyInFlight();
  }

  /**
   * The {@code system_identifier} of the server in which that database's blocks are completed;
   * empty while it is not known. At once, from any thread.
   */
  default String server(String database) {
    return "";
  }

  /**
   * The first data statement of a block names a branch. The statement is to be held until the
   * listener is told.
   */
  SqlBlock enlist(SqlBlockCall call, SqlBlockListener listener);

  /** A statement that needs a transaction and names none was refused: counts it (T5). */
  void contextMissing();

  /**
   * A database did not let a connection of the service's in, which is told so after this: branches
   * whose service works meanwhile say it where they fail. At once, from any thread.
   *
   * @param sqlState the server's: all that clients of a transaction are told
   * @param message the server's words, which may say where it runs and who asked: for operators
   */
  default void loginFailed(String database, String sqlState, String message) {}
}
