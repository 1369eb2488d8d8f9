package io.handfast.tx.engine;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.etcd.TestLoop;
import io.handfast.tx.journal.JournalOptions;
import io.handfast.tx.port.TransactionStore;
import io.handfast.tx.port.TransactionStore.Durability;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real journal. */
class JournalStoreContractTest extends StoreContract {
  @TempDir private Path directory;
  private final TestLoop loop = new TestLoop();
  private final List<JournalStore> lives = new ArrayList<>();

  @AfterEach
  void close() {
    lives.forEach(JournalStore::close);
    loop.close();
  }

  @Override
  Life begin() throws Exception {
    JournalStore store =
        JournalStore.open(
            JournalOptions.of(directory.resolve("journal")), new SecureRandom(), loop);
    lives.add(store);
    return new Life() {
      @Override
      public TransactionStore store() {
        return store;
      }

      @Override
      public String write(Record record, Durability durability) throws Exception {
        return loop.<String>ask(told -> append(store, record, durability, told));
      }

      @Override
      public Set<Object> takenUp(int expected) {
        return owed(store);
      }

      @Override
      public void close() {
        store.close();
      }

      @Override
      public void die() {
        store.close();
      }
    };
  }
}
