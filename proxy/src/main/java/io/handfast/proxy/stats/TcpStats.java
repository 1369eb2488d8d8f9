package io.handfast.proxy.stats;

/**
 * The statistics of the TCP proxies with one {@code stat_prefix}, in Envoy's names. Immutable; the
 * handles are thread-safe.
 */
public final class TcpStats {

  /** {@code downstream_cx_total}: connections taken. */
  public final Counter cxTotal;

  /** {@code downstream_cx_spliced_total}, ours: connections whose bytes stay in the kernel. */
  public final Counter cxSpliced;

  /** {@code downstream_cx_no_route}: the cluster does not exist. */
  public final Counter cxNoRoute;

  /** {@code downstream_cx_rx_bytes_total}: bytes received from clients. */
  public final Counter cxRxBytes;

  /** {@code downstream_cx_tx_bytes_total}: bytes sent to clients. */
  public final Counter cxTxBytes;

  /**
   * {@code downstream_flow_control_paused_reading_total}: reading paused because too much was
   * buffered.
   */
  public final Counter flowControlPausedReading;

  /** {@code downstream_flow_control_resumed_reading_total}: reading resumed. */
  public final Counter flowControlResumedReading;

  /** {@code idle_timeout}: closed because neither side sent anything. */
  public final Counter idleTimeout;

  /** {@code max_downstream_connection_duration}: closed because of its age. */
  public final Counter maxDownstreamConnectionDuration;

  TcpStats(Stats stats, String statPrefix) {
    Names names = new Names(stats, StatName.Group.tcp(statPrefix));
    cxTotal = names.counter("downstream_cx_total");
    cxSpliced = names.counter("downstream_cx_spliced_total");
    cxNoRoute = names.counter("downstream_cx_no_route");
    cxRxBytes = names.counter("downstream_cx_rx_bytes_total");
    cxTxBytes = names.counter("downstream_cx_tx_bytes_total");
    flowControlPausedReading = names.counter("downstream_flow_control_paused_reading_total");
    flowControlResumedReading = names.counter("downstream_flow_control_resumed_reading_total");
    idleTimeout = names.counter("idle_timeout");
    maxDownstreamConnectionDuration = names.counter("max_downstream_connection_duration");
  }
}
