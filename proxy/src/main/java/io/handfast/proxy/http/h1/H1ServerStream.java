package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.field.FieldRules;
import io.handfast.proxy.http.field.WebSocketKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request of a client and its response. Calls after its end do nothing. */
final class H1ServerStream implements HttpStream.Server {
  private final H1ServerConnection connection;
  private final HttpProtocol protocol;
  private final boolean isHead;
  private final Tunnel asked;
  private final @Nullable String upgrade;
  private final @Nullable String webSocketKey;
  private final BodyWriter writer;
  private HttpStream.@Nullable ServerEvents events;
  private boolean keepAlive;
  private boolean readingStopped;
  private boolean headSent;
  private boolean tunnel;
  private boolean requestEnded;
  private boolean responseEnded;
  private boolean ended;

  H1ServerStream(H1ServerConnection connection, RequestHead head, boolean keepAlive) {
    this.connection = connection;
    this.protocol = head.protocol();
    this.isHead = head.isHead();
    this.asked = head.tunnel();
    this.upgrade = head.upgrade();
    this.webSocketKey = head.headers().get(WebSocketKey.FIELD);
    this.keepAlive = keepAlive;
    this.writer = new BodyWriter(connection);
  }

  void start(RequestHandler handler, RequestHead head, boolean endStream) {
    HttpStream.ServerEvents receiver = handler.onRequest(this, head, endStream);
    if (!ended) {
      events = receiver;
    }
  }

  void receive(Body data, boolean end, @Nullable Headers trailers) {
    HttpStream.ServerEvents receiver = events;
    if (receiver == null) {
      return;
    }
    if (trailers == null) {
      receiver.onData(data, end);
      return;
    }
    if (!data.isEmpty()) {
      receiver.onData(data, false);
    }
    if (!ended) {
      receiver.onTrailers(trailers);
    }
  }

  void fail(ResetReason reason) {
    HttpStream.ServerEvents receiver = events;
    ended = true;
    events = null;
    if (receiver != null) {
      receiver.onReset(reason);
    }
  }

  void writabilityChanged(boolean writable) {
    if (events != null) {
      events.onWritabilityChanged(writable);
    }
  }

  boolean readingStopped() {
    return readingStopped;
  }

  boolean headSent() {
    return headSent;
  }

  boolean endsAtClose() {
    return writer.framing() == BodyWriter.Framing.TO_CLOSE;
  }

  @Override
  public void sendInformational(ResponseHead head) {
    if (ended || headSent || protocol == HttpProtocol.HTTP_1_0) {
      return;
    }
    FieldRules.removeHopByHop(head.headers());
    HeadWriter out = connection.lines().statusLine(protocol, head.status()).fields(head.headers());
    connection.write(out.end(), 0);
  }

  /** The client has ended its direction of a tunnel. */
  void inputEnded() {
    HttpStream.ServerEvents receiver = events;
    if (!tunnel || requestEnded || receiver == null) {
      return;
    }
    requestEnded = true;
    receiver.onData(new Body(), true);
    endTunnel();
  }

  private void endTunnel() {
    if (requestEnded && responseEnded && !ended) {
      ended = true;
      events = null;
      connection.onTunnelEnd(this);
    }
  }

  private void openTunnel(ResponseHead head) {
    tunnel = true;
    keepAlive = false;
    writer.begin(BodyWriter.Framing.TO_CLOSE, 0);
    Headers headers = head.headers();
    FieldRules.removeHopByHop(headers);
    headers.remove("content-length"); // RFC 9110 section 8.6: none where there is no content
    if (webSocketKey != null && "websocket".equalsIgnoreCase(upgrade)) {
      // An endpoint with HTTP/2 has not answered the key: it need not have seen one (RFC 8441).
      WebSocketKey.accept(headers, webSocketKey);
    }
    HeadWriter out = connection.lines().statusLine(protocol, head.status()).fields(headers);
    if (upgrade != null) {
      out.upgrade(upgrade);
    }
    connection.write(out.end(), 0);
    connection.onTunnel();
  }

  @Override
  public void sendHead(ResponseHead head, boolean endStream) {
    if (ended) {
      return;
    }
    headSent = true;
    if (asked.isOpenedBy(head) && !endStream) {
      openTunnel(head);
      return;
    }
    // What a client sends behind a CONNECT that failed may be meant for the tunnel.
    keepAlive &= asked != Tunnel.CONNECT;
    Headers headers = head.headers();
    FieldRules.removeHopByHop(headers);
    boolean addsZero = frame(head, endStream);
    keepAlive &= !connection.draining() && !endsAtClose();
    // A response of known length that begins before its request has ended is likely to be over
    // before it: that leaves the connection in the middle of a body, and the client is told so.
    keepAlive &= connection.requestDone() || writer.framing() == BodyWriter.Framing.CHUNKED;
    HeadWriter out = connection.lines().statusLine(protocol, head.status()).fields(headers);
    if (addsZero) {
      out.field("content-length", "0");
    }
    if (writer.framing() == BodyWriter.Framing.CHUNKED) {
      out.field("transfer-encoding", "chunked");
    }
    if (!keepAlive || draining()) {
      out.field("connection", "close");
    } else if (protocol == HttpProtocol.HTTP_1_0) {
      out.field("connection", "keep-alive");
    }
    connection.write(out.end(), writer.roomBehindHead());
    if (endStream) {
      end();
    }
  }

  private boolean draining() {
    if (connection.draining()) {
      keepAlive = false;
    }
    return !keepAlive;
  }

  /** Decides the framing; says whether an explicit length of zero is to be written. */
  private boolean frame(ResponseHead head, boolean endStream) {
    Headers headers = head.headers();
    if (isHead || head.hasNoBody()) {
      if (head.status() == 204 || head.status() < 200) {
        headers.remove("content-length");
      }
      writer.begin(BodyWriter.Framing.NONE, 0);
      return false;
    }
    String length = headers.get("content-length");
    if (length != null) {
      writer.begin(BodyWriter.Framing.LENGTH, Lengths.parse(length));
      return false;
    }
    if (endStream) {
      writer.begin(BodyWriter.Framing.NONE, 0);
      return true;
    }
    boolean http10 = protocol == HttpProtocol.HTTP_1_0;
    writer.begin(http10 ? BodyWriter.Framing.TO_CLOSE : BodyWriter.Framing.CHUNKED, 0);
    return false;
  }

  @Override
  public void drainConnection() {
    connection.drain();
  }

  @Override
  public boolean canSendTrailers(ResponseHead head) {
    return protocol == HttpProtocol.HTTP_1_1
        && !isHead
        && !head.hasNoBody()
        && !head.headers().contains("content-length");
  }

  @Override
  public void whenDelivered(Consumer<Boolean> told) {
    connection.whenFlushed(told);
  }

  @Override
  public void sendData(Body data, boolean endStream) {
    if (ended) {
      data.clear();
    } else if (!writer.data(data, endStream)) {
      reset(ResetReason.PROTOCOL_ERROR);
    } else if (endStream && tunnel) {
      responseEnded = true;
      connection.endOutput();
      endTunnel();
    } else if (endStream) {
      end();
    }
  }

  @Override
  public void sendTrailers(Headers trailers) {
    if (ended) {
      return;
    }
    FieldRules.cleanTrailers(trailers, false);
    if (writer.trailers(trailers)) {
      end();
    } else {
      reset(ResetReason.PROTOCOL_ERROR);
    }
  }

  private void end() {
    ended = true;
    events = null;
    connection.onResponseEnd(this, keepAlive);
  }

  @Override
  public void reset(ResetReason reason) {
    if (!ended) {
      ended = true;
      events = null;
      connection.onLocalReset(this);
    }
  }

  @Override
  public void stopReading() {
    readingStopped = true;
  }

  @Override
  public void resumeReading() {
    if (readingStopped) {
      readingStopped = false;
      connection.resumeProcessing();
    }
  }

  @Override
  public boolean isWritable() {
    return connection.isWritable();
  }
}
