package io.handfast.proxy.leak;

import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/**
 * Netty's leak detector, which keeps what it finds for {@link LeakCheck}; named to Netty by the
 * system property {@code io.netty.customResourceLeakDetector} in the flags of the tests.
 * Thread-safe.
 */
public final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {
  private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

  /** As Netty's factory calls it. */
  public RecordingLeakDetector(Class<?> resourceType, int samplingInterval) {
    super(resourceType, samplingInterval);
  }

  @Override
  protected boolean needReport() {
    return true;
  }

  @Override
  protected void reportTracedLeak(String resourceType, String records) {
    String ours =
        records
            .lines()
            .filter(line -> !line.startsWith("\tjava.base/") && !line.startsWith("\torg."))
            .collect(Collectors.joining("\n"));
    LEAKS.add(resourceType + " was not released before it was collected" + ours);
  }

  @Override
  protected void reportUntracedLeak(String resourceType) {
    LEAKS.add(resourceType + " was not released before it was collected");
  }

  /** What has been found since the last call. */
  static List<String> takeLeaks() {
    List<String> taken = new ArrayList<>();
    for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
      taken.add(leak);
    }
    return taken;
  }
}
