package io.handfast.proxy.stats;

import java.util.concurrent.atomic.LongAdder;

/** Counts up from zero. Thread-safe without contention; an increment allocates nothing. */
public final class Counter implements Stat {

  private final StatName name;
  private final LongAdder value = new LongAdder();

  Counter(StatName name) {
    this.name = name;
  }

  /** Adds one. */
  public void inc() {
    value.increment();
  }

  /** Adds {@code amount}, which is not negative. */
  public void add(long amount) {
    value.add(amount);
  }

  /** The sum so far; what other threads add meanwhile may be in it or not. */
  public long value() {
    return value.sum();
  }

  @Override
  public StatName name() {
    return name;
  }

  /** Whether it was ever counted up. */
  @Override
  public boolean used() {
    return value() != 0;
  }
}
