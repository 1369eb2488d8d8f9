package io.handfast.tx.engine;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.etcd.EtcdCluster;
import io.handfast.tx.etcd.EtcdOptions;
import io.handfast.tx.etcd.EtcdStore;
import io.handfast.tx.etcd.TestLoop;
import io.handfast.tx.port.TransactionStore;
import io.handfast.tx.port.TransactionStore.Durability;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real etcd. */
class EtcdStoreContractTest extends StoreContract {
  private static final AtomicInteger PREFIXES = new AtomicInteger();
  @TempDir private static Path directory;
  private static EtcdCluster etcd;

  private final String prefix = "/contract/" + PREFIXES.incrementAndGet();
  private final List<OnEtcd> lives = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    etcd = EtcdCluster.start(directory, 1);
  }

  @AfterAll
  static void stop() {
    if (etcd != null) {
      etcd.close();
    }
  }

  @AfterEach
  void close() {
    lives.forEach(OnEtcd::die);
  }

  @Override
  Life begin() throws Exception {
    OnEtcd life =
        new OnEtcd(
            new EtcdOptions(
                etcd.endpoints(),
                prefix,
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(10),
                EtcdOptions.DEFAULT_MAX_TXN_OPS));
    lives.add(life);
    return life;
  }

  private static final class OnEtcd implements Life {
    private final TestLoop loop = new TestLoop();
    private final EtcdStore store;
    private final LinkedBlockingQueue<Record> claimed = new LinkedBlockingQueue<>();

    OnEtcd(EtcdOptions options) throws Exception {
      store = EtcdStore.open(options, SERVICE, AUTHORITY, new SecureRandom(), loop);
      loop.execute(() -> store.takeOver(claimed::addAll));
    }

    @Override
    public TransactionStore store() {
      return store;
    }

    @Override
    public String write(Record record, Durability durability) throws Exception {
      return loop.<String>ask(told -> append(store, record, durability, told));
    }

    @Override
    public Set<Object> takenUp(int expected) throws Exception {
      List<Record> records = new ArrayList<>();
      while (records.size() < expected) {
        Record next = claimed.poll(20, TimeUnit.SECONDS);
        if (next == null) {
          break;
        }
        records.add(next);
      }
      return names(records);
    }

    @Override
    public void close() {
      store.close();
    }

    @Override
    public void die() {
      loop.close();
      store.close();
    }
  }
}
