package io.handfast.proxy.stats;

/** Counts up from zero. Thread-safe without contention; an increment allocates nothing. */
public final class Counter extends Sum implements Stat {

  Counter(StatName.Term term) {
    super(term);
  }

  /** Adds one. */
  public void inc() {
    plus(1);
  }

  /** Adds {@code amount}, which is not negative. */
  public void add(long amount) {
    plus(amount);
  }

  /** Whether it was ever counted up. */
  @Override
  public boolean used() {
    return value() != 0;
  }
}
