package io.handfast.tx.journal;

/**
 * Told what became of an accepted append: exactly one of the two, once, on the executor that the
 * append named, in the order of LSNs.
 */
public interface AppendCallback {

  /** The record and every one before it are on disk. */
  void onDurable(long lsn);

  /**
   * The journal stopped before the record was known to be on disk. It is in doubt: it may be there
   * after a restart (T18).
   */
  void onFailed(long lsn, JournalFailure failure);
}
