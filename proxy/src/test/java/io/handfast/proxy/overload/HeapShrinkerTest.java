package io.handfast.proxy.overload;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.Counter;
import io.handfast.proxy.stats.OverloadStats;
import io.handfast.proxy.stats.Stats;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HeapShrinkerTest {
  private final ManualDispatcher dispatcher = new ManualDispatcher();
  private final FakeOldGeneration old = new FakeOldGeneration();
  private final Queue<Runnable> background = new ArrayDeque<>();
  private final Counter shrunk = new OverloadStats(new Stats()).heapShrunk();
  private final HeapShrinker heap =
      new HeapShrinker(Optional.of(old), shrunk, dispatcher, background::add);

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "4, 0, 0",
    "5, 0, 1", // what a start leaves, before the first collection
    "20, 16, 0",
    "21, 16, 1",
    "125, 100, 0",
    "126, 100, 1",
    "10, 100, 0"
  })
  void shouldCollectWhatIsWorthIt(long used, long live, int expected) {
    // Given
    old.usedMib = used;
    old.liveMib = live;
    heap.start();
    dispatcher.advance(HeapShrinker.INTERVAL.minusNanos(1));
    assertThat(background).isEmpty();

    // When
    dispatcher.advance(Duration.ofNanos(1));

    // Then: on a thread of its own
    assertThat(background).hasSize(expected);
    assertThat(old.collections).isZero();
    collect();
    assertThat(old.collections).isEqualTo(expected);
    assertThat(shrunk.value()).isZero();

    // And: again and again
    dispatcher.advance(HeapShrinker.INTERVAL);
    collect();
    assertThat(old.collections).isEqualTo(2 * expected);
  }

  private void collect() {
    for (Runnable task = background.poll(); task != null; task = background.poll()) {
      task.run();
    }
  }

  @Test
  void shouldAskForOneAtATimeAndForNoneThatIsNotWorthItAnyMore() {
    // Given: one that waits
    old.usedMib = 30;
    heap.start();
    dispatcher.advance(HeapShrinker.INTERVAL);
    assertThat(background).hasSize(1);

    // When, Then
    heap.shrink();
    dispatcher.advance(HeapShrinker.INTERVAL);
    assertThat(background).hasSize(1);
    assertThat(shrunk.value()).isZero();

    // And
    old.liveMib = 29;
    collect();
    assertThat(old.collections).isZero();
  }

  @Test
  void shouldCollectAtOnceWhenMemoryIsScarceAndNotWithoutEnd() {
    // Given
    old.usedMib = 30;
    old.liveMib = 10;

    // When, Then
    heap.shrink();
    heap.shrink();
    collect();
    assertThat(old.collections).isEqualTo(1);
    dispatcher.advance(HeapShrinker.SCARCE_INTERVAL.minusNanos(1));
    heap.shrink();
    assertThat(background).isEmpty();
    dispatcher.advance(Duration.ofNanos(1));
    heap.shrink();
    collect();
    assertThat(old.collections).isEqualTo(2);
    assertThat(shrunk.value()).isEqualTo(2);

    // When nothing is garbage
    dispatcher.advance(HeapShrinker.SCARCE_INTERVAL);
    old.liveMib = 30;
    heap.shrink();
    assertThat(background).isEmpty();
    assertThat(shrunk.value()).isEqualTo(2);
  }

  @Test
  void shouldLookNoMoreWhenItIsClosed() {
    // Given
    old.usedMib = 30;
    heap.start();

    // When
    heap.close();

    // Then
    heap.start();
    heap.shrink();
    dispatcher.advance(HeapShrinker.INTERVAL.multipliedBy(2));
    assertThat(background).isEmpty();
  }
}
