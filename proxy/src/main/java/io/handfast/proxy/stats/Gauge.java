package io.handfast.proxy.stats;

import java.util.concurrent.atomic.LongAdder;

/** A number that goes up and down. Thread-safe without contention; a change allocates nothing. */
public final class Gauge implements Stat {

  private final StatName name;
  private final LongAdder value = new LongAdder();
  private volatile boolean used;

  Gauge(StatName name) {
    this.name = name;
  }

  /** Adds one. */
  public void inc() {
    add(1);
  }

  /** Subtracts one. */
  public void dec() {
    add(-1);
  }

  /** Adds {@code amount}, which may be negative. */
  public void add(long amount) {
    value.add(amount);
    if (!used) {
      used = true;
    }
  }

  /**
   * Makes it {@code next}. Not atomic with {@link #add}: for gauges that one thread sets and nobody
   * adds to.
   */
  public void set(long next) {
    add(next - value());
  }

  /** The value now. */
  public long value() {
    return value.sum();
  }

  @Override
  public StatName name() {
    return name;
  }

  @Override
  public boolean used() {
    return used;
  }
}
