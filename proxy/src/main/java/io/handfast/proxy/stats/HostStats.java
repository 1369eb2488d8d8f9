package io.handfast.proxy.stats;

import java.util.List;

/**
 * The statistics of one endpoint, in Envoy's names: {@code /clusters} shows them, {@code /stats}
 * does not. Immutable; the handles are thread-safe.
 */
public final class HostStats {

  /**
   * One of them at one moment.
   *
   * @param gauge whether it also goes down
   */
  public record Value(String name, long value, boolean gauge) {}

  /** {@code cx_total}: connections attempted. */
  public final Counter cxTotal = counter("cx_total");

  /** {@code cx_active}: connections open now. */
  public final Gauge cxActive = new Gauge(StatName.plain("cx_active"));

  /** {@code cx_connect_fail}: connections that could not be made. */
  public final Counter cxConnectFail = counter("cx_connect_fail");

  /** {@code rq_total}: requests sent. */
  public final Counter rqTotal = counter("rq_total");

  /** {@code rq_active}: requests in flight. */
  public final Gauge rqActive = new Gauge(StatName.plain("rq_active"));

  /** {@code rq_success}: answered with anything but 5xx. */
  public final Counter rqSuccess = counter("rq_success");

  /** {@code rq_error}: answered with 5xx, broken off, or too late. */
  public final Counter rqError = counter("rq_error");

  /** {@code rq_timeout}: of them too late. */
  public final Counter rqTimeout = counter("rq_timeout");

  private static Counter counter(String name) {
    return new Counter(StatName.plain(name));
  }

  /** What they are now: counters, then gauges, each by name, as Envoy's JSON has them. */
  public List<Value> values() {
    return List.of(
        value(cxConnectFail),
        value(cxTotal),
        value(rqError),
        value(rqSuccess),
        value(rqTimeout),
        value(rqTotal),
        value(cxActive),
        value(rqActive));
  }

  private static Value value(Counter counter) {
    return new Value(counter.name().dotted(), counter.value(), false);
  }

  private static Value value(Gauge gauge) {
    return new Value(gauge.name().dotted(), gauge.value(), true);
  }
}
