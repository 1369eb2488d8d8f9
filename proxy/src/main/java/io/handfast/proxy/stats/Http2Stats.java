package io.handfast.proxy.stats;

/**
 * The statistics of the HTTP/2 codec, in Envoy's names: {@code http2.*} for all downstream
 * connections, {@code cluster.NAME.http2.*} upstream. Immutable; the handles are thread-safe.
 */
public final class Http2Stats {

  /** {@code header_overflow}: field sections above the limits of size or count. */
  public final Counter headerOverflow;

  /** {@code rx_messaging_error}: messages that broke the rules of HTTP. */
  public final Counter rxMessagingError;

  /** {@code rx_reset}: RST_STREAM received. */
  public final Counter rxReset;

  /** {@code tx_reset}: RST_STREAM sent. */
  public final Counter txReset;

  /** {@code trailers}: field sections received behind a body. */
  public final Counter trailers;

  /** {@code goaway_sent}: GOAWAY sent. */
  public final Counter goAwaySent;

  /** {@code stream_refused_errors}: streams that the peer refused. */
  public final Counter streamRefusedErrors;

  /** {@code tx_flush_timeout}: a response was complete, and the client did not take it. */
  public final Counter txFlushTimeout;

  /** {@code keepalive_timeout}: a ping was not answered. */
  public final Counter keepaliveTimeout;

  /** {@code inbound_empty_frames_flood}: closed for frames that carry nothing. */
  public final Counter inboundEmptyFramesFlood;

  /** {@code inbound_priority_frames_flood}: closed for PRIORITY frames. */
  public final Counter inboundPriorityFramesFlood;

  /** {@code inbound_window_update_frames_flood}: closed for WINDOW_UPDATE frames. */
  public final Counter inboundWindowUpdateFramesFlood;

  /** {@code inbound_control_frames_flood}: closed for PING, SETTINGS and unknown frames. */
  public final Counter inboundControlFramesFlood;

  /** {@code inbound_reset_flood}: closed for streams that were begun to be reset. */
  public final Counter inboundResetFlood;

  /** {@code outbound_flood}: closed for too many frames that the peer does not read. */
  public final Counter outboundFlood;

  /** {@code outbound_control_flood}: of them PING, SETTINGS and RST_STREAM. */
  public final Counter outboundControlFlood;

  /** {@code streams_active}: streams open now. */
  public final Gauge streamsActive;

  Http2Stats(Names names) {
    headerOverflow = names.counter("header_overflow");
    rxMessagingError = names.counter("rx_messaging_error");
    rxReset = names.counter("rx_reset");
    txReset = names.counter("tx_reset");
    trailers = names.counter("trailers");
    goAwaySent = names.counter("goaway_sent");
    streamRefusedErrors = names.counter("stream_refused_errors");
    txFlushTimeout = names.counter("tx_flush_timeout");
    keepaliveTimeout = names.counter("keepalive_timeout");
    inboundEmptyFramesFlood = names.counter("inbound_empty_frames_flood");
    inboundPriorityFramesFlood = names.counter("inbound_priority_frames_flood");
    inboundWindowUpdateFramesFlood = names.counter("inbound_window_update_frames_flood");
    inboundControlFramesFlood = names.counter("inbound_control_frames_flood");
    inboundResetFlood = names.counter("inbound_reset_flood");
    outboundFlood = names.counter("outbound_flood");
    outboundControlFlood = names.counter("outbound_control_flood");
    streamsActive = names.gauge("streams_active");
  }
}
