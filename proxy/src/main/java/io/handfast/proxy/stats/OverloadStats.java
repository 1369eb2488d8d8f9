package io.handfast.proxy.stats;

/** {@code overload.NAME.*} of one resource or one action, in Envoy's names. Immutable. */
public final class OverloadStats {
  private final Stats stats;

  /** Those of this proxy. */
  public OverloadStats(Stats stats) {
    this.stats = stats;
  }

  /** {@code overload.MONITOR.pressure}: in percent. */
  public Gauge pressure(String monitor) {
    return stats.gauge("overload." + monitor + ".pressure");
  }

  /** {@code overload.MONITOR.failed_updates}: how often it could not be read. */
  public Counter failedUpdates(String monitor) {
    return stats.counter("overload." + monitor + ".failed_updates");
  }

  /** {@code overload.ACTION.active}: whether it is done now. */
  public Gauge active(String action) {
    return stats.gauge("overload." + action + ".active");
  }

  /**
   * {@code overload.envoy.overload_actions.shrink_heap.shrink_count}: how often garbage was
   * collected for it.
   */
  public Counter heapShrunk() {
    return stats.counter("overload.envoy.overload_actions.shrink_heap.shrink_count");
  }

  /** {@code overload.ACTION.scale_percent}: 0 or 100, for none is done by degrees. */
  public Gauge scalePercent(String action) {
    return stats.gauge("overload." + action + ".scale_percent");
  }
}
