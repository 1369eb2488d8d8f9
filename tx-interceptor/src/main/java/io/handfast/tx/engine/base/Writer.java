package io.handfast.tx.engine.base;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.SharedStore;
import io.handfast.tx.port.TransactionStore;
import io.handfast.tx.port.TransactionStore.Durability;
import io.handfast.tx.port.TransactionStore.Health;
import io.handfast.tx.port.TransactionStore.Need;
import io.handfast.tx.port.TransactionStore.WriteCallback;

/**
 * Writes records, keeps what a checkpoint needs of those that the store has taken, and offers an
 * essential record again to a store that refuses it for its load. Confined to the engine's loop.
 */
public final class Writer {

  /** What became of a record. */
  public interface Written {

    /** Of an overlapped record: the death of the process cannot lose it any more. */
    default void written() {}

    void durable();

    /**
     * The store did not take it: it is not there and never will be.
     *
     * @param reason a sentence for people
     */
    void refused(String reason);

    /**
     * The store did not take it: another one stands in its place (T19).
     *
     * @param reason a sentence for people
     */
    default void lost(String reason) {
      refused(reason);
    }

    /**
     * It may be there or not.
     *
     * @param reason a sentence for people
     */
    void inDoubt(String reason);
  }

  private final EngineLoop loop;
  private final TransactionStore store;
  private final LiveRecords live;

  public Writer(EngineLoop loop, TransactionStore store, LiveRecords live) {
    this.loop = loop;
    this.store = store;
    this.live = live;
  }

  public void write(Record.Builder record, Durability durability, Need need, Written written) {
    Record timed = record.setTimeMs(loop.epochMillis()).build();
    append(timed, durability, need, loop.nanoTime(), written);
  }

  private void append(
      Record record, Durability durability, Need need, long sinceNanos, Written written) {
    boolean taken =
        store.append(
            record, durability, need, callback(record, durability, need, sinceNanos, written));
    if (taken && !(store instanceof SharedStore)) {
      live.follow(record); // a store that is shared needs no checkpoint
    }
    if (store.shouldCheckpoint()) {
      store.checkpoint(live.all());
    }
  }

  private WriteCallback callback(
      Record record, Durability durability, Need need, long sinceNanos, Written written) {
    return new WriteCallback() {
      @Override
      public void onWritten() {
        written.written();
      }

      @Override
      public void onDurable() {
        written.durable();
      }

      @Override
      public void onRefused(String reason) {
        if (mayOfferAgain(need, sinceNanos)) {
          loop.schedule(
              Bounds.WRITE_RETRY.toNanos(),
              () -> append(record, durability, need, sinceNanos, written));
        } else {
          written.refused(reason);
        }
      }

      @Override
      public void onRefusedForGood(String reason) {
        written.refused(reason);
      }

      @Override
      public void onLost(String reason) {
        written.lost(reason);
      }

      @Override
      public void onInDoubt(String reason) {
        written.inDoubt(reason);
      }
    };
  }

  /** What finishes something is worth a wait, as long as the store is not broken for good. */
  private boolean mayOfferAgain(Need need, long sinceNanos) {
    return need == Need.ESSENTIAL
        && loop.nanoTime() - sinceNanos < Bounds.WRITE_PATIENCE.toNanos()
        && store.health() instanceof Health.Ready;
  }
}
