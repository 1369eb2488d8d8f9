package io.handfast.proxy.runtime;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** One of Netty's event loops as a dispatcher. Thread-safe. */
public final class NettyDispatcher implements Dispatcher {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final EventLoop loop;
  private final LongSupplier nanoTime;
  private final LongSupplier epochMillis;
  private final EventClock clock;
  private final TimerQueues timers;

  /**
   * @param nanoTime monotonic: by which timers go
   * @param epochMillis the time of day
   * @param clock of the same two, as the loop sees them
   */
  NettyDispatcher(
      EventLoop loop, LongSupplier nanoTime, LongSupplier epochMillis, EventClock clock) {
    this.loop = loop;
    this.nanoTime = nanoTime;
    this.epochMillis = epochMillis;
    this.clock = clock;
    this.timers =
        new TimerQueues(
            (task, nanos) -> loop.schedule(task, nanos, TimeUnit.NANOSECONDS), nanoTime);
  }

  /** For codecs and sockets. */
  public EventLoop eventLoop() {
    return loop;
  }

  @Override
  public boolean inLoop() {
    return loop.inEventLoop();
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    long nanos = delay.toNanos();
    // A delay that chance or what is left of another has made is nobody else's.
    boolean shared = nanos > 0 && nanos % NANOS_PER_MILLI == 0;
    Timer queued = shared && loop.inEventLoop() ? timers.schedule(nanos, task) : null;
    if (queued != null) {
      return queued;
    }
    ScheduledFuture<?> future = loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  @Override
  public long nanoTime() {
    return loop.inEventLoop() ? clock.nanoTime() : nanoTime.getAsLong();
  }

  @Override
  public long currentTimeMillis() {
    return loop.inEventLoop() ? clock.epochMillis() : epochMillis.getAsLong();
  }
}
