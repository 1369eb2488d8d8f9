package io.handfast.tx.engine.answer;

import io.handfast.tx.engine.base.Remembered;
import io.handfast.tx.interceptor.AnswerHolding;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.InboundListener;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.StoredAnswer;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Whoever called the service: answered once, whatever happens afterwards. Confined to the engine's
 * loop; the listener is told on its stream's executor.
 */
public final class Caller {
  private final Executor executor;
  private final InboundListener listener;
  private boolean forwarded;
  private boolean over;
  private @Nullable Problem instead;

  public Caller(Executor executor, InboundListener listener) {
    this.executor = executor;
    this.listener = listener;
  }

  public boolean isForwarded() {
    return forwarded;
  }

  public boolean isOver() {
    return over;
  }

  public void gone() {
    over = true;
  }

  /** Whatever the service said must not be shown: this is, in its place. */
  public void answerInstead(Problem problem) {
    instead = problem;
  }

  /** What the caller gets in the place of the service's answer; null if that goes. */
  public @Nullable Problem instead() {
    return instead;
  }

  public void forward(List<Field> set, AnswerHolding holding) {
    if (!over) {
      forwarded = true;
      executor.execute(() -> listener.forward(set, holding));
    }
  }

  public void releaseHead() {
    if (!over) {
      executor.execute(listener::releaseHead);
    }
  }

  public void release(List<Field> added) {
    Problem problem = instead;
    if (problem != null) {
      fail(Problems.with(problem, added));
    } else if (!over) {
      over = true;
      executor.execute(() -> listener.release(added));
    }
  }

  /** Answers in the service's place, whether or not the request has gone to it. */
  public void fail(Problem problem) {
    if (over) {
      return;
    }
    over = true;
    boolean replaces = forwarded;
    executor.execute(() -> {
      if (replaces) {
        listener.replace(problem);
      } else {
        listener.refuse(problem);
      }
    });
  }

  public void replay(Remembered.Replay replay) {
    if (!over) {
      over = true;
      StoredAnswer whole = replay.answer().with(replay.added());
      executor.execute(() -> listener.replay(whole));
    }
  }

  public void reset(String reason) {
    if (!over) {
      over = true;
      executor.execute(() -> listener.reset(reason));
    }
  }
}
