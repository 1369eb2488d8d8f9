package io.handfast.proxy.runtime;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TimerQueuesTest {
  private static final long MILLI = 1_000_000;

  private final ManualDispatcher loop = new ManualDispatcher();
  private final TimerQueues queues =
      new TimerQueues(
          (task, nanos) -> loop.schedule(Duration.ofNanos(nanos), task), loop::nanoTime);
  private final List<String> ran = new ArrayList<>();

  private Dispatcher.Timer set(long millis, String name) {
    return requireNonNull(queues.schedule(millis * MILLI, () -> ran.add(name)));
  }

  @Test
  void shouldRunTimersWhenTheyAreDueAndNotBefore() {
    set(20, "late");
    set(10, "first");
    loop.advance(Duration.ofMillis(5));
    set(10, "second");

    loop.advance(Duration.ofMillis(4));
    assertThat(ran).isEmpty();
    loop.advance(Duration.ofMillis(1));
    assertThat(ran).containsExactly("first");
    loop.advance(Duration.ofMillis(5));
    assertThat(ran).containsExactly("first", "second");
    loop.advance(Duration.ofMillis(5));
    assertThat(ran).containsExactly("first", "second", "late");
  }

  @Test
  void shouldNotRunATimerThatWasCancelledWheneverThatIs() {
    Dispatcher.Timer head = set(10, "head");
    Dispatcher.Timer middle = set(10, "middle");
    set(10, "end");
    middle.cancel();
    head.cancel();
    head.cancel();

    loop.advance(Duration.ofMillis(10));
    middle.cancel();

    assertThat(ran).containsExactly("end");
  }

  @Test
  void shouldWakeTheLoopOnceForTimersThatAreSetAndCancelledAllTheTime() {
    for (int i = 0; i < 1_000; i++) {
      set(10, "cancelled").cancel();
    }

    assertThat(loop.timers()).isEqualTo(1);
    loop.advance(Duration.ofMillis(10));
    assertThat(loop.timers()).isZero();
    assertThat(ran).isEmpty();
  }

  @Test
  void shouldRunOnWhenATimerFailsOrSetsAnother() {
    queues.schedule(
        10 * MILLI,
        () -> {
          set(10, "next");
          throw new IllegalStateException("as asked for");
        });
    set(10, "other");

    loop.advance(Duration.ofMillis(10));
    assertThat(ran).containsExactly("other");
    loop.advance(Duration.ofMillis(10));
    assertThat(ran).containsExactly("other", "next");
  }

  @Test
  void shouldRunTheOthersWhenATimerEndsInAnError() {
    queues.schedule(
        10 * MILLI,
        () -> {
          throw new OutOfMemoryError("as asked for");
        });
    set(10, "other");

    assertThatThrownBy(() -> loop.advance(Duration.ofMillis(10)))
        .isInstanceOf(OutOfMemoryError.class);
    loop.advance(Duration.ofMillis(1));

    assertThat(ran).containsExactly("other");
  }

  @Test
  void shouldKeepOneQueueForADelayThatIsSetAndCancelledInItsOwnTimer() {
    List<Dispatcher.Timer> next = new ArrayList<>();
    queues.schedule(10 * MILLI, () -> next.add(set(10, "cancelled")));
    queues.schedule(10 * MILLI, () -> next.getFirst().cancel());
    loop.advance(Duration.ofMillis(10));
    set(10, "third");

    assertThat(loop.timers()).isEqualTo(1);
    loop.advance(Duration.ofMillis(10));
    assertThat(ran).containsExactly("third");
    assertThat(loop.timers()).isZero();
  }

  @Test
  void shouldTakeNoMoreThanSoManyDelaysAtATime() {
    for (int i = 1; i <= TimerQueues.MAX_QUEUES; i++) {
      set(i, "delay " + i);
    }

    assertThat(queues.schedule(MILLI / 2, () -> {})).isNull();
    assertThat(queues.schedule(MILLI, () -> {})).isNotNull();
    loop.advance(Duration.ofMillis(2));
    assertThat(queues.schedule(MILLI / 2, () -> {})).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void shouldDoWhatATimerEachWouldDo(long seed) {
    Random random = new Random(seed);
    ManualDispatcher each = new ManualDispatcher();
    List<String> expected = new ArrayList<>();
    List<Dispatcher.Timer> ours = new ArrayList<>();
    List<Dispatcher.Timer> theirs = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      switch (random.nextInt(3)) {
        case 0 -> {
          String name = "timer " + i;
          long millis = 10L + random.nextInt(5);
          ours.add(set(millis, name));
          theirs.add(each.schedule(Duration.ofMillis(millis), () -> expected.add(name)));
        }
        case 1 -> {
          if (!ours.isEmpty()) {
            int any = random.nextInt(ours.size());
            ours.get(any).cancel();
            theirs.get(any).cancel();
          }
        }
        default -> {
          loop.advance(Duration.ofMillis(1));
          each.advance(Duration.ofMillis(1));
          assertThat(ran).containsExactlyInAnyOrderElementsOf(expected);
        }
      }
    }
    assertThat(ran).isNotEmpty();
  }
}
