package io.handfast.proxy.http;

/**
 * One filter of one stream. The request passes the filters in the order of the configuration, the
 * response in reverse order. An instance belongs to one stream, is made by its {@link
 * HttpFilterFactory} when the stream's request head is there, and is called on the stream's event
 * loop only, never again after {@link #onStreamEnd}.
 *
 * <p>A message is a head, any number of data parts, and optionally trailers. The call with {@code
 * endStream} is its clean end; if there are trailers, they are the end and no call before has
 * {@code endStream}. A response that breaks off is told by {@link #onResponseTruncated}, a request
 * that breaks off by {@link #onStreamEnd}.
 *
 * <p>A filter changes heads, trailers and bodies in place. A {@link Body} passed to it is only lent
 * for the call. Exceptions thrown by a filter are bugs: the stream is reset and the error logged.
 */
public interface HttpFilter {
  /** The head of the request. */
  default FilterStatus onRequestHead(RequestHead head, boolean endStream) {
    return FilterStatus.CONTINUE;
  }

  /** A part of the request's body; may be empty with {@code endStream}. */
  default FilterStatus onRequestData(Body data, boolean endStream) {
    return FilterStatus.CONTINUE;
  }

  /** The trailers of the request: its end. */
  default FilterStatus onRequestTrailers(Headers trailers) {
    return FilterStatus.CONTINUE;
  }

  /**
   * A response of status 1xx before the final one.
   *
   * @return whether it goes on towards the client
   */
  default boolean onInformational(ResponseHead head) {
    return true;
  }

  /** The head of the final response. */
  default FilterStatus onResponseHead(ResponseHead head, boolean endStream) {
    return FilterStatus.CONTINUE;
  }

  /** A part of the response's body; may be empty with {@code endStream}. */
  default FilterStatus onResponseData(Body data, boolean endStream) {
    return FilterStatus.CONTINUE;
  }

  /** The trailers of the response: its end. */
  default FilterStatus onResponseTrailers(Headers trailers) {
    return FilterStatus.CONTINUE;
  }

  /**
   * More of the request than the limit is held here. What is held, and what follows, waits (as
   * under {@link FilterStatus#PAUSE}) until the filter resumes, replies or resets; by default the
   * client is answered 413.
   */
  default void onRequestHoldOverflow(HttpFilterContext context) {
    context.sendLocalReply(
        LocalReply.text(413, "Payload Too Large").details("request_payload_too_large"));
  }

  /**
   * More of the response than the limit is held here; as {@link #onRequestHoldOverflow}, by default
   * the client is answered 500.
   */
  default void onResponseHoldOverflow(HttpFilterContext context) {
    context.sendLocalReply(
        LocalReply.text(500, "Internal Server Error").details("response_payload_too_large"));
  }

  /**
   * The response broke off after its head: the upstream went away or a timeout passed. (Before the
   * head the router answers with a response of its own, 503 or 504, which is shown as any other.)
   */
  default TruncationStatus onResponseTruncated(ResetReason reason) {
    return TruncationStatus.PROPAGATE;
  }

  /**
   * The stream has taken longer than it may, and the head of its response has not gone. Of the
   * filters, from the one nearest to the client, one may take that over: it then answers, by a
   * deadline of its own. If none does, the client is answered 408 or 504 in place of all of them.
   *
   * @return whether this filter answers
   */
  default boolean onStreamTimeout() {
    return false;
  }

  /**
   * A filter nearer to the client, or a timeout, has answered in place of what this filter has
   * seen, or would have seen: nothing more will be shown to it, what it held is gone, what it does
   * upstream is to be given up. Only {@link #onStreamEnd} follows.
   */
  default void onBypassed() {}

  /**
   * The client's side takes no more, or more again: the filter that makes the response (the router)
   * is to stop meanwhile.
   */
  default void onResponseWritable(boolean writable) {}

  /** The end of the stream, whatever way it ended; exactly once for every filter that was made. */
  default void onStreamEnd(StreamInfo info) {}
}
