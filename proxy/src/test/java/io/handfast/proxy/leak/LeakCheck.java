package io.handfast.proxy.leak;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Around every test class, and around all of them: a leak that Netty's detector has found fails the
 * class in which it was found, and at the end everything is collected once more. Found is not
 * caused: what the report says of the place of the allocation counts, not the class that fails.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
  /** Of the garbage collector, until it has brought a leak of our own to light. */
  static final int MAX_COLLECTIONS = 100;

  private static final Namespace NAMESPACE = Namespace.create(LeakCheck.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    if (!ResourceLeakDetector.getLevel().equals(ResourceLeakDetector.Level.PARANOID)) {
      throw new IllegalStateException(
          "io.netty.leakDetection.level: "
              + ResourceLeakDetector.getLevel()
              + " (expected: paranoid, from leak.level of the POM)");
    }
    context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(AtTheEnd.class);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    fail(RecordingLeakDetector.takeLeaks());
  }

  private static void fail(List<String> leaks) {
    if (!leaks.isEmpty()) {
      throw new AssertionError(
          leaks.size() + " leaked (expected: none)\n" + String.join("\n", leaks));
    }
  }

  /**
   * Collects until a buffer that is leaked on purpose is found, and gives all others that were
   * found on the way.
   */
  static List<String> collect(String mark) {
    leak(mark);
    List<String> others = new ArrayList<>();
    for (int i = 0; i < MAX_COLLECTIONS; i++) {
      System.gc();
      PooledByteBufAllocator.DEFAULT.directBuffer(1).release(); // reports what was collected
      List<String> found = RecordingLeakDetector.takeLeaks();
      boolean marked = found.removeIf(leak -> leak.contains(mark));
      others.addAll(found);
      if (marked) {
        return others;
      }
    }
    throw new AssertionError("the leak detector does not find " + mark + " (expected: in time)");
  }

  private static void leak(String mark) {
    ByteBuf lost = PooledByteBufAllocator.DEFAULT.directBuffer(1);
    lost.touch(mark);
  }

  /**
   * Closed when the last test is done: in a JVM that is handed one class after the other, the last
   * of each. The detector tells of equal leaks only once.
   */
  static final class AtTheEnd implements AutoCloseable {
    private static final AtomicInteger ENDS = new AtomicInteger();

    @Override
    public void close() {
      fail(collect("the mark of the end " + ENDS.incrementAndGet()));
    }
  }
}
