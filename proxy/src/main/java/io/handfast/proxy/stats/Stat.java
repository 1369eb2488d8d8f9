package io.handfast.proxy.stats;

/** One statistic, as the renderers see it. */
sealed interface Stat permits Counter, Gauge, ComputedGauge, Histogram {

  StatName name();

  /** Whether it has ever been written ({@code usedonly} of {@code /stats}). */
  boolean used();
}
