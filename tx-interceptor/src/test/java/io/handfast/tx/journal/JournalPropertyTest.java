package io.handfast.tx.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.journal.AppendResult.Accepted;
import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.Journal.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random histories of appends, checkpoints, deaths of the process, power failures (also in the
 * middle of an operation) and failed syncs: what comes back is a prefix of what was appended and
 * holds all that was told durable. {@code -Dhandfast.journal.seed=N} repeats one.
 */
final class JournalPropertyTest {

  private static final int HISTORIES = 400;
  private static final int STEPS = 120;

  @Test
  void shouldBringBackPrefixWithAllThatWasToldWhateverHappens() {
    Integer only = Integer.getInteger("handfast.journal.seed");
    int lifetimes = 0;
    for (int seed = only == null ? 0 : only; seed < (only == null ? HISTORIES : only + 1); seed++) {
      try {
        lifetimes += new History(seed).run();
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            "seed %d (repeat it with -Dhandfast.journal.seed=%d)".formatted(seed, seed), e);
      }
    }
    assertThat(lifetimes).as("journals opened").isGreaterThan(only == null ? HISTORIES * 5 : 1);
  }

  /** One run: the model beside the journal. */
  private static final class History {
    private final Random random;

    /** The payload of LSN i + 1. */
    private final List<String> appended = new ArrayList<>();

    /** The snapshot of each checkpoint that was begun, by what it covers. */
    private final TreeMap<Long, List<String>> snapshots = new TreeMap<>();

    private final JournalOptions options;
    private FakeDisk disk = new FakeDisk();
    private TestJournal test;

    /** What any earlier journal has told or replayed. */
    private long promised;

    private long promisedSnapshot;
    private int lifetimes;

    History(int seed) throws JournalOpenException {
      random = new Random(seed * 0x9E3779B97F4A7C15L);
      snapshots.put(0L, List.of());
      options = TestJournal.options().withPreallocatedBytes(seed % 3 * 700);
      test = new TestJournal(disk, options);
    }

    int run() throws JournalOpenException {
      for (int step = 0; step < STEPS; step++) {
        int dice = random.nextInt(100);
        if (dice < 55) {
          append();
        } else if (dice < 75) {
          test.journal.turn();
        } else if (dice < 80) {
          test.pass(Duration.ofMillis(random.nextInt(12)));
        } else if (dice < 85) {
          checkpoint();
        } else if (dice < 87) {
          disk.failForce(1 + random.nextInt(3));
        } else if (dice < 91) {
          disk.dieAfter(random.nextInt(6), random.nextInt(200));
        } else {
          reopen();
        }
      }
      reopen();
      return lifetimes;
    }

    private void append() {
      int size = random.nextInt(20) == 0 ? 3000 : random.nextInt(200);
      long lsn = appended.size() + 1L;
      String payload = "%d-%s".formatted(lsn, "x".repeat(size));
      Durability durability = random.nextBoolean() ? Durability.FORCED : Durability.LAZY;
      if (test.append(durability, Need.ESSENTIAL, payload.getBytes(UTF_8))
          instanceof Accepted accepted) {
        assertThat(accepted.lsn()).isEqualTo(lsn);
        appended.add(payload);
      }
    }

    /** A checkpoint takes an LSN of its own. */
    private void checkpoint() {
      long oldest = snapshots.lastKey();
      long upto = oldest + random.nextInt((int) (appended.size() - oldest) + 1);
      List<String> live = new ArrayList<>();
      for (long lsn = 1; lsn <= upto; lsn++) {
        if (lsn % 3 == 0) {
          live.add(lsn + "-live");
        }
      }
      if (test.checkpoint(upto, live.toArray(String[]::new)) instanceof Accepted accepted) {
        assertThat(accepted.lsn()).isEqualTo(appended.size() + 1L);
        appended.add("");
        snapshots.put(upto, live);
      }
    }

    private void reopen() throws JournalOpenException {
      long told = test.durable.stream().mapToLong(Long::longValue).max().orElse(0);
      promised = Math.max(promised, told);
      JournalStats stats = test.journal.stats();
      if (stats.checkpoints() > 0 && !stats.stopped()) {
        promisedSnapshot = Math.max(promisedSnapshot, coveredByTold());
      }
      switch (random.nextInt(4)) {
        case 0 -> {
          test.journal.close();
          disk = disk.restart();
        }
        case 1 -> disk = disk.restart();
        case 2 -> disk = disk.crash(random);
        case 3 -> {
          // Not even the recovery is left in peace.
          disk = disk.crash(random);
          disk.dieAfter(random.nextInt(12), random.nextInt(200));
          tryToOpen();
          disk = disk.crash(random);
        }
        default -> throw new AssertionError();
      }
      test = new TestJournal(disk, options);
      lifetimes++;
      check();
    }

    private void tryToOpen() throws JournalOpenException {
      try {
        TestJournal opened = new TestJournal(disk, options);
        // It had opened before the power failed: then it has promised what it replayed.
        promised = Math.max(promised, opened.journal.lastLsn());
      } catch (JournalOpenException.Io expected) {
        assertThat(expected).hasMessageContaining("the power is off");
      }
    }

    private long coveredByTold() {
      return test.journal.coveredLsn();
    }

    private void check() {
      long last = test.journal.lastLsn();
      assertThat(last).as("all that was promised is there").isBetween(promised, promisedMost());
      long covered = test.journal.coveredLsn();
      assertThat(covered).isGreaterThanOrEqualTo(promisedSnapshot);
      assertThat(snapshots).containsKey(covered);
      List<String> expected = new ArrayList<>();
      snapshots.getOrDefault(covered, List.of()).forEach(live -> expected.add("live:" + live));
      for (long lsn = covered + 1; lsn <= last; lsn++) {
        String payload = appended.get((int) lsn - 1);
        if (!payload.isEmpty()) {
          expected.add(lsn + ":" + payload);
        }
      }
      assertThat(test.replayed).isEqualTo(expected);
      appended.subList((int) last, appended.size()).clear();
      snapshots.tailMap(covered, false).clear();
      promised = last;
      promisedSnapshot = covered;
    }

    private long promisedMost() {
      return appended.size();
    }
  }
}
