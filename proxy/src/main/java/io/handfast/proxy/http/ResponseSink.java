package io.handfast.proxy.http;

/**
 * Takes a response from the filter that makes it, on the stream's event loop. After the end of the
 * stream, or once another filter has answered instead, everything given to it is released and
 * forgotten.
 */
public interface ResponseSink {
  /** A 1xx response. */
  void informational(ResponseHead head);

  /** The head of the final response. */
  void head(ResponseHead head, boolean endStream);

  /** A part of the body; taken out of the given one. */
  void data(Body data, boolean endStream);

  /** The trailers: the end. */
  void trailers(Headers trailers);

  /** The response breaks off after its head. Before the head it is a reset of the stream. */
  void truncate(ResetReason reason);

  /** Lets the request be read on, or not: the maker's side cannot take more of it. */
  void requestWritable(boolean writable);
}
