package io.handfast.proxy.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a transaction in flight: the back has answered and the front has not yet, until {@link
 * #release}. Thread-safe.
 */
final class Hold {
  private static final int PATIENCE_SECONDS = 30;

  private final CountDownLatch called = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  private Hold() {}

  /** Holds the next order of a mesh. */
  static Hold next(Mesh mesh) {
    Hold hold = new Hold();
    mesh.whenCalled(hold::pass);
    return hold;
  }

  private void pass() {
    called.countDown();
    await(released);
  }

  /** Returns when the order has come that far. */
  void awaitCalled() {
    await(called);
  }

  /** Lets the front answer. */
  void release() {
    released.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
