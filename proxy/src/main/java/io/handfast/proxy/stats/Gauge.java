package io.handfast.proxy.stats;

/** A number that goes up and down. Thread-safe without contention; a change allocates nothing. */
public final class Gauge extends Sum implements Stat {

  private volatile boolean used;

  Gauge(StatName.Term term) {
    super(term);
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
    plus(amount);
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

  @Override
  public boolean used() {
    return used;
  }
}
