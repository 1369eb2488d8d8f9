package io.handfast.proxy.postgres;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The server's answers until it is ready for the client. All pass as they are but two: of the
 * mechanisms of SASL that it offers {@code SCRAM-SHA-256-PLUS} is left out, for that binds the
 * login to the certificate of the TLS connection on which it is made, and TLS ends here: there are
 * two. A server that speaks TLS offers it, and a client without TLS takes it for an attack. So does
 * a server that hears from a client that it could have bound (RFC 5802, gs2-cbind-flag "y"), which
 * nobody in between can change: to its error is added what the client has to be told. What the
 * server says when it does not let the client in is kept for whoever looks for it.
 *
 * <p>Confined to the connection's loop. Bound: {@link #MAX_HELD} of a message of authentication; a
 * longer one passes as it is.
 */
final class Authentication {
  private static final int MAX_HELD = 10_000;
  private static final int MAX_SAID = 500;
  private static final int SQL_STATE = 5;
  private static final int HEADER = 5;
  private static final int SASL = 10;
  private static final byte READY = 'Z';
  private static final String BOUND = "SCRAM-SHA-256-PLUS";

  /** As PostgreSQL says it in English. */
  private static final byte[] NEGOTIATION =
      "SCRAM channel binding negotiation error".getBytes(US_ASCII);

  /** The hint, and what ends the fields. */
  private static final byte[] HINT =
      ("HTLS ends at the sidecar, on both sides, so nothing can be bound to it: connect to the"
              + " sidecar without TLS, or set channel_binding=disable (of libpq), or"
              + " channelBinding=disable (of pgjdbc).\0\0")
          .getBytes(US_ASCII);

  /** Why the server does not let the client in, in its words. */
  record Failure(String sqlState, String message) {}

  private @Nullable ByteBuf held;
  private long passing;
  private boolean over;
  private @Nullable Failure failure;

  /** Whether the server is ready for the client: nothing is looked at any more. */
  boolean isOver() {
    return over;
  }

  /** An error that the server has sent since; null if it has not. */
  @Nullable Failure takeFailure() {
    Failure taken = failure;
    failure = null;
    return taken;
  }

  /**
   * What the client gets of what the server has sent; null if it is nothing yet.
   *
   * @param bytes taken over
   */
  @Nullable ByteBuf fromServer(ByteBuf bytes, ByteBufAllocator alloc) {
    ByteBuf in = joined(bytes, alloc);
    ByteBuf out = alloc.buffer(in.readableBytes());
    while (in.isReadable() && (passing > 0 || hasMessage(in))) {
      if (passing > 0 || over) {
        int count = over ? in.readableBytes() : (int) Math.min(passing, in.readableBytes());
        passing -= Math.min(passing, count);
        out.writeBytes(in, count);
      } else {
        message(in, out);
      }
    }
    if (in.isReadable()) {
      held = in;
    } else {
      in.release();
    }
    if (out.isReadable()) {
      return out;
    }
    out.release();
    return null;
  }

  private ByteBuf joined(ByteBuf bytes, ByteBufAllocator alloc) {
    ByteBuf before = held;
    if (before == null) {
      return bytes;
    }
    held = null;
    ByteBuf all = alloc.buffer(before.readableBytes() + bytes.readableBytes());
    all.writeBytes(before).writeBytes(bytes);
    before.release();
    bytes.release();
    return all;
  }

  /** Whether what comes next can be decided on. */
  private boolean hasMessage(ByteBuf in) {
    if (over) {
      return true;
    }
    if (in.readableBytes() < HEADER) {
      return false;
    }
    int length = in.getInt(in.readerIndex() + 1);
    boolean whole = in.readableBytes() > length;
    return !isLookedAt(in.getByte(in.readerIndex()), length) || whole;
  }

  private static boolean isLookedAt(byte type, int length) {
    return (type == 'R' || type == 'E') && length >= 8 && length <= MAX_HELD;
  }

  private void message(ByteBuf in, ByteBuf out) {
    int start = in.readerIndex();
    int length = in.getInt(start + 1);
    byte type = in.getByte(start);
    if (type == READY) {
      over = true;
      return;
    }
    if (!isLookedAt(type, length)) {
      passing = Math.max(length, 4) + 1L;
      return;
    }
    if (type == 'E') {
      error(in.readSlice(length + 1), out);
      return;
    }
    int kind = in.getInt(start + HEADER);
    if (kind == SASL) {
      mechanisms(in.skipBytes(HEADER + 4).readSlice(length - 8), out);
    } else {
      out.writeBytes(in, length + 1);
    }
  }

  private static void mechanisms(ByteBuf names, ByteBuf out) {
    int start = out.writerIndex();
    out.writeByte('R').writeInt(0).writeInt(SASL);
    for (int end = names.bytesBefore((byte) 0); end >= 0; end = names.bytesBefore((byte) 0)) {
      String name = names.toString(names.readerIndex(), end, US_ASCII);
      ByteBuf bytes = names.readSlice(end + 1);
      if (!name.equals(BOUND)) {
        out.writeBytes(bytes);
      }
    }
    out.writeBytes(names);
    out.setInt(start + 1, out.writerIndex() - start - 1);
  }

  private void error(ByteBuf message, ByteBuf out) {
    failure = new Failure(field(message, 'C', SQL_STATE), field(message, 'M', MAX_SAID));
    if (ByteBufUtil.indexOf(Unpooled.wrappedBuffer(NEGOTIATION), message) < 0) {
      out.writeBytes(message);
      return;
    }
    int start = out.writerIndex();
    out.writeBytes(message, message.readableBytes() - 1).writeBytes(HINT);
    out.setInt(start + 1, out.writerIndex() - start - 1);
  }

  /** Of an error, and no more of it than people read; empty if it has none. */
  private static String field(ByteBuf message, char name, int limit) {
    int at = message.readerIndex() + HEADER;
    while (at < message.writerIndex()) {
      int end = message.indexOf(at, message.writerIndex(), (byte) 0);
      if (end <= at) {
        return "";
      }
      if (message.getByte(at) == name) {
        return message.toString(at + 1, Math.min(end - at - 1, limit), UTF_8);
      }
      at = end + 1;
    }
    return "";
  }

  /** Nothing more comes. */
  void close() {
    ByteBuf left = held;
    if (left != null) {
      held = null;
      left.release();
    }
  }
}
