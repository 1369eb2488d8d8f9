package io.handfast.tx.engine;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.journal.Journal;
import io.handfast.tx.port.EngineLoop;
import java.util.List;

/** The engine's store on a journal that a simulation turns by hand. */
public final class SteppedStore {
  private SteppedStore() {}

  /**
   * What {@link JournalStore#open} makes, over a journal that is open already.
   *
   * @param recovered what the journal held
   */
  public static JournalStore on(Journal journal, EngineLoop loop, List<Record> recovered) {
    return new JournalStore(journal, loop, recovered);
  }
}
