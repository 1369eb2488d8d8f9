package io.handfast.proxy.http;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.runtime.Dispatcher;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one filter sees of its stream, and how it acts on it from its place in the chain.
 *
 * <p>Confined to the stream's event loop; only {@link #execute} may be called from elsewhere. After
 * the end of the stream every action does nothing, so that a late callback needs no check of its
 * own.
 */
public interface HttpFilterContext {
  /** Facts about this stream, as far as they are known. */
  StreamInfo info();

  /** Facts about the client's connection. */
  ConnectionInfo connection();

  /** The head of the request, with the changes that filters have made so far. */
  RequestHead requestHead();

  /** The head of the final response as far as it has come, or null before it. */
  @Nullable ResponseHead responseHead();

  /**
   * The route of the request; null if none matched (the router then answers 404). Matched once,
   * before the first filter.
   */
  @Nullable Route route();

  /**
   * What weighted cluster, route, virtual host and route table change in the header fields. The
   * router applies it to what it forwards; to a local reply it is applied without further ado.
   */
  HeaderChanges headerChanges();

  /**
   * What the route says for this filter ({@code typed_per_filter_config}), as the filter's parser
   * made it; null if it says nothing.
   */
  @Nullable Object routeConfig();

  /**
   * The cluster that the route chose, with its metadata; null without a route, for redirects and
   * direct responses, and if there is no such cluster.
   */
  @Nullable ClusterConfig cluster();

  /** The event loop of this stream. */
  Dispatcher dispatcher();

  /**
   * Runs the task on the stream's event loop if the stream is then still there; may be called from
   * any thread.
   */
  void execute(Runnable task);

  /** Runs the task after that delay if the stream is then still there. */
  Dispatcher.Timer schedule(Duration delay, Runnable task);

  /**
   * Lets go on what was paused or held here of the request. Inside one of this filter's own request
   * calls it has the same effect once the call returns. Does nothing if nothing is held.
   */
  void resumeRequest();

  /** As {@link #resumeRequest}, for the response. */
  void resumeResponse();

  /**
   * How many bytes of the request may be held here; from now on. By default the buffer limit of the
   * listener.
   */
  void limitHeldRequest(long bytes);

  /**
   * How many bytes of the response may be held here; from now on. By default the buffer limit of
   * the listener.
   */
  void limitHeldResponse(long bytes);

  /** What is held here of the request's body. May be read, changed and cleared while it is held. */
  Body heldRequest();

  /**
   * What is held here of the response's body. May be read, changed and cleared while it is held.
   */
  Body heldResponse();

  /**
   * Trailers that go behind the end of the request: a message without trailers gets them, to others
   * they are added. May be filled until the end has left this filter, that is also in the call that
   * shows the end.
   */
  Headers addedRequestTrailers();

  /**
   * As {@link #addedRequestTrailers}, for the response; the filters nearer to the client see them.
   */
  Headers addedResponseTrailers();

  /**
   * Whether trailers of a response with that head would reach the client: not in HTTP/1.0, to HEAD,
   * with status 204 and 304, nor, in HTTP/1.1, with a {@code content-length}.
   */
  boolean canSendResponseTrailers(ResponseHead head);

  /**
   * Answers in place of everything behind this filter: the reply passes the filters nearer to the
   * client as any response. What this filter and those behind it hold of the response is dropped,
   * those behind it are told ({@link HttpFilter#onBypassed}), and the rest of the request is not
   * shown to them. If the head of the response has left this filter already, the stream is reset.
   */
  void sendLocalReply(LocalReply reply);

  /**
   * As {@link #sendLocalReply}, streamed: what is given to the sink is shown first to the next
   * filter nearer to the client. For the router and filters like it.
   */
  ResponseSink responseSink();

  /**
   * What became of a response that was sent to its end ({@link StreamInfo#responseComplete}): true
   * once the client's socket has all of it, false if the client went before. Told once, on the
   * stream's event loop, perhaps within the call; for {@link HttpFilter#onStreamEnd}.
   */
  void whenDelivered(Consumer<Boolean> told);

  /** Ends the stream on both sides at once, without a response if none has begun. */
  void reset(ResetReason reason);

  /**
   * Nothing of this request may be sent a second time, whatever the route says about retries
   * (connect failures and streams that HTTP/2 refused excepted: there nobody has looked at it).
   */
  void forbidRetry();

  /** Whether {@link #forbidRetry} was called on this stream. */
  boolean retryForbidden();
}
