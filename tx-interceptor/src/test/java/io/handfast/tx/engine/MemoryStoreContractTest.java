package io.handfast.tx.engine;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.port.TransactionStore;
import io.handfast.tx.port.TransactionStore.Durability;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** The contract on the fake by which the engine is tested. */
class MemoryStoreContractTest extends StoreContract {
  private final VirtualTime time = new VirtualTime();
  private final MemoryStore.Disk disk = new MemoryStore.Disk("bank");

  @Override
  Life begin() {
    VirtualTime.Node loop = time.node();
    MemoryStore store = new MemoryStore(disk, loop);
    return new Life() {
      @Override
      public TransactionStore store() {
        return store;
      }

      @Override
      public String write(Record record, Durability durability) {
        AtomicReference<String> word = new AtomicReference<>("nothing");
        loop.execute(() -> append(store, record, durability, word::set));
        time.pass(100);
        return word.get();
      }

      @Override
      public Set<Object> takenUp(int expected) {
        return owed(store);
      }

      @Override
      public void close() {
        store.breakDown();
      }

      @Override
      public void die() {
        loop.kill();
      }
    };
  }
}
