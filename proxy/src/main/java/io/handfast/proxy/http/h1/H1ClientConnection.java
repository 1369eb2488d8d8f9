package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.field.FieldRules;
import io.handfast.proxy.stats.ClusterStats;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 connection to an endpoint: one stream at a time, used again if both messages ended in
 * order. A raw one speaks nothing: it is the far end of a CONNECT, whose tunnel is open with the
 * connection.
 */
public final class H1ClientConnection extends H1Connection implements ClientConnection {
  private final ClientConnection.Listener listener;
  private final ClusterStats stats;
  private final boolean allTrailers;
  private final boolean raw;
  private final HeadBlock block = new HeadBlock(H1Limits.RESPONSE);
  private final StatusLine statusLine = new StatusLine();
  private final BodyDecoder body = new BodyDecoder(block);
  private @Nullable H1ClientStream stream;
  private boolean headDone;
  private boolean reusable;
  private boolean draining;
  private boolean processing;
  private boolean tunnelEndTold;

  /**
   * A connection that is about to be added to a channel's pipeline.
   *
   * @param allTrailers let trailers through that are not the mesh's own
   */
  public H1ClientConnection(
      ClientConnection.Listener listener, ClusterStats stats, boolean allTrailers) {
    this(listener, stats, allTrailers, false);
  }

  private H1ClientConnection(
      ClientConnection.Listener listener, ClusterStats stats, boolean allTrailers, boolean raw) {
    this.listener = listener;
    this.stats = stats;
    this.allTrailers = allTrailers;
    this.raw = raw;
  }

  /** One that carries bytes only; otherwise as any. */
  public static H1ClientConnection raw(ClientConnection.Listener listener, ClusterStats stats) {
    return new H1ClientConnection(listener, stats, false, true);
  }

  boolean isRaw() {
    return raw;
  }

  @Override
  public HttpStream.Client newStream(HttpStream.ClientEvents events) {
    if (stream != null) {
      throw new IllegalStateException("stream: one is open (expected: none)");
    }
    H1ClientStream next = new H1ClientStream(this, events);
    stream = next;
    headDone = false;
    reusable = true;
    return next;
  }

  @Override
  void process() {
    if (processing) {
      return;
    }
    processing = true;
    try {
      boolean progress = true;
      while (progress) {
        H1ClientStream current = stream;
        if (current == null) {
          refuseUnsolicited();
          progress = false;
        } else if (current.readingStopped()) {
          progress = false;
        } else {
          progress = headDone ? readBody(current) : readHead(current);
        }
      }
    } catch (H1Exception refusal) {
      chunk.clear();
      stats.cxProtocolError.inc();
      abandon(ResetReason.PROTOCOL_ERROR);
    } finally {
      processing = false;
    }
    if (inputClosed()) {
      endOfInput();
    }
    updateReading();
  }

  /**
   * Bytes behind the end of a response would be taken for the answer to somebody else's request.
   */
  private void refuseUnsolicited() {
    if (in().isReadable()) {
      discardInput();
      if (!inputClosed()) {
        stats.cxProtocolError.inc();
        context().close();
      }
    }
  }

  private boolean readHead(H1ClientStream current) throws H1Exception {
    if (!block.isComplete(in(), false)) {
      return false;
    }
    statusLine.parse(block);
    Headers headers = block.fields();
    ResponseHead head = new ResponseHead(statusLine.status(), headers);
    boolean http10 = statusLine.protocol() == HttpProtocol.HTTP_1_0;
    reusable &= !http10 && !headers.containsToken("connection", "close");
    if (head.isUpgrade()) {
      Upgrades.checkAccepted(headers, current.upgrade());
    }
    if (current.asked().isOpenedBy(head)) {
      openTunnel(current, head);
      return true;
    }
    if (head.status() < 200) {
      FieldRules.removeHopByHop(headers);
      current.events().onInformational(head);
      return true;
    }
    frame(current, head, http10);
    current.onNoTunnel();
    FieldRules.removeHopByHop(headers);
    headDone = true;
    boolean end = body.isDone();
    if (end) {
      release(current);
    }
    current.events().onHead(head, end);
    return true;
  }

  /** From here on there are only bytes, whatever the head says about its content. */
  private void openTunnel(H1ClientStream current, ResponseHead head) {
    FieldRules.removeHopByHop(head.headers());
    head.headers().remove("content-length");
    allowHalfClose();
    body.untilClose();
    reusable = false;
    headDone = true;
    current.onTunnel();
    current.events().onHead(head, false);
  }

  /** The connection is the tunnel: that it is there is the answer. */
  void openRaw(H1ClientStream current) {
    if (stream == current) {
      openTunnel(current, ResponseHead.of(200));
      resumeProcessing();
    }
  }

  private void frame(H1ClientStream current, ResponseHead head, boolean http10) throws H1Exception {
    Headers headers = head.headers();
    boolean chunked = Framing.isChunked(headers, http10);
    long length = Framing.contentLength(headers);
    if (current.isHead() || head.hasNoBody()) {
      body.none();
    } else if (chunked) {
      body.chunked();
    } else if (length >= 0) {
      body.length(length);
    } else {
      body.untilClose();
      reusable = false;
    }
  }

  private boolean readBody(H1ClientStream current) throws H1Exception {
    body.decode(this, chunk);
    boolean end = body.isDone();
    if (chunk.isEmpty() && !end) {
      return false;
    }
    Headers trailers = end ? body.trailers() : null;
    if (trailers != null) {
      FieldRules.cleanTrailers(trailers, !allTrailers);
    }
    if (end) {
      release(current);
    }
    if (trailers == null || trailers.isEmpty()) {
      current.events().onData(chunk, end);
    } else {
      if (!chunk.isEmpty()) {
        current.events().onData(chunk, false);
      }
      current.events().onTrailers(trailers);
    }
    chunk.clear();
    return true;
  }

  /**
   * The response is complete: the connection is free before its end is told, for the next request
   * may come at once.
   */
  private void release(H1ClientStream current) {
    boolean again =
        reusable && !draining && current.requestEnded() && !in().isReadable() && !inputClosed();
    current.detach();
    stream = null;
    if (again) {
      listener.onAvailable(this);
    } else {
      context().close();
    }
  }

  /** The stream ends without its regular end, and the connection with it. */
  private void abandon(ResetReason reason) {
    H1ClientStream current = stream;
    stream = null;
    discardInput();
    context().close();
    if (current != null) {
      current.detach();
      current.events().onReset(reason);
    }
  }

  void onLocalReset(H1ClientStream ended) {
    if (stream == ended) {
      stream = null;
      if (ended.tunnel()) {
        abort();
      } else {
        context().close();
      }
      if (!processing) {
        discardInput();
      }
    }
  }

  private void endOfInput() {
    H1ClientStream current = stream;
    if (current == null || current.readingStopped()) {
      return;
    }
    if (current.tunnel()) {
      endOfTunnel(current);
    } else if (headDone && body.endsAtClose() && !cutOff()) {
      stream = null;
      current.detach();
      current.events().onData(chunk, true);
    } else if (headDone || in().isReadable()) {
      // What has begun and is not whole is a broken message, as in Envoy.
      stats.cxProtocolError.inc();
      abandon(ResetReason.PROTOCOL_ERROR);
    } else {
      abandon(ResetReason.CONNECTION_TERMINATION);
    }
  }

  /** The endpoint has ended its direction; ours goes on, unless the connection has broken off. */
  private void endOfTunnel(H1ClientStream current) {
    if (!inputEnded() || (tunnelEndTold && !context().channel().isActive())) {
      abandon(ResetReason.CONNECTION_TERMINATION);
    } else if (!tunnelEndTold) {
      tunnelEndTold = true;
      current.events().onData(chunk, true);
      closeTunnel(current);
    }
  }

  /** Closes when both directions have ended. */
  void closeTunnel(H1ClientStream current) {
    if (stream == current && tunnelEndTold && current.requestEnded()) {
      stream = null;
      current.detach();
      closeBehindOutput();
    }
  }

  @Override
  boolean wantsRead() {
    H1ClientStream current = stream;
    return current == null || !current.readingStopped();
  }

  @Override
  void onInactive() {
    if (stream == null) {
      discardInput();
    } else {
      stats.cxDestroyWithActiveRq.inc();
    }
    listener.onClosed(this);
  }

  @Override
  void onWritability(boolean writable) {
    if (stream != null) {
      stream.events().onWritabilityChanged(writable);
    }
  }

  @Override
  public HttpProtocol protocol() {
    return HttpProtocol.HTTP_1_1;
  }

  @Override
  public int openStreams() {
    return stream == null ? 0 : 1;
  }

  @Override
  public int freeStreams() {
    return stream == null && !draining && context().channel().isActive() ? 1 : 0;
  }

  @Override
  public void drain() {
    draining = true;
    if (stream == null) {
      context().close();
    }
  }

  @Override
  public SocketAddress remote() {
    return context().channel().remoteAddress();
  }

  @Override
  public SocketAddress local() {
    return context().channel().localAddress();
  }

  @Override
  public void close() {
    context().close();
  }

  @Override
  void countReceived(int bytes) {
    stats.cxRxBytes.add(bytes);
  }

  @Override
  void countSent(int bytes) {
    stats.cxTxBytes.add(bytes);
  }
}
