package io.handfast.tx.interceptor;

import java.util.List;

/**
 * A block that takes part. Told from the connection's executor; never blocks. After {@link
 * #preparing} exactly one of {@link #prepared}, {@link #failed}, {@link #lost}, {@link
 * #notPrepared}; without it, or after the last, exactly one of {@link #readOnly}, {@link
 * #rolledBack}, {@link #failed}, {@link #lost}. Until then the branch does not vote (T11).
 */
public interface SqlBlock {

  /** PREPARE TRANSACTION is about to be sent: from here on it may be there. */
  void preparing(String globalId);

  /**
   * A statement before it failed, so that PREPARE TRANSACTION was skipped: it is open as before.
   */
  void notPrepared();

  /** It is prepared. The service may be told that it is committed. */
  void prepared();

  /** It was committed with nothing written. */
  void readOnly();

  /**
   * The service rolled it back before COMMIT, or ended its connection: nothing of it is left. Not
   * where the database, or the sidecar, has ended a connection.
   */
  void rolledBack();

  /**
   * The service asked for COMMIT and did not get it, or might have, or got an error that must not
   * be lost: the branch votes no. Nothing of the block is left.
   *
   * @param reason a sentence for people
   */
  void failed(String reason);

  /**
   * The connection to the database ended when PREPARE had been sent: whether it is prepared is not
   * known. The branch votes no.
   */
  void lost(String reason);

  /**
   * A wait for a lock of this block has failed: {@code 55P03}, or {@code 40P01}. Who may hold it:
   * other branches of the same transaction that are prepared here, whose locks stay until the
   * outcome, which waits for this one. Any but none is counted as a self-conflict. At once.
   *
   * @return each for people, such as {@code block 1 of branch <tx-id>-<branch-id>}; mostly empty
   */
  default List<String> lockNotGot() {
    return List.of();
  }
}
