package io.handfast.proxy.admin;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Says what happens over and over less and less often: the first, second, fourth, eighth time, and
 * so on. So whoever can make it happen cannot fill the log. Thread-safe.
 */
final class Rarely {
  private final AtomicLong times = new AtomicLong();

  /** Counts once more: how often it has happened, if that is to be said now; else 0. */
  long happened() {
    long now = times.incrementAndGet();
    return Long.bitCount(now) == 1 ? now : 0;
  }
}
