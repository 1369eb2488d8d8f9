package io.handfast.tx.interceptor;

/**
 * Told what to do with a block of SQL. Called on the connection's executor. First exactly one of
 * {@link #enlisted}, {@link #passes}, {@link #refused}; after {@link #enlisted} at most one {@link
 * #doomed}, at any time until the block is told to have ended.
 */
public interface SqlBlockListener {

  /**
   * The block is a branch below that of its service: its COMMIT is to become PREPARE TRANSACTION,
   * unless nothing was written.
   */
  void enlisted(SqlEnlistment enlistment);

  /**
   * The block is the service's own: the branch takes part in another way ({@code callback}), or the
   * trace-id is of none. Its COMMIT is a COMMIT; nothing more is told.
   *
   * @param noBranch whether nothing named a branch: where a transaction is required, the block may
   *     not write
   */
  void passes(boolean noBranch);

  /** The statement is to be refused, and the block with it; nothing more is told. */
  void refused(SqlRefusal refusal);

  /**
   * The branch was aborted: statements and COMMIT of the block are to be refused with this, and its
   * locks let go as soon as no statement runs. The block still has to be told to have ended.
   */
  void doomed(SqlRefusal refusal);
}
