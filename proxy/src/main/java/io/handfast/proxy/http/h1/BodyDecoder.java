package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.field.Chars;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the body of one message after the other: by length, chunked, or to the end of the
 * connection.
 *
 * <pre>
 *           length(n)                    chunked()
 * DONE ───────────────► FIXED   DONE ──────────────► CHUNK_SIZE ◄──────── CHUNK_END
 *   ▲                     │                            │    │  size &gt; 0      ▲
 *   └──── n bytes ────────┘        size 0 ┌────────────┘    └──► CHUNK_DATA ────┘
 *                                         ▼
 *                         DONE ◄────── TRAILERS          untilClose(): TO_CLOSE
 * </pre>
 */
final class BodyDecoder {
  /** Where the decoder is. */
  enum State {
    DONE,
    FIXED,
    CHUNK_SIZE,
    CHUNK_DATA,
    CHUNK_END,
    TRAILERS,
    TO_CLOSE
  }

  /** Hexadecimal digits of a chunk size, leading zeros included: no sum overflows. */
  private static final int MAX_CHUNK_SIZE_DIGITS = 15;

  private final HeadBlock block;
  private State state = State.DONE;
  private long remaining;
  private @Nullable Headers trailers;

  BodyDecoder(HeadBlock block) {
    this.block = block;
  }

  void none() {
    state = State.DONE;
    trailers = null;
  }

  void length(long bytes) {
    remaining = bytes;
    trailers = null;
    state = bytes == 0 ? State.DONE : State.FIXED;
  }

  void chunked() {
    trailers = null;
    state = State.CHUNK_SIZE;
  }

  void untilClose() {
    trailers = null;
    state = State.TO_CLOSE;
  }

  boolean isDone() {
    return state == State.DONE;
  }

  boolean endsAtClose() {
    return state == State.TO_CLOSE;
  }

  /** The trailers of the body that is done, or null. */
  @Nullable Headers trailers() {
    return trailers;
  }

  /** Moves as much as there is from the input to the body; to be called until neither changes. */
  void decode(H1Connection from, Body out) throws H1Exception {
    while (state != State.DONE) {
      boolean progress =
          switch (state) {
            case FIXED -> data(from, out, State.DONE);
            case CHUNK_DATA -> data(from, out, State.CHUNK_END);
            case CHUNK_SIZE -> chunkSize(from.in());
            case CHUNK_END -> chunkEnd(from.in());
            case TRAILERS -> trailers(from.in());
            case TO_CLOSE -> toClose(from, out);
            case DONE -> false;
          };
      if (!progress) {
        return;
      }
    }
  }

  private boolean data(H1Connection from, Body out, State next) {
    int count = (int) Math.min(remaining, from.in().readableBytes());
    if (count == 0) {
      return false;
    }
    out.add(from.take(count));
    remaining -= count;
    if (remaining == 0) {
      state = next;
    }
    return true;
  }

  private static boolean toClose(H1Connection from, Body out) {
    int count = from.in().readableBytes();
    if (count == 0) {
      return false;
    }
    out.add(from.take(count));
    return true;
  }

  private boolean chunkSize(ByteBuf in) throws H1Exception {
    int start = in.readerIndex();
    int lf = in.indexOf(start, in.writerIndex(), (byte) '\n');
    int length = lf < 0 ? in.readableBytes() : lf - start;
    if (length > H1Limits.MAX_CHUNK_LINE_BYTES) {
      throw badChunk(
          "line too long (expected: at most " + H1Limits.MAX_CHUNK_LINE_BYTES + " bytes)");
    }
    if (lf < 0) {
      return false;
    }
    if (length < 2 || in.getByte(lf - 1) != '\r') {
      throw badChunk("ends with LF (expected: size CRLF)");
    }
    remaining = size(in, start, lf - 1);
    in.readerIndex(lf + 1);
    state = remaining == 0 ? State.TRAILERS : State.CHUNK_DATA;
    return true;
  }

  private static long size(ByteBuf in, int start, int end) throws H1Exception {
    long size = 0;
    int at = start;
    for (int digit; at < end && (digit = Chars.hexDigit(in.getByte(at))) >= 0; at++) {
      size = (size << 4) | digit;
    }
    if (at == start || at - start > MAX_CHUNK_SIZE_DIGITS) {
      throw badChunk(
          "not a size (expected: 1 to " + MAX_CHUNK_SIZE_DIGITS + " hexadecimal digits)");
    }
    if (!ChunkExtensions.areValid(in, at, end)) {
      throw badChunk("something behind the size (expected: CRLF or extensions)");
    }
    return size;
  }

  private boolean chunkEnd(ByteBuf in) throws H1Exception {
    int readable = in.readableBytes();
    boolean fits =
        (readable < 1 || in.getByte(in.readerIndex()) == '\r')
            && (readable < 2 || in.getByte(in.readerIndex() + 1) == '\n');
    if (!fits) {
      throw badChunk("longer than its size (expected: CRLF behind the data)");
    }
    if (readable < 2) {
      return false;
    }
    in.skipBytes(2);
    state = State.CHUNK_SIZE;
    return true;
  }

  private boolean trailers(ByteBuf in) throws H1Exception {
    if (!block.isComplete(in, true)) {
      return false;
    }
    Headers fields = block.fields();
    trailers = fields.isEmpty() ? null : fields;
    state = State.DONE;
    return true;
  }

  private static H1Exception badChunk(String what) {
    return H1Exception.badRequest("bad_chunk", "chunk: " + what);
  }
}
