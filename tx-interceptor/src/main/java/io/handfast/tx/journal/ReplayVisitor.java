package io.handfast.tx.journal;

/**
 * Is handed what the journal holds while it is opened: first the records of the last complete
 * checkpoint, if there is one, then every record after what that covers, in the order of LSNs. Runs
 * on the thread that opens. An unchecked exception ends the open with {@link
 * JournalOpenException.Rejected}, which names file and offset.
 */
public interface ReplayVisitor {

  /** A record of the snapshot that stands for all records up to {@code uptoLsn}. */
  void onCheckpointed(long uptoLsn, byte[] payload);

  /** A record that was appended. */
  void onRecord(long lsn, byte[] payload);
}
