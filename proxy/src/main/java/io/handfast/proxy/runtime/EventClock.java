package io.handfast.proxy.runtime;

import java.util.function.LongSupplier;

/**
 * The clocks of one event loop. While the loop handles an event of a socket they stand still: each
 * is read when somebody first asks. A request asks a dozen times, and each time costs as much as a
 * map. Between events, in tasks and timers, they go. Confined to the loop.
 */
final class EventClock {
  private final LongSupplier nanoSource;
  private final LongSupplier milliSource;
  private boolean handling;
  private boolean nanosKnown;
  private boolean millisKnown;
  private long nanos;
  private long millis;

  /**
   * @param nanoTime monotonic, in nanoseconds
   * @param epochMillis the time of day
   */
  EventClock(LongSupplier nanoTime, LongSupplier epochMillis) {
    this.nanoSource = nanoTime;
    this.milliSource = epochMillis;
  }

  /** An event is about to be handled. */
  void begin() {
    handling = true;
    nanosKnown = false;
    millisKnown = false;
  }

  /** It has been handled. */
  void end() {
    handling = false;
  }

  long nanoTime() {
    if (!handling) {
      return nanoSource.getAsLong();
    }
    if (!nanosKnown) {
      nanos = nanoSource.getAsLong();
      nanosKnown = true;
    }
    return nanos;
  }

  long epochMillis() {
    if (!handling) {
      return milliSource.getAsLong();
    }
    if (!millisKnown) {
      millis = milliSource.getAsLong();
      millisKnown = true;
    }
    return millis;
  }
}
