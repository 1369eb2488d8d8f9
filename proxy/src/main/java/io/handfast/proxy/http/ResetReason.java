package io.handfast.proxy.http;

/**
 * Why a stream ended without its regular end. Codecs map it to their wire: HTTP/1.1 closes the
 * connection, HTTP/2 sends a code.
 */
public enum ResetReason {
  /** The peer closed its connection in the middle of the stream. */
  CONNECTION_TERMINATION,
  /** No connection could be made. */
  CONNECTION_FAILURE,
  /** The peer reset this one stream (HTTP/2 RST_STREAM, with any code not named below). */
  REMOTE_RESET,
  /**
   * The peer does not want this stream any more (HTTP/2 CANCEL): to gRPC another status than {@link
   * #REMOTE_RESET}, so it is passed on as such.
   */
  REMOTE_CANCELLED,
  /**
   * The peer refused this stream before it looked at it: safe to send again (HTTP/2 REFUSED_STREAM,
   * GOAWAY).
   */
  REMOTE_REFUSED,
  /** The peer broke the protocol. */
  PROTOCOL_ERROR,
  /** A bound of ours on connections, requests or bytes was met. */
  OVERFLOW,
  /** A timeout of ours on the whole request passed. */
  TIMEOUT,
  /** Nothing moved for too long. */
  IDLE_TIMEOUT,
  /** We ended it for a reason of our own: a filter, or the other side's end. */
  LOCAL_RESET,
  /** We do not want this stream any more: it has been answered otherwise, or its client is gone. */
  CANCELLED,
  /** The proxy closes. */
  SHUTDOWN
}
