package io.handfast.proxy.http;

/** What a filter says to a response that broke off. */
public enum TruncationStatus {
  /** The next filter is told, and at last the client's side is reset. */
  PROPAGATE,

  /**
   * The filter takes it over: it still has the head of the response and has answered, or will
   * answer, with {@link HttpFilterContext#sendLocalReply} or {@link HttpFilterContext#reset}. Until
   * then the stream stays open.
   */
  HANDLED
}
