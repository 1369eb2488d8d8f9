package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.handfast.transaction.v1.Record;
import java.util.ArrayDeque;

/**
 * The record of one branch that this sidecar runs, as it wrote it last: the next write compares its
 * revision. One write at a time. Confined to the engine's loop.
 */
final class Slot {
  private final ByteSequence key;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean busy;

  /** As it was written last; an empty one before. */
  Record record = Record.getDefaultInstance();

  /** Of the last write; 0 before. */
  long revision;

  /** An attempt to write BEGUN is unanswered, and may yet arrive where the record is gone. */
  boolean echoes;

  /** This sidecar has taken it over: who lost it may only have slept. */
  boolean claimed;

  Slot(ByteSequence key) {
    this.key = key;
  }

  ByteSequence key() {
    return key;
  }

  /** Runs a write that ends with {@link #done}, when those before it have ended. */
  void next(Runnable write) {
    if (busy) {
      waiting.addLast(write);
    } else {
      busy = true;
      write.run();
    }
  }

  void done() {
    Runnable next = waiting.pollFirst();
    busy = next != null;
    if (next != null) {
      next.run();
    }
  }

  void wrote(Record written, long at) {
    record = written;
    revision = at;
  }
}
