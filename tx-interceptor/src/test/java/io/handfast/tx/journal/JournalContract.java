package io.handfast.tx.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.journal.AppendResult.Accepted;
import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.Journal.Need;
import io.handfast.tx.journal.disk.Disk;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every journal with its own writer thread does, whatever disk it is on. */
abstract class JournalContract {

  private static final long PATIENCE_SECONDS = 30;

  private final ExecutorService loop =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "test-loop"));

  /** The disk of the test, the same at each call. */
  abstract Disk disk();

  abstract JournalOptions options();

  @AfterEach
  void stopLoop() {
    loop.close();
  }

  @Test
  void shouldReplayInOrderWhatWasToldDurable() throws Exception {
    // Given
    try (Journal journal = open(new ArrayList<>())) {
      for (int i = 1; i <= 100; i++) {
        Durability durability = i % 3 == 0 ? Durability.LAZY : Durability.FORCED;
        assertThat(append(journal, durability, "record " + i).get(PATIENCE_SECONDS, SECONDS))
            .isEqualTo(i);
      }
    }

    // When
    List<String> replayed = new ArrayList<>();
    try (Journal journal = open(replayed)) {
      // Then
      assertThat(replayed).hasSize(100).first().isEqualTo("1:record 1");
      assertThat(replayed).last().isEqualTo("100:record 100");
      assertThat(journal.lastLsn()).isEqualTo(100);
      assertThat(journal.incarnation()).isEqualTo(2);
      assertThat(append(journal, Durability.FORCED, "next").get(PATIENCE_SECONDS, SECONDS))
          .isEqualTo(101);
    }
  }

  @Test
  void shouldForceLazyRecordThoughNobodyElseWrites() throws Exception {
    try (Journal journal = open(new ArrayList<>())) {
      // When
      CompletableFuture<Long> told = append(journal, Durability.LAZY, "alone");

      // Then
      assertThat(told.get(PATIENCE_SECONDS, SECONDS)).isEqualTo(1);
    }
  }

  @Test
  void shouldTellOnTheExecutorOfTheCaller() throws Exception {
    try (Journal journal = open(new ArrayList<>())) {
      // Given
      CompletableFuture<String> thread = new CompletableFuture<>();
      AppendCallback callback = completing(thread, lsn -> Thread.currentThread().getName());

      // When
      journal.append(Durability.FORCED, Need.NEW_WORK, new byte[1], loop, callback);

      // Then
      assertThat(thread.get(PATIENCE_SECONDS, SECONDS)).isEqualTo("test-loop");
    }
  }

  @Test
  void shouldTellAllInOrderWhenManyThreadsAppend() throws Exception {
    // Given
    int threads = 16;
    int each = 500;
    int total = threads * each;
    List<Long> told = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(total);
    AppendCallback callback =
        new AppendCallback() {
          @Override
          public void onDurable(long lsn) {
            told.add(lsn);
            done.countDown();
          }

          @Override
          public void onFailed(long lsn, JournalFailure failure) {
            throw new AssertionError(failure.reason());
          }
        };

    // When
    JournalStats stats;
    try (Journal journal = open(new ArrayList<>());
        ExecutorService callers = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        callers.execute(() -> appendEach(journal, each, callback));
      }
      assertThat(done.await(PATIENCE_SECONDS, SECONDS)).isTrue();
      stats = journal.stats();
    }

    // Then
    List<Long> all = new ArrayList<>();
    for (long lsn = 1; lsn <= total; lsn++) {
      all.add(lsn);
    }
    assertThat(told).isEqualTo(all);
    assertThat(stats.appends()).isEqualTo(total);
    assertThat(stats.batchSizes().stream().mapToLong(Long::longValue).sum())
        .isLessThanOrEqualTo(stats.syncs())
        .isPositive();
    List<String> replayed = new ArrayList<>();
    open(replayed).close();
    assertThat(replayed).hasSize(total);
  }

  @Test
  void shouldCheckpointAndReplayFromIt() throws Exception {
    // Given
    try (Journal journal = open(new ArrayList<>())) {
      for (int i = 0; i < 200; i++) {
        append(journal, Durability.FORCED, "record " + i);
      }
      CompletableFuture<Long> told = new CompletableFuture<>();

      // When
      journal.checkpoint(
          Journal.Snapshot.of(List.of("live".getBytes(UTF_8))),
          200,
          loop,
          completing(told, lsn -> lsn));
      assertThat(told.get(PATIENCE_SECONDS, SECONDS)).isEqualTo(201);
      assertThat(journal.stats().checkpoints()).isEqualTo(1);
      assertThat(journal.stats().deletedSegments()).isPositive();
    }

    // Then
    List<String> replayed = new ArrayList<>();
    open(replayed).close();
    assertThat(replayed).containsExactly("live:live");
  }

  @Test
  void shouldRefuseSecondOpenAndAllowItAfterClose() throws Exception {
    // Given
    Journal journal = open(new ArrayList<>());

    // When, Then
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> open(new ArrayList<>()))
          .isInstanceOf(JournalOpenException.Locked.class)
          .hasMessageContaining(disk().describe(""));
    }
    journal.close();
    journal.close();
    open(new ArrayList<>()).close();
  }

  @Test
  void shouldTellWhatWasAcceptedBeforeCloseReturns() throws Exception {
    // Given
    List<CompletableFuture<Long>> told = new ArrayList<>();

    // When
    try (Journal journal = open(new ArrayList<>())) {
      for (int i = 0; i < 50; i++) {
        told.add(append(journal, Durability.LAZY, "record"));
      }
    }

    // Then
    for (CompletableFuture<Long> one : told) {
      assertThat(one.get(PATIENCE_SECONDS, SECONDS)).isPositive();
    }
  }

  final Journal open(List<String> replayed) throws JournalOpenException {
    JournalRuntime runtime =
        new JournalRuntime(System::nanoTime, new SecureRandom(), loop, failure -> {});
    return FileJournal.open(options(), runtime, disk(), TestJournal.recorder(replayed));
  }

  private CompletableFuture<Long> append(Journal journal, Durability durability, String text) {
    CompletableFuture<Long> told = new CompletableFuture<>();
    AppendResult result =
        journal.append(
            durability, Need.NEW_WORK, text.getBytes(UTF_8), loop, completing(told, lsn -> lsn));
    assertThat(result).isInstanceOf(Accepted.class);
    return told;
  }

  private void appendEach(Journal journal, int count, AppendCallback callback) {
    for (int i = 0; i < count; i++) {
      while (!(journal.append(Durability.FORCED, Need.NEW_WORK, new byte[32], loop, callback)
          instanceof Accepted)) {
        Thread.onSpinWait();
      }
    }
  }

  private static <T> AppendCallback completing(
      CompletableFuture<T> future, java.util.function.LongFunction<T> value) {
    return new AppendCallback() {
      @Override
      public void onDurable(long lsn) {
        future.complete(value.apply(lsn));
      }

      @Override
      public void onFailed(long lsn, JournalFailure failure) {
        future.completeExceptionally(new AssertionError(failure.reason()));
      }
    };
  }
}
