package io.handfast.proxy.stats;

import java.util.function.Function;

/** Resolves the handles of one group of statistics, which share a prefix. */
record Names(Stats stats, Function<String, StatName> naming) {

  Counter counter(String name) {
    return stats.counter(naming.apply(name));
  }

  Gauge gauge(String name) {
    return stats.gauge(naming.apply(name));
  }

  Histogram histogram(String name) {
    return stats.histogram(naming.apply(name));
  }
}
