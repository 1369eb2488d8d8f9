package io.handfast.proxy.stats;

/** The statistics of one listener, in Envoy's names. Immutable; the handles are thread-safe. */
public final class ListenerStats {

  /** {@code downstream_cx_total}: connections accepted. */
  public final Counter cxTotal;

  /** {@code downstream_cx_active}: connections open now. */
  public final Gauge cxActive;

  /** {@code downstream_cx_destroy}: connections closed. */
  public final Counter cxDestroy;

  /** {@code downstream_cx_overflow}: refused because of a limit. */
  public final Counter cxOverflow;

  /** {@code downstream_cx_overload_reject}: closed as they came by the overload manager. */
  public final Counter cxOverloadReject;

  /** {@code downstream_global_cx_overflow}: beyond the connections of all listeners. */
  public final Counter globalCxOverflow;

  /** {@code no_filter_chain_match}: no filter chain matched. */
  public final Counter noFilterChainMatch;

  /** {@code downstream_pre_cx_active}: connections at which listener filters look. */
  public final Gauge preCxActive;

  /** {@code downstream_pre_cx_timeout}: listener filters took too long. */
  public final Counter preCxTimeout;

  /** {@code downstream_listener_filter_remote_close}: closed by the client meanwhile. */
  public final Counter listenerFilterRemoteClose;

  /** {@code downstream_listener_filter_error}: refused by a listener filter. */
  public final Counter listenerFilterError;

  /** {@code downstream_cx_transport_socket_connect_timeout}: TLS took too long. */
  public final Counter cxTransportSocketConnectTimeout;

  /** {@code ssl.*}. */
  public final TlsStats tls;

  ListenerStats(Stats stats, String address) {
    Names names = new Names(stats, StatName.Group.listener(address));
    cxTotal = names.counter("downstream_cx_total");
    cxActive = names.gauge("downstream_cx_active");
    cxDestroy = names.counter("downstream_cx_destroy");
    cxOverflow = names.counter("downstream_cx_overflow");
    cxOverloadReject = names.counter("downstream_cx_overload_reject");
    globalCxOverflow = names.counter("downstream_global_cx_overflow");
    noFilterChainMatch = names.counter("no_filter_chain_match");
    preCxActive = names.gauge("downstream_pre_cx_active");
    preCxTimeout = names.counter("downstream_pre_cx_timeout");
    listenerFilterRemoteClose = names.counter("downstream_listener_filter_remote_close");
    listenerFilterError = names.counter("downstream_listener_filter_error");
    cxTransportSocketConnectTimeout =
        names.counter("downstream_cx_transport_socket_connect_timeout");
    tls = new TlsStats(names);
  }
}
