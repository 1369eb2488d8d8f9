package io.handfast.proxy.stats;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of one endpoint, in Envoy's names: {@code /clusters} shows them, {@code /stats}
 * does not. They are made when the first one is counted: of many endpoints a sidecar uses few.
 * Thread-safe, and so are the handles.
 */
public final class HostStats {

  // One for all endpoints.
  private static final StatName.Term CX_TOTAL = term("cx_total");
  private static final StatName.Term CX_CONNECT_FAIL = term("cx_connect_fail");
  private static final StatName.Term RQ_TOTAL = term("rq_total");
  private static final StatName.Term RQ_SUCCESS = term("rq_success");
  private static final StatName.Term RQ_ERROR = term("rq_error");
  private static final StatName.Term RQ_TIMEOUT = term("rq_timeout");
  private static final StatName.Term CX_ACTIVE = term("cx_active");
  private static final StatName.Term RQ_ACTIVE = term("rq_active");

  private volatile @Nullable Handles handles;

  private static StatName.Term term(String name) {
    return StatName.plain(name).term();
  }

  /** All of them. */
  private static final class Handles {
    final Counter cxTotal = new Counter(CX_TOTAL);
    final Gauge cxActive = new Gauge(CX_ACTIVE);
    final Counter cxConnectFail = new Counter(CX_CONNECT_FAIL);
    final Counter rqTotal = new Counter(RQ_TOTAL);
    final Gauge rqActive = new Gauge(RQ_ACTIVE);
    final Counter rqSuccess = new Counter(RQ_SUCCESS);
    final Counter rqError = new Counter(RQ_ERROR);
    final Counter rqTimeout = new Counter(RQ_TIMEOUT);
  }

  private Handles handles() {
    Handles known = handles;
    return known == null ? make() : known;
  }

  private synchronized Handles make() {
    Handles known = handles;
    if (known == null) {
      known = new Handles();
      handles = known;
    }
    return known;
  }

  /**
   * One of them at one moment.
   *
   * @param gauge whether it also goes down
   */
  public record Value(String name, long value, boolean gauge) {}

  /** {@code cx_total}: connections attempted. */
  public Counter cxTotal() {
    return handles().cxTotal;
  }

  /** {@code cx_active}: connections open now. */
  public Gauge cxActive() {
    return handles().cxActive;
  }

  /** {@code cx_connect_fail}: connections that could not be made. */
  public Counter cxConnectFail() {
    return handles().cxConnectFail;
  }

  /** {@code rq_total}: requests sent. */
  public Counter rqTotal() {
    return handles().rqTotal;
  }

  /** {@code rq_active}: requests in flight. */
  public Gauge rqActive() {
    return handles().rqActive;
  }

  /** {@code rq_success}: answered with anything but 5xx. */
  public Counter rqSuccess() {
    return handles().rqSuccess;
  }

  /** {@code rq_error}: answered with 5xx, broken off, or too late. */
  public Counter rqError() {
    return handles().rqError;
  }

  /** {@code rq_timeout}: of them too late. */
  public Counter rqTimeout() {
    return handles().rqTimeout;
  }

  /** Requests in flight, for who chooses between endpoints. */
  public long activeRequests() {
    Handles known = handles;
    return known == null ? 0 : known.rqActive.value();
  }

  /** Whether connections or requests are open. */
  public boolean isActive() {
    Handles known = handles;
    return known != null && known.cxActive.value() + known.rqActive.value() != 0;
  }

  /** What they are now: counters, then gauges, each by name, as Envoy's JSON has them. */
  public List<Value> values() {
    Handles known = handles;
    Handles now = known == null ? new Handles() : known;
    return List.of(
        value(now.cxConnectFail, false),
        value(now.cxTotal, false),
        value(now.rqError, false),
        value(now.rqSuccess, false),
        value(now.rqTimeout, false),
        value(now.rqTotal, false),
        value(now.cxActive, true),
        value(now.rqActive, true));
  }

  private static Value value(Sum sum, boolean gauge) {
    return new Value(sum.term().name(), sum.value(), gauge);
  }
}
