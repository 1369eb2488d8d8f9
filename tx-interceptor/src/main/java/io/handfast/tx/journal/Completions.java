package io.handfast.tx.journal;

import io.handfast.tx.journal.AppendQueue.Pending;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells callers, each on its own executor, what became of their appends: neighbours with the same
 * executor are handed over in one piece, so that a batch wakes a loop once. Called by the writer;
 * {@link #failure} is read by anybody.
 */
final class Completions {

  private final JournalRuntime runtime;
  private final JournalStats.Recorder stats;
  private volatile @Nullable JournalFailure failure;

  Completions(JournalRuntime runtime, JournalStats.Recorder stats) {
    this.runtime = runtime;
    this.stats = stats;
  }

  void written(List<Pending> done) {
    tell(done, it -> it.callback.onWritten(it.lsn));
  }

  void durable(List<Pending> done) {
    tell(done, it -> it.callback.onDurable(it.lsn));
  }

  void failed(List<Pending> done, JournalFailure cause) {
    tell(done, it -> it.callback.onFailed(it.lsn, cause));
  }

  /** Remembers why the journal stopped and tells who asked to be told. */
  void stop(JournalFailure cause) {
    failure = cause;
    execute(runtime.executor(), () -> runtime.onStopped().accept(cause), 0);
  }

  /** Why the journal stopped; null while it has not. */
  @Nullable JournalFailure failure() {
    return failure;
  }

  private void tell(List<Pending> done, Consumer<Pending> what) {
    int from = 0;
    while (from < done.size()) {
      Executor executor = done.get(from).executor;
      int to = from + 1;
      while (to < done.size() && done.get(to).executor.equals(executor)) {
        to++;
      }
      List<Pending> piece = List.copyOf(done.subList(from, to));
      execute(executor, () -> run(piece, what), piece.size());
      from = to;
    }
  }

  /** An executor that is shut down has nobody left to tell; the others must still be told. */
  private void execute(Executor executor, Runnable task, int completions) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      stats.undelivered(completions);
    }
  }

  /** Runs on the callers' executor; a callback that throws does not keep the next from its turn. */
  private static void run(List<Pending> piece, Consumer<Pending> what) {
    RuntimeException thrown = null;
    for (Pending pending : piece) {
      try {
        what.accept(pending);
      } catch (RuntimeException e) {
        if (thrown == null) {
          thrown = e;
        } else {
          thrown.addSuppressed(e);
        }
      }
    }
    if (thrown != null) {
      throw thrown;
    }
  }
}
