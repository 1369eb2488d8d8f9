package io.handfast.proxy.http;

import java.util.function.Consumer;

/**
 * One request and its response on a connection, independent of the HTTP version: the side that
 * sends. What is received comes by {@link Events}. HTTP/1.1, HTTP/2 and gRPC all fit: heads, data,
 * trailers, informational responses, resets with a reason, and flow control by {@link #stopReading}
 * here and {@link Events#onWritabilityChanged} there.
 *
 * <p>A message is a head, data and optionally trailers; the call with {@code endStream}, or that
 * with the trailers, is its clean end. A head that is the end (gRPC's trailers-only) has its fields
 * in the head. A {@link Server} stream is over when its response has ended, whatever of the request
 * is still to come: the codec drops that (HTTP/1.1 closes, HTTP/2 resets with NO_ERROR). A {@link
 * Client} stream is over when both messages have ended; one whose response ends first is sent to
 * its end or reset by its user. Nothing is called back after {@link #reset} nor after the end of
 * the stream, and calls on it then do nothing but release what they are given.
 *
 * <p>Confined to the connection's event loop. Events may come inside a call to the stream.
 */
public sealed interface HttpStream permits HttpStream.Server, HttpStream.Client {
  /** Sends a part of the body; taken out of the given one. */
  void sendData(Body data, boolean endStream);

  /** Sends the trailers: the end. Dropped where the version or the framing has no room for them. */
  void sendTrailers(Headers trailers);

  /** Ends the stream at once in both directions. */
  void reset(ResetReason reason);

  /**
   * The receiver cannot take more for now: the peer is not read (HTTP/1.1), or gets no more window
   * (HTTP/2). What has been read already may still come. A byte is consumed, in the words of
   * HTTP/2, when it is handed over by {@link Events#onData} and reading is not stopped after that;
   * what comes while it is stopped is consumed by {@link #resumeReading}, or by the end of the
   * stream.
   */
  void stopReading();

  /** The receiver takes data again. */
  void resumeReading();

  /** Whether the peer takes more now; what is sent all the same is buffered. */
  boolean isWritable();

  /** The stream of a client's request: the proxy answers. */
  non-sealed interface Server extends HttpStream {
    /** Sends a 1xx response. */
    void sendInformational(ResponseHead head);

    /** Sends the head of the final response. */
    void sendHead(ResponseHead head, boolean endStream);

    /** Has the connection take no further request: it closes behind those that are under way. */
    void drainConnection();

    /** Whether trailers of a response with that head would reach the client. */
    boolean canSendTrailers(ResponseHead head);

    /**
     * Tells, once, what became of a response that was sent to its end: true as soon as all of it is
     * in the socket, behind the peer's window and the socket's own; false if the stream or its
     * connection ended before. May tell within the call.
     */
    void whenDelivered(Consumer<Boolean> told);
  }

  /** The stream of a request that the proxy makes. */
  non-sealed interface Client extends HttpStream {
    /** Sends the head of the request. */
    void sendHead(RequestHead head, boolean endStream);
  }

  /** What a stream receives. */
  interface Events {
    /** A part of the body, lent for the call: what is not taken out is released. */
    void onData(Body data, boolean endStream);

    /** The trailers: the end. */
    void onTrailers(Headers trailers);

    /** The stream ended without its regular end; nothing follows. */
    void onReset(ResetReason reason);

    /** The peer takes more of what we send, or not. */
    void onWritabilityChanged(boolean writable);
  }

  /** What comes from a client, after the head that made the stream. */
  interface ServerEvents extends Events {}

  /** What comes back for a request that was sent. */
  interface ClientEvents extends Events {
    /** A 1xx response. */
    void onInformational(ResponseHead head);

    /** The head of the final response. */
    void onHead(ResponseHead head, boolean endStream);
  }
}
