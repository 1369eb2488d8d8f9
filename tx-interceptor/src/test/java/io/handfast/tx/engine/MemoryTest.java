package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Backoff;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.Remembered;
import io.handfast.tx.engine.base.TraceIndex;
import io.handfast.tx.engine.observe.History;
import io.handfast.tx.engine.observe.Story;
import io.handfast.tx.operator.TransactionDetail.BranchView;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the engine keeps in memory is bounded, and what is dropped is dropped safely. */
class MemoryTest {
  private static final long QUARANTINE = 1_000;

  @Test
  void shouldNameTheOnlyBranchOfATraceT4() {
    // Given
    TraceIndex traces = new TraceIndex(QUARANTINE);

    // When
    traces.opened("t", key(1), true, 0);

    // Then
    assertThat(traces.find("t", 0)).isEqualTo(key(1));
    assertThat(traces.find("other", 0)).isNull();
    traces.opened("t", key(2), true, 0);
    assertThat(traces.find("t", 0)).isNull();
    traces.ended("t", key(1), 10);
    assertThat(traces.find("t", 10 + QUARANTINE - 1)).isNull();
    assertThat(traces.find("t", 10 + QUARANTINE)).isEqualTo(key(2));
  }

  @Test
  void shouldNameNothingWhenATraceWasLeftOutT4() {
    // Given
    TraceIndex traces = new TraceIndex(QUARANTINE);
    for (int i = 0; i < Bounds.MAX_TRACES; i++) {
      traces.opened("t" + i, key(i + 1), true, 0);
    }
    assertThat(traces.find("t7", 0)).isEqualTo(key(8));

    // When
    traces.opened("one-more", key(99), true, 0);

    // Then
    assertThat(traces.size()).isEqualTo(Bounds.MAX_TRACES);
    assertThat(traces.find("t7", 0)).isNull();
    assertThat(traces.find("t7", Bounds.MAX_TIMEOUT.toNanos() + 1)).isEqualTo(key(8));
  }

  @Test
  void shouldNameNothingForTheQuarantineAfterARestartT4() {
    // Given
    TraceIndex traces = new TraceIndex(QUARANTINE);
    traces.restarted(0);

    // When
    traces.opened("t", key(1), true, 10);

    // Then
    assertThat(traces.find("t", QUARANTINE - 1)).isNull();
    assertThat(traces.find("t", QUARANTINE)).isEqualTo(key(1));
  }

  @Test
  void shouldKeepTheFirstBranchesOfAnEndedTransaction() {
    // Given
    Story story = new History(1_000).join(key(1).tx(), 0);

    // When
    for (int i = 0; i < 2 * Bounds.MAX_ENDED_BRANCHES; i++) {
      story.branchEnded(
          new BranchView("b" + i, "s", "s:15014", "callback", "aborted", "abort", ""));
    }

    // Then
    assertThat(story.endedBranches()).hasSize(Bounds.MAX_ENDED_BRANCHES);
    assertThat(story.endedBranches().getFirst().branchId()).isEqualTo("b0");
  }

  @Test
  void shouldMakeRoomForNewTracesWhenOldOnesAreQuiet() {
    // Given
    TraceIndex traces = new TraceIndex(QUARANTINE);
    for (int i = 0; i < Bounds.MAX_TRACES; i++) {
      traces.opened("t" + i, key(i + 1), true, 0);
      traces.ended("t" + i, key(i + 1), 0);
    }

    // When
    traces.opened("new", key(5), true, QUARANTINE);

    // Then
    assertThat(traces.find("new", QUARANTINE)).isEqualTo(key(5));
  }

  @Test
  void shouldMakeRoomPastTracesThatStayInFlightT4() {
    // Given: branches in doubt, older than all others
    TraceIndex traces = new TraceIndex(QUARANTINE);
    int staying = 1_000;
    for (int i = 0; i < Bounds.MAX_TRACES; i++) {
      traces.opened("t" + i, key(i + 1), true, 0);
    }
    for (int i = staying; i < Bounds.MAX_TRACES; i++) {
      traces.ended("t" + i, key(i + 1), 0);
    }

    // When
    traces.opened("new", key(5), true, QUARANTINE);

    // Then
    assertThat(traces.find("new", QUARANTINE)).isEqualTo(key(5));
    assertThat(traces.find("t7", QUARANTINE)).isEqualTo(key(8));
    assertThat(traces.size()).isLessThanOrEqualTo(Bounds.MAX_TRACES);
  }

  @Test
  void shouldOwnBlocksOfAnyTraceUntilWhatWasLeftOutIsOverT4() {
    // Given
    long over = Bounds.MAX_TIMEOUT.toNanos();
    TraceIndex traces = new TraceIndex(QUARANTINE);
    for (int i = 0; i < Bounds.MAX_TRACES; i++) {
      traces.opened("t" + i, key(i + 1), false, 0);
    }
    traces.opened("reads", key(98), false, 0);
    assertThat(traces.mayOwnBlocks("reads", 1)).isFalse();
    assertThat(traces.hasBlocksQuarantined(1)).isFalse();

    // When
    traces.opened("left out", key(99), true, 0);

    // Then
    assertThat(traces.mayOwnBlocks("left out", over - 1)).isTrue();
    assertThat(traces.mayOwnBlocks("t7", over - 1)).as("it is known").isFalse();
    assertThat(traces.hasBlocksQuarantined(over - 1)).isTrue();
    assertThat(traces.mayOwnBlocks("left out", over)).isFalse();
    assertThat(traces.hasBlocksQuarantined(over)).isFalse();
  }

  @Test
  void shouldForgetBranchesAfterTheirDeadlineAndBeyondTheBound() {
    // Given
    Remembered remembered = new Remembered();
    remembered.put(key(1), memory(100, 0), 0);

    // When
    remembered.put(key(2), memory(500, 0), 200);

    // Then
    assertThat(remembered.get(key(1))).isNull();
    assertThat(remembered.get(key(2))).isNotNull();
    for (int i = 0; i < Bounds.MAX_REMEMBERED; i++) {
      remembered.put(key(1_000 + i), memory(1_000, 0), 200);
    }
    assertThat(remembered.size()).isEqualTo(Bounds.MAX_REMEMBERED);
    assertThat(remembered.get(key(2))).isNull();
  }

  @Test
  void shouldDropTheOldestAnswersWhenTheyTakeTooMuch() {
    // Given
    Remembered remembered = new Remembered();
    int fit = (int) (Bounds.MAX_STORED_ANSWER_BYTES / Bounds.MAX_STORED_ANSWER);

    // When
    for (int i = 0; i <= fit; i++) {
      remembered.put(key(i + 1), memory(1_000, Bounds.MAX_STORED_ANSWER), 0);
    }

    // Then
    assertThat(remembered.get(key(1)))
        .isNotNull()
        .satisfies(it -> assertThat(it.replay()).isNull());
    assertThat(remembered.get(key(2)))
        .isNotNull()
        .satisfies(it -> assertThat(it.replay()).isNotNull());
  }

  @Test
  void shouldKeepTheBeginAndTheEndOfALongTimeline() {
    // Given
    History history = new History(1_000);
    Story story = history.join(key(1).tx(), 0);

    // When
    for (int i = 0; i < 200; i++) {
      story.add(i, "", "event " + i, "state");
    }
    history.leave(story, 200);

    // Then
    assertThat(story.timeline()).hasSize(Bounds.MAX_TIMELINE);
    assertThat(story.timeline().getFirst().event()).isEqualTo("event 0");
    assertThat(story.timeline().getLast().event()).isEqualTo("event 199");
    assertThat(story.omitted()).isEqualTo(200 - Bounds.MAX_TIMELINE);
    assertThat(history.recent(1_200)).containsExactly(story);
    assertThat(history.recent(1_201)).isEmpty();
    assertThat(history.find(key(1).tx())).isNull();
  }

  @Test
  void shouldBackOffFrom50MillisecondsTo5SecondsWithJitterT15() {
    // Given
    Backoff backoff = new Backoff(new Random(3));

    // When
    List<Long> first =
        java.util.stream.LongStream.range(0, 500).map(i -> backoff.nanos(1)).boxed().toList();
    List<Long> late =
        java.util.stream.LongStream.range(0, 500).map(i -> backoff.nanos(1_000)).boxed().toList();

    // Then
    assertThat(first).allMatch(it -> it > 0 && it <= 50_000_000).anyMatch(it -> it > 40_000_000);
    assertThat(late)
        .allMatch(it -> it > 0 && it <= 5_000_000_000L)
        .anyMatch(it -> it > 4_000_000_000L)
        .anyMatch(it -> it < 1_000_000_000L);
  }

  private static BranchKey key(int number) {
    return new BranchKey(TxId.of(1, 2, number), new BranchId(number));
  }

  private static Remembered.Memory memory(long until, int answerBytes) {
    Remembered.Replay replay =
        answerBytes == 0
            ? null
            : new Remembered.Replay(
                InboundProbe.answer(200, ByteString.copyFrom(new byte[answerBytes]), true),
                List.of());
    return new Remembered.Memory(BranchOutcome.COMMITTED, "", until, replay, null, null);
  }
}
