package io.handfast.proxy.stats;

import java.util.function.LongSupplier;

/**
 * One statistic, as the renderers see it. It knows which of its group's it is; the group is known
 * to who holds it, for there are a hundred in each.
 */
sealed interface Stat permits Counter, Gauge, Stat.Computed, Histogram {

  StatName.Term term();

  /** Whether it has ever been written ({@code usedonly} of {@code /stats}). */
  boolean used();

  /** A number that is read when somebody looks, such as the uptime. */
  record Computed(StatName.Term term, LongSupplier source) implements Stat {

    long value() {
      return source.getAsLong();
    }

    @Override
    public boolean used() {
      return true;
    }
  }

  /**
   * One that was looked up, by its whole name.
   *
   * @param dotted as in {@code /stats}
   */
  record Named(StatName name, String dotted, Stat stat) {

    Named(StatName name, Stat stat) {
      this(name, name.dotted(), stat);
    }
  }
}
