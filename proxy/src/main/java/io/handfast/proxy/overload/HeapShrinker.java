package io.handfast.proxy.overload;

import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.Counter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has garbage collected that lived for a while. The serial collector of JDK 25 collects its old
 * generation when nothing is left of {@code -Xmx} to promote to, or metaspace or code want it:
 * connections and configurations that come and go would take all of it. {@code
 * docs/adr/0015-jvm.md} has what it costs.
 *
 * <p>Confined to one dispatcher. The collection is asked for on another thread, one at a time, and
 * stops all of them for as long as it takes.
 */
public final class HeapShrinker implements AutoCloseable {
  /** Between two looks while memory is not scarce. */
  static final Duration INTERVAL = Duration.ofMinutes(1);

  /** Between two looks while {@code envoy.overload_actions.shrink_heap} is active; as in Envoy. */
  static final Duration SCARCE_INTERVAL = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(HeapShrinker.class);

  /** What a collection is not worth. */
  private static final long LEAST_BYTES = 4 << 20;

  private final Optional<OldGeneration> old;
  private final Counter shrunk;
  private final Dispatcher dispatcher;
  private final Executor background;
  private final AtomicBoolean underWay = new AtomicBoolean();
  private Dispatcher.Timer timer = Dispatcher.Timer.NONE;
  private Dispatcher.Timer rest = Dispatcher.Timer.NONE;
  private boolean resting;
  private boolean closed;

  HeapShrinker(
      Optional<OldGeneration> old, Counter shrunk, Dispatcher dispatcher, Executor background) {
    this.old = old;
    this.shrunk = shrunk;
    this.dispatcher = dispatcher;
    this.background = background;
  }

  /**
   * For the heap of this process; does nothing where another collector than the serial one has it.
   *
   * @param shrunk counts what was collected because memory is scarce
   * @param dispatcher on which it looks
   * @param background runs what takes long
   */
  public static HeapShrinker of(Counter shrunk, Dispatcher dispatcher, Executor background) {
    return new HeapShrinker(ProcessMemory.oldGeneration(), shrunk, dispatcher, background);
  }

  /** From now on, every {@link #INTERVAL}. */
  void start() {
    dispatcher.checkInLoop();
    if (!closed && old.isPresent()) {
      timer = dispatcher.schedule(INTERVAL, this::round);
    }
  }

  private void round() {
    start();
    if (begins()) {
      collect();
    }
  }

  /** Memory is scarce. */
  void shrink() {
    dispatcher.checkInLoop();
    if (!closed && !resting) {
      resting = true;
      rest = dispatcher.schedule(SCARCE_INTERVAL, () -> resting = false);
      if (begins()) {
        shrunk.inc();
        collect();
      }
    }
  }

  /** Whether it is worth it, and none is under way. */
  private boolean begins() {
    return old.filter(HeapShrinker::isWorthIt).isPresent() && underWay.compareAndSet(false, true);
  }

  private void collect() {
    background.execute(() -> {
      try {
        old.filter(HeapShrinker::isWorthIt).ifPresent(HeapShrinker::collect);
      } finally {
        underWay.set(false);
      }
    });
  }

  private static void collect(OldGeneration old) {
    long used = old.used();
    old.collect();
    LOG.debug("heap: collected used={} left={}", used, old.live());
  }

  private static boolean isWorthIt(OldGeneration old) {
    long live = old.live();
    return old.used() - live > Math.max(LEAST_BYTES, live / 4);
  }

  /** Looks no more. */
  @Override
  public void close() {
    dispatcher.checkInLoop();
    closed = true;
    timer.cancel();
    rest.cancel();
  }

  /** Where what has lived for a while is kept. Thread-safe. */
  interface OldGeneration {
    /** Bytes, garbage among them. */
    long used();

    /** Bytes that the last collection of it left; 0 before the first. */
    long live();

    /** Returns when it is done. */
    void collect();
  }
}
