package io.handfast.benchmarks.pg;

import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for what a coordinator by hand does at the same time. */
final class Helpers {
  private static final int MOST = 64;
  private static final ThreadPoolExecutor THREADS =
      new ThreadPoolExecutor(
          MOST,
          MOST,
          1,
          TimeUnit.MINUTES,
          new LinkedBlockingQueue<>(),
          task -> Thread.ofPlatform().daemon().unstarted(task));

  private Helpers() {}

  static FutureTask<Boolean> beside(Sessions database, String sql) {
    FutureTask<Boolean> task =
        new FutureTask<>(() -> {
          database.alone(sql);
          return true;
        });
    THREADS.execute(task);
    return task;
  }
}
