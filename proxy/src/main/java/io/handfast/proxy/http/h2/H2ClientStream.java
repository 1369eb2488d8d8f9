package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.field.FieldRules;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.hpack.FieldSection;
import io.handfast.proxy.http.h2.hpack.HeaderEncoder;
import org.jspecify.annotations.Nullable;

/** One request to an endpoint and its response. Calls after its end do nothing. */
final class H2ClientStream extends H2Stream implements HttpStream.Client {
  private final H2ClientConnection client;
  private HttpStream.@Nullable ClientEvents events;
  private Tunnel asked = Tunnel.NONE;
  private boolean isHead;
  private boolean headSent;
  private boolean headReceived;

  H2ClientStream(H2ClientConnection connection, HttpStream.ClientEvents events) {
    super(connection);
    this.client = connection;
    this.events = events;
  }

  boolean headReceived() {
    return headReceived;
  }

  @Override
  HttpStream.@Nullable Events receiver() {
    return events;
  }

  @Override
  public void sendHead(RequestHead head, boolean endStream) {
    if (headSent || isClosed()) {
      return;
    }
    asked = head.tunnel();
    String upgrade = head.upgrade();
    if (upgrade != null && !(client.takesConnectProtocol() && head.method().equals("GET"))) {
      refuseUpgrade();
      return;
    }
    headSent = true;
    isHead = head.isHead();
    client.open(this);
    HeaderEncoder encoder = connection.frames().encoder();
    encoder.pseudo(":method", upgrade == null ? head.method() : "CONNECT");
    if (upgrade != null) {
      encoder.pseudo(":protocol", upgrade);
    }
    if (asked != Tunnel.CONNECT) {
      encoder.pseudo(":scheme", head.scheme()).pseudo(":path", head.path());
    }
    if (!head.authority().isEmpty()) {
      encoder.pseudo(":authority", head.authority());
    }
    if (asked != Tunnel.NONE) {
      head.headers().remove("content-length");
    }
    if (endStream) {
      sending().endWithHead();
    }
    connection.frames().headers(id(), head.headers(), endStream);
  }

  /**
   * The endpoint has not offered extended CONNECT, or the request is none that it can carry (RFC
   * 8441); without the upgrade it would be another request.
   */
  private void refuseUpgrade() {
    HttpStream.ClientEvents told = events;
    reset(ResetReason.PROTOCOL_ERROR);
    if (told != null) {
      told.onReset(ResetReason.PROTOCOL_ERROR);
    }
  }

  @Override
  public void sendData(Body data, boolean endStream) {
    sending().data(data, endStream);
  }

  @Override
  public void sendTrailers(Headers trailers) {
    FieldRules.cleanTrailers(trailers, false);
    sending().trailers(trailers);
  }

  void receiveHead(FieldSection section, boolean endStream) throws H2Exception {
    if (section.isTooLarge()) {
      throw Heads.malformed(id(), "headers too large");
    }
    ResponseHead head = Heads.response(id(), section);
    HttpStream.ClientEvents told = events;
    if (head.status() < 200) {
      if (endStream) {
        throw Heads.malformed(id(), "the end behind a status of 1xx");
      }
      if (told != null) {
        told.onInformational(head);
      }
      return;
    }
    headReceived = true;
    if (asked == Tunnel.UPGRADE && head.status() / 100 == 2) {
      head.status(101);
    }
    if (asked.isOpenedBy(head)) {
      receiveTunnel(head, endStream);
      return;
    }
    if (asked != Tunnel.NONE) {
      sending().data(new Body(), true); // the request was whole with its head
    }
    boolean bodyless = isHead || head.hasNoBody();
    long length = Heads.length(id(), head.headers());
    if (endStream && length > 0 && !bodyless) {
      throw Heads.malformed(id(), "no body where content-length says one");
    }
    expectLength(bodyless ? 0 : length);
    if (endStream) {
      endedWithHead();
      connection.checkDone(this);
    }
    if (told != null) {
      told.onHead(head, endStream);
    }
  }

  private void receiveTunnel(ResponseHead head, boolean endStream) throws H2Exception {
    HttpStream.ClientEvents told = events;
    openTunnel();
    head.headers().remove("content-length");
    if (told != null) {
      told.onHead(head, false);
    }
    if (endStream) {
      receiveEnd(null);
    }
  }

  @Override
  void onEndSent() {
    connection.checkDone(this);
  }

  @Override
  public void reset(ResetReason reason) {
    boolean unused = !headSent && !isClosed();
    events = null;
    if (unused) {
      detach();
      client.unused();
    } else {
      connection.resetStream(this, H2Error.of(reason));
    }
  }

  /** Behind a whole response it only says that the rest of the request is not wanted. */
  @Override
  void onRemoteReset(long code) {
    if (remoteEnded()) {
      detach();
      return;
    }
    if (code == H2Error.REFUSED_STREAM.code()) {
      connection.stats().streamRefusedErrors.inc();
    }
    discard();
    fail(H2Error.reason(code));
  }

  @Override
  void fail(ResetReason reason) {
    HttpStream.ClientEvents told = events;
    if (told != null && !remoteEnded()) {
      events = null;
      dropReceived();
      told.onReset(reason);
    }
  }
}
