package io.handfast.proxy.stats;

/**
 * Resolves the handles of one group of statistics.
 *
 * @param prefix of the names within their group, such as {@code http2.}; empty: none
 */
record Names(Stats stats, StatName.Group group, String prefix) {

  Names(Stats stats, StatName.Group group) {
    this(stats, group, "");
  }

  Counter counter(String name) {
    return stats.counter(group.name(prefix + name));
  }

  Gauge gauge(String name) {
    return stats.gauge(group.name(prefix + name));
  }

  Histogram histogram(String name) {
    return stats.histogram(group.name(prefix + name));
  }
}
