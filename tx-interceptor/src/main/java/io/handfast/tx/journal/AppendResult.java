package io.handfast.tx.journal;

/** What {@link Journal#append} or {@link Journal#checkpoint} says at once. Immutable. */
public sealed interface AppendResult {

  /** Taken: the callback will be told. The LSN orders it among all records. */
  record Accepted(long lsn) implements AppendResult {}

  /** Not taken: nothing will be written and the callback is never told. */
  sealed interface Refusal extends AppendResult {

    /** A sentence for people: what was found, what was expected, what to do. */
    String reason();
  }

  /**
   * The queue in front of the disk is full: the disk is slower than the callers. Try later or shed
   * load.
   */
  record Overloaded(long queuedBytes, int recordLimit, long byteLimit) implements Refusal {
    @Override
    public String reason() {
      return "journal queue: full with %d bytes (expected: at most %d records and %d bytes; the disk"
              .formatted(queuedBytes, recordLimit, byteLimit)
          + " does not keep up, shed load)";
    }
  }

  /**
   * Space is short. New work is refused while the reserve is all that is left, essential records
   * only when that is used up too.
   */
  record JournalFull(long usedBytes, long maxBytes, long freeBytes, long reserveBytes)
      implements Refusal {
    @Override
    public String reason() {
      return "journal space: %d of %d bytes used, %d free on the disk (expected: %d in reserve;"
              .formatted(usedBytes, maxBytes, freeBytes, reserveBytes)
          + " free the disk, raise maxBytes, or let the transactions in doubt end)";
    }
  }

  /** The payload is larger than a record may be. */
  record TooLarge(int bytes, int maxBytes) implements Refusal {
    @Override
    public String reason() {
      return "journal record: %d bytes (expected: at most %d)".formatted(bytes, maxBytes);
    }
  }

  /** The journal has stopped for good after this failure. */
  record Stopped(JournalFailure failure) implements Refusal {
    @Override
    public String reason() {
      return failure.reason();
    }
  }

  /** {@link Journal#close} was called. */
  record Closed() implements Refusal {
    @Override
    public String reason() {
      return "journal: closed (expected: open)";
    }
  }

  /** A checkpoint is being written; there is one at a time. */
  record CheckpointRunning() implements Refusal {
    @Override
    public String reason() {
      return "journal checkpoint: one is running (expected: none; wait for its callback)";
    }
  }
}
