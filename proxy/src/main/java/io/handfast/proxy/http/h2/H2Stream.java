package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.frame.Payload;
import io.handfast.proxy.http.h2.hpack.FieldSection;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What both ends of a stream share: what was received and waits for its owner, and the flow control
 * of that direction. What is sent is in its {@link SendQueue}. Confined to the connection's loop.
 *
 * <pre>
 *             receiveHeaders / newStream
 *   (none) ──────────────────────────────► open
 *   open ── END_STREAM received ──► remoteEnded ── END_STREAM sent ──► closed
 *   open ── END_STREAM sent ──────► endSent ────── END_STREAM received ──► closed
 *   any  ── RST_STREAM either way, connection closed ──► closed
 * </pre>
 */
abstract class H2Stream {
  final H2Connection connection;
  private final SendQueue sending;
  private final Window window;
  private final Body chunk = new Body();
  private final Body inbox = new Body();
  private @Nullable Headers trailers;
  private int id;
  private long expectedLength = Heads.NO_LENGTH;
  private long receivedLength;
  private boolean remoteEnded;
  private boolean endDelivered;
  private boolean readingStopped;
  private boolean delivering;
  private boolean closed;
  private boolean tunnel;

  H2Stream(H2Connection connection) {
    this.connection = connection;
    this.window = new Window(connection.options().initialStreamWindowBytes());
    this.sending = new SendQueue(this);
  }

  /** Who is told what is received; null if nobody is any more. */
  abstract HttpStream.@Nullable Events receiver();

  /** END_STREAM has gone out. */
  abstract void onEndSent();

  /** The stream is over without its regular end. */
  abstract void fail(ResetReason reason);

  /** The peer has reset it. */
  abstract void onRemoteReset(long code);

  final int id() {
    return id;
  }

  final void id(int streamId) {
    id = streamId;
  }

  final SendQueue sending() {
    return sending;
  }

  final boolean isClosed() {
    return closed;
  }

  final boolean remoteEnded() {
    return remoteEnded;
  }

  /** Forgets what waits to be sent; what was received stays for its owner. */
  final void detach() {
    closed = true;
    sending.discard();
  }

  /** Forgets everything. */
  final void discard() {
    detach();
    dropReceived();
    trailers = null;
    endDelivered = true;
  }

  /** Nobody is left to take what was received: the connection's window is open to others again. */
  final void dropReceived() {
    connection.taken(null, (int) inbox.readableBytes());
    inbox.clear();
  }

  final void expectLength(long length) {
    expectedLength = length;
  }

  /** Behind the heads there is only DATA, and each side ends its own direction. */
  final void openTunnel() {
    tunnel = true;
    expectedLength = Heads.NO_LENGTH;
  }

  final boolean isTunnel() {
    return tunnel;
  }

  // ---- what is received

  final void receiveData(Payload payload, int flowBytes, boolean end) throws H2Exception {
    int bytes = payload.length();
    if (!window.receive(flowBytes)) {
      connection.taken(null, flowBytes);
      throw H2Exception.stream(
          id, H2Error.FLOW_CONTROL_ERROR, "DATA: beyond the stream's window (expected: within)");
    }
    connection.taken(this, flowBytes - bytes); // padding
    receivedLength += bytes;
    boolean tooLong = expectedLength >= 0 && receivedLength > expectedLength;
    if (tooLong || (end && expectedLength >= 0 && receivedLength != expectedLength)) {
      connection.taken(null, bytes);
      throw Heads.malformed(id, "body of another length than content-length");
    }
    remoteEnded |= end;
    if (bytes > 0) {
      chunk.add(payload.keep());
      if (readingStopped || !inbox.isEmpty()) {
        chunk.keepIn(inbox, connection.alloc());
      }
    }
    deliver();
    connection.checkDone(this);
  }

  /** Trailers: they must be the end. */
  final void receiveTrailers(FieldSection section, boolean endStream) throws H2Exception {
    if (!endStream || tunnel) {
      throw Heads.malformed(id, "HEADERS behind the head, and not the end, or in a tunnel");
    }
    Headers fields = Heads.trailers(id, section);
    if (section.isTooLarge()) {
      throw Heads.malformed(id, "trailers too large");
    }
    connection.stats().trailers.inc();
    receiveEnd(fields.isEmpty() ? null : fields);
  }

  /** The end, with trailers or without. */
  final void receiveEnd(@Nullable Headers fields) throws H2Exception {
    if (expectedLength >= 0 && receivedLength != expectedLength) {
      throw Heads.malformed(id, "body of another length than content-length");
    }
    remoteEnded = true;
    trailers = fields;
    deliver();
    connection.checkDone(this);
  }

  /** The head was the whole message. */
  final void endedWithHead() {
    remoteEnded = true;
    endDelivered = true;
  }

  private void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    try {
      while (!readingStopped && !endDelivered && receiver() != null && deliverNext()) {
        // One part after the other, until the owner wants no more.
      }
      if (receiver() == null) {
        connection.taken(null, (int) (chunk.readableBytes() + inbox.readableBytes()));
        chunk.clear();
        inbox.clear();
      }
    } finally {
      delivering = false;
    }
  }

  private boolean deliverNext() {
    HttpStream.Events receiver = receiver();
    ByteBuf next = chunk.isEmpty() ? inbox.poll() : null;
    if (next != null) {
      chunk.add(next);
    }
    int bytes = (int) chunk.readableBytes();
    boolean last = remoteEnded && inbox.isEmpty();
    Headers fields = trailers;
    if (receiver == null || (bytes == 0 && !last)) {
      return false;
    }
    if (bytes > 0 || fields == null) {
      endDelivered = last && fields == null;
      receiver.onData(chunk, endDelivered);
      chunk.clear();
      connection.taken(closed ? null : this, bytes);
    } else {
      endDelivered = true;
      trailers = null;
      receiver.onTrailers(fields);
    }
    return true;
  }

  /** So much was taken: the peer may send as much again, if it sends at all. */
  final void giveBack(int bytes) {
    int increment = remoteEnded || closed ? 0 : window.take(bytes);
    if (increment > 0) {
      connection.frames().windowUpdate(id, increment);
    }
  }

  // ---- the half of HttpStream that both sides share

  public final void stopReading() {
    readingStopped = true;
  }

  public final void resumeReading() {
    if (readingStopped) {
      readingStopped = false;
      deliver();
    }
  }

  public final boolean isWritable() {
    return sending.isWritable();
  }
}
