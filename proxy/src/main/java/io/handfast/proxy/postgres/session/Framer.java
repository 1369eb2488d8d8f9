package io.handfast.proxy.postgres.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One direction's bytes, cut into messages. What is forwarded leaves as slices of what came, in
 * runs as long as they can be; only what a handler has to see is waited for. Confined to the
 * connection's executor.
 */
final class Framer {
  /** PostgreSQL's own limit for a message, and a little more ({@code PQ_LARGE_MESSAGE_LIMIT}). */
  static final int MAX_LENGTH = 0x4000_0000;

  /** What becomes of a message. */
  enum Verdict {
    FORWARD,
    DROP,
    /** It stays where it is, with all behind it, until {@link #pump} is called again. */
    HOLD
  }

  interface Handler {
    /** Whatever came before this message is done with. */
    default void next() {}

    /**
     * How many bytes of a message have to be there before {@link #frame}, its type and length
     * included.
     *
     * @param at where its type is
     * @param available of its bytes, at least {@link Wire#HEADER}
     */
    int needs(byte type, int length, ByteBuf in, int at, int available);

    /** Asked once all that is needed is there; again, if it was held. */
    Verdict frame(byte type, int length, ByteBuf in, int at);

    /** These are no messages. Nothing more is read. */
    void malformed(String why);
  }

  private final Handler handler;
  private final Consumer<ByteBuf> sink;
  private @Nullable ByteBuf kept;
  private int run;
  private int at;
  private int rest;
  private boolean dropping;
  private boolean pumping;
  private boolean closed;

  Framer(Handler handler, Consumer<ByteBuf> sink) {
    this.handler = handler;
    this.sink = sink;
  }

  /** The buffer is this framer's from here on. */
  void feed(ByteBuf in) {
    if (closed) {
      in.release();
      return;
    }
    if (kept == null) {
      kept = in;
    } else {
      kept = append(kept, in);
    }
    pump();
  }

  /** Goes on where it stopped. */
  void pump() {
    ByteBuf in = kept;
    if (in == null || pumping) {
      return;
    }
    pumping = true;
    at = in.readerIndex();
    run = at;
    try {
      while (!closed && step(in)) {}
    } finally {
      if (!closed && at > run && at == in.writerIndex()) {
        kept = null; // all of it goes on, as the buffer that it is
        sink.accept(in.readerIndex(run));
        pumping = false;
      } else {
        if (!closed) {
          leave(in); // which may close this
        }
        pumping = false;
        if (closed || at == in.writerIndex()) {
          in.release();
          kept = null;
        } else {
          in.readerIndex(at);
        }
      }
    }
  }

  private boolean step(ByteBuf in) {
    int end = in.writerIndex();
    if (rest > 0) {
      int size = Math.min(rest, end - at);
      if (dropping) {
        leave(in);
        run = at + size;
      }
      at += size;
      rest -= size;
      return size > 0;
    }
    if (end - at < Wire.HEADER) {
      return false;
    }
    handler.next();
    if (closed) {
      return false;
    }
    byte type = in.getByte(at);
    int length = in.getInt(at + 1);
    if (length < 4 || length > MAX_LENGTH) {
      leave(in);
      handler.malformed("a message of type " + (type & 0xff) + " and length " + length);
      close();
      return false;
    }
    int available = Math.min(end - at, 1 + length);
    if (available < handler.needs(type, length, in, at, available)) {
      return false;
    }
    switch (handler.frame(type, length, in, at)) {
      case FORWARD -> dropping = false;
      case DROP -> dropping = true;
      case HOLD -> {
        return false;
      }
    }
    rest = 1 + length;
    return true;
  }

  /** Lets what is forwarded leave, before something of our own does. */
  void flush() {
    ByteBuf in = kept;
    if (pumping && in != null && !closed) {
      leave(in);
    }
  }

  private void leave(ByteBuf in) {
    if (at > run) {
      int from = run;
      run = at;
      sink.accept(in.retainedSlice(from, at - from));
    }
  }

  /** Nothing more is read; what was kept is let go. */
  void close() {
    if (!closed) {
      closed = true;
      if (!pumping && kept != null) {
        kept.release();
        kept = null;
      }
    }
  }

  /** Whether all that was forwarded is whole messages. */
  boolean between() {
    return rest == 0;
  }

  /** Whether bytes wait here, and are not Terminate's. */
  boolean holdsRequest() {
    ByteBuf in = kept;
    int from = in == null || pumping ? at : in.readerIndex();
    return in != null && from < in.writerIndex() && in.getByte(from) != 'X';
  }

  private static ByteBuf append(ByteBuf kept, ByteBuf in) {
    try {
      int size = kept.readableBytes() + in.readableBytes();
      if (kept.refCnt() == 1
          && !kept.isReadOnly()
          && kept.maxFastWritableBytes() >= in.readableBytes()) {
        return kept.writeBytes(in);
      }
      ByteBuf larger = PooledByteBufAllocator.DEFAULT.buffer(Math.max(256, size + size / 2));
      larger.writeBytes(kept).writeBytes(in);
      kept.release();
      return larger;
    } finally {
      in.release();
    }
  }
}
