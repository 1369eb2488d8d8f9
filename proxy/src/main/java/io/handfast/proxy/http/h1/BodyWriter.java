package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Writes the body of one message in its framing. Confined to the connection's loop. */
final class BodyWriter {
  /** How the end of the body is told. */
  enum Framing {
    NONE,
    LENGTH,
    CHUNKED,
    TO_CLOSE
  }

  /** A body of so many bytes costs less to be copied behind its head than to be sent beside it. */
  private static final int SMALL_BYTES = 2048;

  /** Room for what stands around a chunk, with the last one's. */
  private static final int LINE_BYTES = 32;

  private final H1Connection connection;
  private Framing framing = Framing.NONE;
  private long remaining;

  BodyWriter(H1Connection connection) {
    this.connection = connection;
  }

  void begin(Framing next, long length) {
    framing = next;
    remaining = length;
  }

  Framing framing() {
    return framing;
  }

  /** For how many bytes of the body room is to be left behind its head. */
  int roomBehindHead() {
    return switch (framing) {
      case NONE, TO_CLOSE -> 0;
      case LENGTH -> remaining <= SMALL_BYTES ? (int) remaining : 0;
      case CHUNKED -> SMALL_BYTES;
    };
  }

  /**
   * Writes a part; empties the body.
   *
   * @return whether the message is still well-formed: false if it is longer than it said, or
   *     shorter at its end
   */
  boolean data(Body data, boolean end) {
    return switch (framing) {
      case NONE -> {
        data.clear();
        yield true;
      }
      case LENGTH -> length(data, end);
      case TO_CLOSE -> {
        slices(data);
        yield true;
      }
      case CHUNKED -> {
        chunk(data);
        if (end) {
          last(null);
        }
        yield true;
      }
    };
  }

  /** Writes trailers, or only the end where the framing has no room for them. */
  boolean trailers(Headers trailers) {
    if (framing == Framing.CHUNKED) {
      last(trailers);
      return true;
    }
    return framing != Framing.LENGTH || remaining == 0;
  }

  private boolean length(Body data, boolean end) {
    remaining -= data.readableBytes();
    if (remaining < 0) {
      data.clear();
      return false;
    }
    slices(data);
    return !end || remaining == 0;
  }

  private void chunk(Body data) {
    if (data.isEmpty()) {
      return;
    }
    HeadWriter lines = connection.lines();
    boolean small = data.readableBytes() <= SMALL_BYTES;
    connection.write(
        lines.chunkSize(data.readableBytes()),
        LINE_BYTES + (small ? (int) data.readableBytes() : 0));
    slices(data);
    connection.write(lines.end(), LINE_BYTES);
  }

  private void last(@Nullable Headers trailers) {
    HeadWriter lines = connection.lines().chunkSize(0);
    if (trailers != null) {
      lines.fields(trailers);
    }
    connection.write(lines.end(), 0);
  }

  private void slices(Body data) {
    for (ByteBuf slice = data.poll(); slice != null; slice = data.poll()) {
      connection.write(slice);
    }
  }
}
