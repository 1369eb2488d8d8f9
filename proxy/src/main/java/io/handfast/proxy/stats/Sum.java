package io.handfast.proxy.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A number that threads add to. There are a hundred for each cluster, and most are never touched:
 * so it is one number, until two threads have met at it. Thread-safe without contention; an
 * addition allocates nothing but at that one meeting.
 */
abstract sealed class Sum permits Counter, Gauge {

  private static final VarHandle BASE;
  private static final VarHandle STRIPES;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      BASE = lookup.findVarHandle(Sum.class, "base", long.class);
      STRIPES = lookup.findVarHandle(Sum.class, "stripes", LongAdder.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final StatName.Term term;
  private volatile long base;

  /** What was added since the meeting. */
  private volatile @Nullable LongAdder stripes;

  Sum(StatName.Term term) {
    this.term = term;
  }

  final void plus(long amount) {
    LongAdder known = stripes;
    if (known != null) {
      known.add(amount);
    } else {
      long before = base;
      if (!BASE.compareAndSet(this, before, before + amount)) {
        striped().add(amount);
      }
    }
  }

  private LongAdder striped() {
    LongAdder made = new LongAdder();
    LongAdder before = (LongAdder) STRIPES.compareAndExchange(this, null, made);
    return before == null ? made : before;
  }

  /** The sum so far; what other threads add meanwhile may be in it or not. */
  public final long value() {
    LongAdder known = stripes;
    return known == null ? base : base + known.sum();
  }

  /** Which statistic of its group it is. */
  public final StatName.Term term() {
    return term;
  }
}
