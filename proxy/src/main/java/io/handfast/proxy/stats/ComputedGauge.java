package io.handfast.proxy.stats;

import java.util.function.LongSupplier;

/** A number that is read when somebody looks, such as the uptime. */
record ComputedGauge(StatName name, LongSupplier source) implements Stat {

  long value() {
    return source.getAsLong();
  }

  @Override
  public boolean used() {
    return true;
  }
}
