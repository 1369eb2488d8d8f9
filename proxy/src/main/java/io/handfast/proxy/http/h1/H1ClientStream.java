package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.field.FieldRules;
import org.jspecify.annotations.Nullable;

/** One request to an endpoint and its response. Calls after its end do nothing. */
final class H1ClientStream implements HttpStream.Client {
  private final H1ClientConnection connection;
  private final HttpStream.ClientEvents events;
  private final BodyWriter writer;
  private Tunnel asked = Tunnel.NONE;
  private @Nullable String upgrade;
  private boolean tunnel;
  private boolean isHead;
  private boolean requestEnded;
  private boolean readingStopped;
  private boolean detached;

  H1ClientStream(H1ClientConnection connection, HttpStream.ClientEvents events) {
    this.connection = connection;
    this.events = events;
    this.writer = new BodyWriter(connection);
  }

  HttpStream.ClientEvents events() {
    return events;
  }

  boolean isHead() {
    return isHead;
  }

  boolean requestEnded() {
    return requestEnded;
  }

  boolean readingStopped() {
    return readingStopped;
  }

  void detach() {
    detached = true;
  }

  /** What was asked for in place of a message. */
  Tunnel asked() {
    return asked;
  }

  /** The protocol that was asked for; null if none was. */
  @Nullable String upgrade() {
    return upgrade;
  }

  /** Whether there are only bytes any more. */
  boolean tunnel() {
    return tunnel;
  }

  void onTunnel() {
    tunnel = true;
    writer.begin(BodyWriter.Framing.TO_CLOSE, 0);
  }

  /** There will be no tunnel: the request was whole with its head. */
  void onNoTunnel() {
    requestEnded |= asked != Tunnel.NONE;
  }

  @Override
  public void sendHead(RequestHead head, boolean endStream) {
    if (detached) {
      return;
    }
    asked = head.tunnel();
    if (connection.isRaw()) {
      connection.openRaw(this);
      return;
    }
    isHead = head.isHead();
    Headers headers = head.headers();
    FieldRules.removeHopByHop(headers);
    if (asked != Tunnel.NONE) {
      headers.remove("content-length");
    }
    HeadWriter out = connection.lines().requestLine(head).fields(headers);
    upgrade = head.upgrade();
    if (upgrade != null) {
      out.upgrade(upgrade);
    } else if (asked == Tunnel.NONE) {
      frame(head, endStream, out);
    }
    connection.write(out.end(), writer.roomBehindHead());
    requestEnded = endStream;
  }

  private void frame(RequestHead head, boolean endStream, HeadWriter out) {
    String length = head.headers().get("content-length");
    if (length != null) {
      writer.begin(BodyWriter.Framing.LENGTH, Lengths.parse(length));
    } else if (endStream) {
      writer.begin(BodyWriter.Framing.NONE, 0);
      switch (head.method()) {
        case "POST", "PUT", "PATCH" -> out.field("content-length", "0");
        default -> {
          // Other methods have no body unless they say so.
        }
      }
    } else {
      writer.begin(BodyWriter.Framing.CHUNKED, 0);
      out.field("transfer-encoding", "chunked");
    }
  }

  @Override
  public void sendData(Body data, boolean endStream) {
    if (detached) {
      data.clear();
      return;
    }
    requestEnded |= endStream;
    if (!writer.data(data, endStream)) {
      fail();
    } else if (tunnel && endStream) {
      connection.endOutput();
      connection.closeTunnel(this);
    }
  }

  @Override
  public void sendTrailers(Headers trailers) {
    if (detached) {
      return;
    }
    FieldRules.cleanTrailers(trailers, false);
    requestEnded = true;
    if (!writer.trailers(trailers)) {
      fail();
    }
  }

  /** The body does not have the length that its head says. */
  private void fail() {
    reset(ResetReason.PROTOCOL_ERROR);
    events.onReset(ResetReason.PROTOCOL_ERROR);
  }

  @Override
  public void reset(ResetReason reason) {
    if (!detached) {
      detach();
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
