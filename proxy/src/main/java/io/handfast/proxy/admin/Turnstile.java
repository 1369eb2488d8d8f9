package io.handfast.proxy.admin;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets one question through at a time; so many wait, and more are refused. What a question costs
 * the engine is paid by what runs beside it, and whoever reaches the port may ask. Thread-safe.
 */
final class Turnstile {
  private final int mayWait;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private boolean busy;

  Turnstile(int mayWait) {
    this.mayWait = mayWait;
  }

  /** Asks now, or when those before have been answered; null: too many wait. */
  <T> @Nullable CompletionStage<T> pass(Supplier<CompletionStage<T>> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    Runnable ask = () -> ask(question, answer);
    synchronized (this) {
      if (busy) {
        if (waiting.size() >= mayWait) {
          return null;
        }
        waiting.add(ask);
        return answer;
      }
      busy = true;
    }
    ask.run();
    return answer;
  }

  private <T> void ask(Supplier<CompletionStage<T>> question, CompletableFuture<T> answer) {
    CompletionStage<T> asked;
    try {
      asked = question.get();
    } catch (RuntimeException e) {
      next();
      answer.completeExceptionally(e);
      return;
    }
    asked.whenComplete((value, failure) -> {
      next();
      if (failure == null) {
        answer.complete(value);
      } else {
        answer.completeExceptionally(failure);
      }
    });
  }

  private void next() {
    Runnable ask;
    synchronized (this) {
      ask = waiting.poll();
      busy = ask != null;
    }
    if (ask != null) {
      ask.run();
    }
  }
}
