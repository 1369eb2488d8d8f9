package io.handfast.tx.journal;

/**
 * Told what became of an accepted append, on the executor that the append named, in the order of
 * LSNs: exactly one of {@link #onDurable} and {@link #onFailed}, once.
 */
public interface AppendCallback {

  /**
   * The record and every one before it are handed to the operating system: the death of the process
   * does not lose them. Told of an {@code OVERLAPPED} append only, before the other two.
   */
  default void onWritten(long lsn) {}

  /** The record and every one before it are on disk. */
  void onDurable(long lsn);

  /**
   * The journal stopped before the record was known to be on disk. It is in doubt: it may be there
   * after a restart (T18).
   */
  void onFailed(long lsn, JournalFailure failure);
}
