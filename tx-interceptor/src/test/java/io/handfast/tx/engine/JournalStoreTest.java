package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.TransactionEnded;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.LiveRecords;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.journal.AppendCallback;
import io.handfast.tx.journal.AppendResult;
import io.handfast.tx.journal.Journal;
import io.handfast.tx.journal.JournalOpenException;
import io.handfast.tx.journal.JournalOptions;
import io.handfast.tx.journal.JournalStats;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.TransactionStore.Durability;
import io.handfast.tx.port.TransactionStore.Health;
import io.handfast.tx.port.TransactionStore.Need;
import io.handfast.tx.port.TransactionStore.WriteCallback;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store on a real journal. */
class JournalStoreTest {
  @TempDir private Path directory;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final EngineLoop loop = new ThreadLoop();

  @AfterEach
  void stop() {
    thread.shutdownNow();
  }

  @Test
  void shouldReplayWhatWasDurableInOrder() throws Exception {
    // Given
    String id;
    long incarnation;
    try (JournalStore store = open()) {
      id = store.storeId();
      incarnation = store.incarnation();
      assertThat(write(store, ended(1), Durability.LAZY)).isEqualTo("durable");
      assertThat(write(store, ended(2), Durability.FORCED)).isEqualTo("durable");
    }

    // When
    List<Record> replayed = new ArrayList<>();
    try (JournalStore store = open()) {
      store.replay(replayed::add);

      // Then
      assertThat(store.storeId()).isEqualTo(id).startsWith("j.");
      assertThat(store.incarnation()).isEqualTo(incarnation + 1);
    }
    assertThat(replayed).containsExactly(ended(1), ended(2));
  }

  @Test
  void shouldReplayWhatACheckpointKeeps() throws Exception {
    // Given
    try (JournalStore store = open()) {
      write(store, ended(1), Durability.FORCED);
      write(store, ended(2), Durability.FORCED);

      // When
      store.checkpoint(List.of(ended(2)));
      write(store, ended(3), Durability.FORCED);
    }

    // Then
    List<Record> replayed = new ArrayList<>();
    try (JournalStore store = open()) {
      store.replay(replayed::add);
    }
    assertThat(replayed).containsExactly(ended(2), ended(3));
  }

  @Test
  void shouldRefuseAStoreThatANewerVersionWrote() throws Exception {
    // Given
    try (JournalStore store = open()) {
      Record unknown = Record.newBuilder().setTimeMs(1).build();
      assertThat(write(store, unknown, Durability.FORCED)).isEqualTo("durable");
    }

    // When / Then
    assertThatThrownBy(this::open)
        .isInstanceOf(JournalOpenException.class)
        .hasMessageContaining("record.kind");
  }

  @Test
  void shouldRefuseAndBeUnhealthyWhenClosed() throws Exception {
    // Given
    JournalStore store = open();
    assertThat(store.health()).isEqualTo(new Health.Ready());

    // When
    store.close();

    // Then
    assertThat(write(store, ended(1), Durability.FORCED)).startsWith("refused");
    assertThat(store.health()).isInstanceOf(Health.Failed.class);
  }

  @Test
  void shouldRefuseARecordThatIsTooLarge() throws Exception {
    // Given
    Record large =
        Record.newBuilder()
            .setBranchEnded(
                BranchEnded.newBuilder().setDetail("x".repeat(Journal.MAX_RECORD_BYTES)))
            .build();

    try (JournalStore store = open()) {
      // When
      String told = write(store, large, Durability.FORCED);

      // Then
      assertThat(told).startsWith("refused").contains("expected: at most");
      assertThat(store.health()).isEqualTo(new Health.Ready());
    }
  }

  @Test
  void shouldNotOfferACheckpointAtEveryAppendWhenTheJournalRefusesIt() {
    // Given
    RefusingJournal journal = new RefusingJournal();
    List<Runnable> later = new ArrayList<>();
    JournalStore store =
        new JournalStore(
            journal,
            new ThreadLoop() {
              @Override
              public Timer schedule(long delayNanos, Runnable task) {
                later.add(task);
                return () -> {};
              }
            },
            List.of());
    Writer writer = new Writer(loop, store, new LiveRecords());

    // When
    for (int i = 0; i < 100; i++) {
      writer.write(ended(i).toBuilder(), Durability.LAZY, Need.ESSENTIAL, new Unheard());
    }

    // Then
    assertThat(journal.offered).isEqualTo(1);
    assertThat(later).hasSize(1);
    later.getFirst().run();
    writer.write(ended(7).toBuilder(), Durability.LAZY, Need.ESSENTIAL, new Unheard());
    assertThat(journal.offered).isEqualTo(2);
  }

  private static final class Unheard implements Writer.Written {
    @Override
    public void durable() {}

    @Override
    public void refused(String reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void inDoubt(String reason) {
      throw new AssertionError(reason);
    }
  }

  /** Takes records, and is always in want of a checkpoint for which it has no room. */
  private static final class RefusingJournal implements Journal {
    private int offered;
    private long lsn;

    @Override
    public AppendResult checkpoint(
        Snapshot live, long uptoLsn, Executor executor, AppendCallback callback) {
      offered++;
      return new AppendResult.JournalFull(1, 1, 0, 0);
    }

    @Override
    public boolean shouldCheckpoint() {
      return true;
    }

    @Override
    public AppendResult append(
        Journal.Durability durability,
        Journal.Need need,
        byte[] payload,
        Executor executor,
        AppendCallback callback) {
      return new AppendResult.Accepted(++lsn);
    }

    @Override
    public String storeId() {
      return "0".repeat(32);
    }

    @Override
    public List<String> formerIds() {
      return List.of();
    }

    @Override
    public long incarnation() {
      return 1;
    }

    @Override
    public long lastLsn() {
      return lsn;
    }

    @Override
    public Optional<AppendResult.Refusal> newWorkRefusal() {
      return Optional.empty();
    }

    @Override
    public JournalStats stats() {
      throw new AssertionError("nobody asks");
    }

    @Override
    public void close() {}
  }

  private JournalStore open() throws JournalOpenException {
    return JournalStore.open(JournalOptions.of(directory.resolve("journal")), new Random(1), loop);
  }

  private String write(JournalStore store, Record record, Durability durability) throws Exception {
    CompletableFuture<String> told = new CompletableFuture<>();
    loop.execute(() ->
        store.append(
            record,
            durability,
            Need.ESSENTIAL,
            new WriteCallback() {
              @Override
              public void onDurable() {
                told.complete("durable");
              }

              @Override
              public void onRefused(String reason) {
                told.complete("refused: " + reason);
              }

              @Override
              public void onInDoubt(String reason) {
                told.complete("in doubt: " + reason);
              }
            }));
    return told.get(10, TimeUnit.SECONDS);
  }

  private static Record ended(int number) {
    return Record.newBuilder()
        .setEnded(
            TransactionEnded.newBuilder()
                .setTxId(Messages.bytes(TxId.of(1_750_000_000_000L, number, number))))
        .build();
  }

  /** A loop on a thread of its own. */
  private class ThreadLoop implements EngineLoop {
    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public long epochMillis() {
      return 1_750_000_000_000L;
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
      var scheduled = thread.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
      return () -> scheduled.cancel(false);
    }

    @Override
    public void execute(Runnable task) {
      thread.execute(task);
    }
  }
}
