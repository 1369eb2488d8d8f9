package io.handfast.tx.grpc;

import io.handfast.tx.port.EngineLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The answers to one message: handed on when all are there, or those that are there when the time
 * is up, so that one slow branch keeps no other waiting. Confined to the engine's loop, but for
 * {@link #abandon} and {@link #begin}, which hand themselves over.
 */
final class AnswerCollector<R> implements Consumer<R> {
  private final int expected;
  private final EngineLoop loop;
  private final Consumer<List<R>> finish;
  private final List<R> results;
  private EngineLoop.@Nullable Timer timer;
  private boolean begun;
  private boolean finished;

  AnswerCollector(int expected, EngineLoop loop, Consumer<List<R>> finish) {
    this.expected = expected;
    this.loop = loop;
    this.finish = finish;
    this.results = new ArrayList<>(expected);
  }

  @Override
  public void accept(R result) {
    if (!finished) {
      results.add(result);
      finishIfComplete();
    }
  }

  /** Every item has been asked. */
  void begin() {
    loop.execute(() -> {
      begun = true;
      finishIfComplete();
      if (!finished) {
        timer =
            loop.schedule(
                TimeUnit.MILLISECONDS.toNanos(ControlLimits.PARTIAL_ANSWER_MS), this::finish);
      }
    });
  }

  /** Nobody waits any more; replies to come are dropped. */
  void abandon() {
    loop.execute(() -> finished = true);
  }

  private void finishIfComplete() {
    if (begun && results.size() == expected) {
      if (timer != null) {
        timer.cancel();
      }
      finish();
    }
  }

  private void finish() {
    if (!finished) {
      finished = true;
      finish.accept(List.copyOf(results));
    }
  }
}
