package io.handfast.proxy.stats;

import java.util.List;

/**
 * The statistics of one endpoint, in Envoy's names: {@code /clusters} shows them, {@code /stats}
 * does not. Immutable; the handles are thread-safe.
 */
public final class HostStats {

  // One for all endpoints.
  private static final StatName CX_TOTAL = StatName.plain("cx_total");
  private static final StatName CX_CONNECT_FAIL = StatName.plain("cx_connect_fail");
  private static final StatName RQ_TOTAL = StatName.plain("rq_total");
  private static final StatName RQ_SUCCESS = StatName.plain("rq_success");
  private static final StatName RQ_ERROR = StatName.plain("rq_error");
  private static final StatName RQ_TIMEOUT = StatName.plain("rq_timeout");
  private static final StatName CX_ACTIVE = StatName.plain("cx_active");
  private static final StatName RQ_ACTIVE = StatName.plain("rq_active");

  /**
   * One of them at one moment.
   *
   * @param gauge whether it also goes down
   */
  public record Value(String name, long value, boolean gauge) {}

  /** {@code cx_total}: connections attempted. */
  public final Counter cxTotal = new Counter(CX_TOTAL);

  /** {@code cx_active}: connections open now. */
  public final Gauge cxActive = new Gauge(CX_ACTIVE);

  /** {@code cx_connect_fail}: connections that could not be made. */
  public final Counter cxConnectFail = new Counter(CX_CONNECT_FAIL);

  /** {@code rq_total}: requests sent. */
  public final Counter rqTotal = new Counter(RQ_TOTAL);

  /** {@code rq_active}: requests in flight. */
  public final Gauge rqActive = new Gauge(RQ_ACTIVE);

  /** {@code rq_success}: answered with anything but 5xx. */
  public final Counter rqSuccess = new Counter(RQ_SUCCESS);

  /** {@code rq_error}: answered with 5xx, broken off, or too late. */
  public final Counter rqError = new Counter(RQ_ERROR);

  /** {@code rq_timeout}: of them too late. */
  public final Counter rqTimeout = new Counter(RQ_TIMEOUT);

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
