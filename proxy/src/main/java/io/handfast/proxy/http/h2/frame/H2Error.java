package io.handfast.proxy.http.h2.frame;

import io.handfast.proxy.http.ResetReason;

/** Error codes (RFC 9113 section 7). */
public enum H2Error {
  NO_ERROR(0),
  PROTOCOL_ERROR(1),
  INTERNAL_ERROR(2),
  FLOW_CONTROL_ERROR(3),
  SETTINGS_TIMEOUT(4),
  STREAM_CLOSED(5),
  FRAME_SIZE_ERROR(6),
  REFUSED_STREAM(7),
  CANCEL(8),
  COMPRESSION_ERROR(9),
  CONNECT_ERROR(10),
  ENHANCE_YOUR_CALM(11),
  INADEQUATE_SECURITY(12),
  HTTP_1_1_REQUIRED(13);

  private final int code;

  H2Error(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** What a peer is told when a stream is ended for that reason. */
  public static H2Error of(ResetReason reason) {
    return switch (reason) {
      case CANCELLED, REMOTE_CANCELLED, TIMEOUT, IDLE_TIMEOUT -> CANCEL;
      case OVERFLOW -> ENHANCE_YOUR_CALM;
      case PROTOCOL_ERROR -> PROTOCOL_ERROR;
      case REMOTE_REFUSED -> REFUSED_STREAM;
      case CONNECTION_FAILURE -> CONNECT_ERROR;
      case CONNECTION_TERMINATION, REMOTE_RESET, LOCAL_RESET, SHUTDOWN -> INTERNAL_ERROR;
    };
  }

  /** What a peer's code says about a stream. */
  public static ResetReason reason(long code) {
    if (code == REFUSED_STREAM.code()) {
      return ResetReason.REMOTE_REFUSED;
    }
    return code == CANCEL.code() ? ResetReason.REMOTE_CANCELLED : ResetReason.REMOTE_RESET;
  }
}
