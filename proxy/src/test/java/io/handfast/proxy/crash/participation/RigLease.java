package io.handfast.proxy.crash.participation;

import io.handfast.proxy.crash.Training;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives a test a rig that is its own while it runs. The rig goes to the next test if this one left
 * nothing behind, and is closed otherwise. Confined to the test's thread.
 */
final class RigLease implements BeforeEachCallback, AfterEachCallback {
  private @Nullable Rig rig;
  private boolean settled;

  @Override
  public void beforeEach(ExtensionContext context) throws IOException, InterruptedException {
    rig = pool(context).take();
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    if (settled) {
      pool(context).giveBack(rig());
    } else if (rig != null) {
      rig.close();
    }
  }

  /** Closed by JUnit when the last test has ended. */
  private static Pool pool(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .getOrComputeIfAbsent(Pool.class, type -> new Pool(), Pool.class);
  }

  Rig rig() {
    if (rig == null) {
      throw new IllegalStateException("no test is running");
    }
    return rig;
  }

  /**
   * The same, when a transaction of this column has passed: what has just been started, and
   * connects for the first time, may be too slow for a deadline.
   */
  Rig warmRig(Column column) {
    rig().warmUp(column);
    return rig();
  }

  /** Nothing is left of this test in the rig. */
  void settled() {
    settled = true;
  }

  /** Rigs that run, as many as tests run side by side. Thread-safe. */
  private static final class Pool implements AutoCloseable {
    private final AtomicInteger started = new AtomicInteger();
    private final Deque<Rig> idle = new ArrayDeque<>();

    Rig take() throws IOException, InterruptedException {
      Rig running = poll();
      return running == null ? start() : running;
    }

    private synchronized @Nullable Rig poll() {
      return idle.poll();
    }

    private Rig start() throws IOException, InterruptedException {
      Rig rig = new Rig(Training.HOME.resolve("rig-" + started.incrementAndGet()), Training.jvm());
      boolean runs = false;
      try {
        rig.heal();
        runs = true;
        return rig;
      } finally {
        if (!runs) {
          rig.close();
        }
      }
    }

    synchronized void giveBack(Rig rig) {
      idle.add(rig);
    }

    @Override
    public synchronized void close() throws IOException {
      for (Rig rig : idle) {
        rig.close();
      }
      idle.clear();
    }
  }
}
