package io.handfast.proxy.stats;

/**
 * The statistics of the HTTP connection managers with one {@code stat_prefix}, in Envoy's names.
 * Immutable; the handles are thread-safe.
 */
public final class HttpStats {

  /** {@code downstream_cx_total}: connections accepted. */
  public final Counter cxTotal;

  /** {@code downstream_cx_active}: connections open now. */
  public final Gauge cxActive;

  /** {@code downstream_cx_http1_total}: of them with HTTP/1. */
  public final Counter cxHttp1Total;

  /** {@code downstream_cx_http2_total}: of them with HTTP/2. */
  public final Counter cxHttp2Total;

  /** {@code downstream_cx_upgrades_total}: upgrades and CONNECTs that a route let pass. */
  public final Counter cxUpgradesTotal;

  /** {@code downstream_cx_upgrades_active}: of them under way. */
  public final Gauge cxUpgradesActive;

  /** {@code downstream_cx_destroy}: connections closed. */
  public final Counter cxDestroy;

  /** {@code downstream_cx_destroy_local}: of them by this proxy. */
  public final Counter cxDestroyLocal;

  /** {@code downstream_cx_destroy_remote}: of them by the client. */
  public final Counter cxDestroyRemote;

  /** {@code downstream_cx_destroy_active_rq}: of them with a request in flight. */
  public final Counter cxDestroyActiveRq;

  /** {@code downstream_cx_drain_close}: closed because the proxy drains. */
  public final Counter cxDrainClose;

  /** {@code downstream_cx_idle_timeout}: closed because nothing was sent. */
  public final Counter cxIdleTimeout;

  /** {@code downstream_cx_protocol_error}: closed because the client broke the protocol. */
  public final Counter cxProtocolError;

  /** {@code downstream_cx_rx_bytes_total}: bytes received. */
  public final Counter cxRxBytes;

  /** {@code downstream_cx_tx_bytes_total}: bytes sent. */
  public final Counter cxTxBytes;

  /** {@code downstream_cx_length_ms}: how long a connection was open, in ms. */
  public final Histogram cxLengthMs;

  /**
   * {@code downstream_flow_control_paused_reading_total}: reading paused because too much was
   * buffered.
   */
  public final Counter flowControlPausedReading;

  /** {@code downstream_flow_control_resumed_reading_total}: reading resumed. */
  public final Counter flowControlResumedReading;

  /** {@code downstream_rq_overload_close}: answered 503 by the overload manager. */
  public final Counter rqOverloadClose;

  /** {@code downstream_cx_overload_disable_keepalive}: closed behind an answer by it. */
  public final Counter cxOverloadDisableKeepalive;

  /** {@code downstream_rq_total}: requests. */
  public final Counter rqTotal;

  /** {@code downstream_rq_active}: requests in flight. */
  public final Gauge rqActive;

  /** {@code downstream_rq_http1_total}: of them over HTTP/1. */
  public final Counter rqHttp1Total;

  /** {@code downstream_rq_http2_total}: of them over HTTP/2. */
  public final Counter rqHttp2Total;

  /** {@code downstream_rq_completed}: requests with a response. */
  public final Counter rqCompleted;

  /** {@code downstream_rq_header_timeout}: the head did not come in time. */
  public final Counter rqHeaderTimeout;

  /** {@code downstream_rq_idle_timeout}: neither side sent anything. */
  public final Counter rqIdleTimeout;

  /** {@code downstream_rq_timeout}: the request did not come in time. */
  public final Counter rqTimeout;

  /** {@code downstream_rq_too_large}: answered 413. */
  public final Counter rqTooLarge;

  /** {@code downstream_rq_rx_reset}: reset by the client. */
  public final Counter rqRxReset;

  /** {@code downstream_rq_tx_reset}: reset by this proxy. */
  public final Counter rqTxReset;

  /**
   * {@code downstream_rq_time}: from the first byte of the request to the end of the response, in
   * ms.
   */
  public final Histogram rqTime;

  /** {@code rs_too_large}: a response was larger than may be buffered. */
  public final Counter rsTooLarge;

  /** {@code rq_total}: requests that reached the router. */
  public final Counter routedTotal;

  /** {@code no_route}: no route matched. */
  public final Counter noRoute;

  /** {@code no_cluster}: the route's cluster does not exist. */
  public final Counter noCluster;

  /** {@code rq_direct_response}: answered by the route itself. */
  public final Counter directResponse;

  /** {@code rq_redirect}: redirected by the route. */
  public final Counter redirect;

  /**
   * {@code rq_reset_after_downstream_response_started}: the endpoint reset after its head was
   * passed on.
   */
  public final Counter resetAfterResponseStarted;

  /** {@code http2.*}: the codec, over all connection managers. */
  public final Http2Stats http2;

  private final CodeStats codes;

  HttpStats(Stats stats, String statPrefix) {
    Names names = new Names(stats, StatName.Group.http(statPrefix));
    cxTotal = names.counter("downstream_cx_total");
    cxActive = names.gauge("downstream_cx_active");
    cxHttp1Total = names.counter("downstream_cx_http1_total");
    cxHttp2Total = names.counter("downstream_cx_http2_total");
    cxUpgradesTotal = names.counter("downstream_cx_upgrades_total");
    cxUpgradesActive = names.gauge("downstream_cx_upgrades_active");
    cxDestroy = names.counter("downstream_cx_destroy");
    cxDestroyLocal = names.counter("downstream_cx_destroy_local");
    cxDestroyRemote = names.counter("downstream_cx_destroy_remote");
    cxDestroyActiveRq = names.counter("downstream_cx_destroy_active_rq");
    cxDrainClose = names.counter("downstream_cx_drain_close");
    cxIdleTimeout = names.counter("downstream_cx_idle_timeout");
    cxProtocolError = names.counter("downstream_cx_protocol_error");
    cxRxBytes = names.counter("downstream_cx_rx_bytes_total");
    cxTxBytes = names.counter("downstream_cx_tx_bytes_total");
    cxLengthMs = names.histogram("downstream_cx_length_ms");
    flowControlPausedReading = names.counter("downstream_flow_control_paused_reading_total");
    flowControlResumedReading = names.counter("downstream_flow_control_resumed_reading_total");
    rqOverloadClose = names.counter("downstream_rq_overload_close");
    cxOverloadDisableKeepalive = names.counter("downstream_cx_overload_disable_keepalive");
    rqTotal = names.counter("downstream_rq_total");
    rqActive = names.gauge("downstream_rq_active");
    rqHttp1Total = names.counter("downstream_rq_http1_total");
    rqHttp2Total = names.counter("downstream_rq_http2_total");
    rqCompleted = names.counter("downstream_rq_completed");
    rqHeaderTimeout = names.counter("downstream_rq_header_timeout");
    rqIdleTimeout = names.counter("downstream_rq_idle_timeout");
    rqTimeout = names.counter("downstream_rq_timeout");
    rqTooLarge = names.counter("downstream_rq_too_large");
    rqRxReset = names.counter("downstream_rq_rx_reset");
    rqTxReset = names.counter("downstream_rq_tx_reset");
    rqTime = names.histogram("downstream_rq_time");
    rsTooLarge = names.counter("rs_too_large");
    routedTotal = names.counter("rq_total");
    noRoute = names.counter("no_route");
    noCluster = names.counter("no_cluster");
    directResponse = names.counter("rq_direct_response");
    redirect = names.counter("rq_redirect");
    resetAfterResponseStarted = names.counter("rq_reset_after_downstream_response_started");
    http2 = new Http2Stats(new Names(stats, StatName.Group.PROCESS, "http2."));
    codes = new CodeStats(suffix -> names.counter("downstream_rq_" + suffix), false);
  }

  /**
   * Counts a final response to a client: {@code downstream_rq_completed} and {@code
   * downstream_rq_2xx}.
   */
  public void countResponse(int status) {
    rqCompleted.inc();
    codes.count(status);
  }
}
