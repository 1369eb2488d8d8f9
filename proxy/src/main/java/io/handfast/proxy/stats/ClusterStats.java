package io.handfast.proxy.stats;

/** The statistics of one cluster, in Envoy's names. Immutable; the handles are thread-safe. */
public final class ClusterStats {

  /** {@code upstream_cx_total}: connections opened. */
  public final Counter cxTotal;

  /** {@code upstream_cx_active}: connections open now. */
  public final Gauge cxActive;

  /** {@code upstream_cx_http1_total}: of them with HTTP/1. */
  public final Counter cxHttp1Total;

  /** {@code upstream_cx_http2_total}: of them with HTTP/2. */
  public final Counter cxHttp2Total;

  /** {@code upstream_cx_connect_fail}: connections that could not be made. */
  public final Counter cxConnectFail;

  /** {@code upstream_cx_connect_timeout}: of them those that took too long. */
  public final Counter cxConnectTimeout;

  /** {@code upstream_cx_connect_attempts_exceeded}: no attempt was left for a TCP connection. */
  public final Counter cxConnectAttemptsExceeded;

  /** {@code upstream_cx_overflow}: the circuit breaker for connections refused one. */
  public final Counter cxOverflow;

  /** {@code upstream_cx_none_healthy}: there was no endpoint to connect to. */
  public final Counter cxNoneHealthy;

  /** {@code upstream_cx_idle_timeout}: closed because nothing was sent. */
  public final Counter cxIdleTimeout;

  /** {@code upstream_cx_max_requests}: closed because of its number of requests. */
  public final Counter cxMaxRequests;

  /** {@code upstream_cx_max_duration_reached}: closed because of its age. */
  public final Counter cxMaxDuration;

  /** {@code upstream_cx_protocol_error}: closed because the endpoint broke the protocol. */
  public final Counter cxProtocolError;

  /** {@code upstream_cx_destroy}: connections closed. */
  public final Counter cxDestroy;

  /** {@code upstream_cx_destroy_local}: of them by this proxy. */
  public final Counter cxDestroyLocal;

  /** {@code upstream_cx_destroy_remote}: of them by the endpoint. */
  public final Counter cxDestroyRemote;

  /** {@code upstream_cx_destroy_with_active_rq}: of them with a request in flight. */
  public final Counter cxDestroyWithActiveRq;

  /** {@code upstream_cx_close_notify}: closed because the endpoint said so (GOAWAY). */
  public final Counter cxCloseNotify;

  /** {@code upstream_cx_rx_bytes_total}: bytes received. */
  public final Counter cxRxBytes;

  /** {@code upstream_cx_tx_bytes_total}: bytes sent. */
  public final Counter cxTxBytes;

  /**
   * {@code upstream_flow_control_paused_reading_total}: reading paused because its client took too
   * little.
   */
  public final Counter flowControlPausedReading;

  /** {@code upstream_flow_control_resumed_reading_total}: reading resumed. */
  public final Counter flowControlResumedReading;

  /** {@code upstream_cx_connect_ms}: how long connecting took, in ms. */
  public final Histogram cxConnectMs;

  /** {@code upstream_rq_total}: requests sent. */
  public final Counter rqTotal;

  /** {@code upstream_rq_active}: requests in flight. */
  public final Gauge rqActive;

  /** {@code upstream_rq_completed}: requests with a response. */
  public final Counter rqCompleted;

  /** {@code upstream_rq_pending_total}: requests that waited for a connection. */
  public final Counter rqPendingTotal;

  /** {@code upstream_rq_pending_active}: requests that wait for a connection. */
  public final Gauge rqPendingActive;

  /** {@code upstream_rq_pending_overflow}: a circuit breaker refused a request. */
  public final Counter rqPendingOverflow;

  /** {@code upstream_rq_drop_overload}: refused, as the control plane wants some to be. */
  public final Counter rqDropOverload;

  /** {@code upstream_rq_pending_failure_eject}: its connection failed while it waited. */
  public final Counter rqPendingFailureEject;

  /** {@code upstream_rq_cancelled}: its client went while it waited. */
  public final Counter rqCancelled;

  /** {@code upstream_rq_timeout}: no response in time. */
  public final Counter rqTimeout;

  /** {@code upstream_rq_max_duration_reached}: the stream took all the time that it may. */
  public final Counter rqMaxDurationReached;

  /** {@code upstream_rq_retry}: tried again. */
  public final Counter rqRetry;

  /** {@code upstream_rq_retry_success}: of them with success. */
  public final Counter rqRetrySuccess;

  /** {@code upstream_rq_retry_overflow}: not tried again, for the circuit breaker was open. */
  public final Counter rqRetryOverflow;

  /** {@code upstream_rq_rx_reset}: reset by the endpoint. */
  public final Counter rqRxReset;

  /** {@code upstream_rq_tx_reset}: reset by this proxy. */
  public final Counter rqTxReset;

  /** {@code upstream_rq_time}: from the end of the request to the end of the response, in ms. */
  public final Histogram rqTime;

  /** {@code membership_total}: endpoints. */
  public final Gauge membershipTotal;

  /** {@code membership_healthy}: endpoints that may be chosen. */
  public final Gauge membershipHealthy;

  /** {@code membership_degraded}: endpoints for what the healthy ones cannot take. */
  public final Gauge membershipDegraded;

  /** {@code membership_change}: how often the endpoints changed. */
  public final Counter membershipChange;

  /** {@code original_dst_host_invalid}: headers that should have named an address. */
  public final Counter originalDstHostInvalid;

  /** {@code lb_healthy_panic}: so few endpoints were available that any was chosen. */
  public final Counter lbHealthyPanic;

  /** {@code update_attempt}: how often names were resolved. */
  public final Counter updateAttempt;

  /** {@code update_success}: of them with an answer. */
  public final Counter updateSuccess;

  /** {@code update_failure}: of them without one. */
  public final Counter updateFailure;

  /** {@code circuit_breakers.default.*}. */
  public final BreakerStats defaultBreaker;

  /** {@code circuit_breakers.high.*}. */
  public final BreakerStats highBreaker;

  /** {@code http2.*}: the codec. */
  public final Http2Stats http2;

  /** {@code ssl.*}. */
  public final TlsStats tls;

  private final CodeStats codes;

  ClusterStats(Stats stats, String cluster) {
    StatName.Group group = StatName.Group.cluster(cluster);
    Names names = new Names(stats, group);
    cxTotal = names.counter("upstream_cx_total");
    cxActive = names.gauge("upstream_cx_active");
    cxHttp1Total = names.counter("upstream_cx_http1_total");
    cxHttp2Total = names.counter("upstream_cx_http2_total");
    cxCloseNotify = names.counter("upstream_cx_close_notify");
    cxConnectFail = names.counter("upstream_cx_connect_fail");
    cxConnectTimeout = names.counter("upstream_cx_connect_timeout");
    cxConnectAttemptsExceeded = names.counter("upstream_cx_connect_attempts_exceeded");
    cxOverflow = names.counter("upstream_cx_overflow");
    cxNoneHealthy = names.counter("upstream_cx_none_healthy");
    cxIdleTimeout = names.counter("upstream_cx_idle_timeout");
    cxMaxRequests = names.counter("upstream_cx_max_requests");
    cxMaxDuration = names.counter("upstream_cx_max_duration_reached");
    cxProtocolError = names.counter("upstream_cx_protocol_error");
    cxDestroy = names.counter("upstream_cx_destroy");
    cxDestroyLocal = names.counter("upstream_cx_destroy_local");
    cxDestroyRemote = names.counter("upstream_cx_destroy_remote");
    cxDestroyWithActiveRq = names.counter("upstream_cx_destroy_with_active_rq");
    cxRxBytes = names.counter("upstream_cx_rx_bytes_total");
    cxTxBytes = names.counter("upstream_cx_tx_bytes_total");
    flowControlPausedReading = names.counter("upstream_flow_control_paused_reading_total");
    flowControlResumedReading = names.counter("upstream_flow_control_resumed_reading_total");
    cxConnectMs = names.histogram("upstream_cx_connect_ms");
    rqTotal = names.counter("upstream_rq_total");
    rqActive = names.gauge("upstream_rq_active");
    rqCompleted = names.counter("upstream_rq_completed");
    rqPendingTotal = names.counter("upstream_rq_pending_total");
    rqPendingActive = names.gauge("upstream_rq_pending_active");
    rqPendingOverflow = names.counter("upstream_rq_pending_overflow");
    rqDropOverload = names.counter("upstream_rq_drop_overload");
    rqPendingFailureEject = names.counter("upstream_rq_pending_failure_eject");
    rqCancelled = names.counter("upstream_rq_cancelled");
    rqTimeout = names.counter("upstream_rq_timeout");
    rqMaxDurationReached = names.counter("upstream_rq_max_duration_reached");
    rqRetry = names.counter("upstream_rq_retry");
    rqRetrySuccess = names.counter("upstream_rq_retry_success");
    rqRetryOverflow = names.counter("upstream_rq_retry_overflow");
    rqRxReset = names.counter("upstream_rq_rx_reset");
    rqTxReset = names.counter("upstream_rq_tx_reset");
    rqTime = names.histogram("upstream_rq_time");
    membershipTotal = names.gauge("membership_total");
    membershipHealthy = names.gauge("membership_healthy");
    membershipDegraded = names.gauge("membership_degraded");
    membershipChange = names.counter("membership_change");
    originalDstHostInvalid = names.counter("original_dst_host_invalid");
    lbHealthyPanic = names.counter("lb_healthy_panic");
    updateAttempt = names.counter("update_attempt");
    updateSuccess = names.counter("update_success");
    updateFailure = names.counter("update_failure");
    defaultBreaker = breaker(stats, group, "default");
    highBreaker = breaker(stats, group, "high");
    http2 = new Http2Stats(new Names(stats, group, "http2."));
    tls = new TlsStats(names);
    codes = new CodeStats(suffix -> names.counter("upstream_rq_" + suffix), true);
  }

  private static BreakerStats breaker(Stats stats, StatName.Group group, String priority) {
    return new BreakerStats(new Names(stats, group, "circuit_breakers." + priority + "."));
  }

  /**
   * Counts a final response of an endpoint: {@code upstream_rq_completed}, {@code upstream_rq_2xx},
   * {@code upstream_rq_200}.
   */
  public void countResponse(int status) {
    rqCompleted.inc();
    codes.count(status);
  }
}
