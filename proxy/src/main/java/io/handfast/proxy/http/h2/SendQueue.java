package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.h2.frame.FrameWriter;
import io.handfast.proxy.http.h2.frame.Frames;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What a stream sends behind its head, until window and socket have room for it. Bounded by its
 * watermark, or by what its owner sends at once where the connection has too much, as its owner
 * heeds it. Confined to the connection's loop.
 */
final class SendQueue {
  /** Bytes that may wait before the owner is asked to stop. */
  static final int HIGH_WATERMARK = 64 << 10;

  private final H2Stream stream;
  private final H2Connection connection;
  private final Body waiting = new Body();
  private @Nullable ByteBuf begun;
  private @Nullable Headers trailers;
  private long window;
  private boolean endQueued;
  private boolean endSent;
  private boolean scheduled;
  private boolean stopped;

  SendQueue(H2Stream stream) {
    this.stream = stream;
    this.connection = stream.connection;
  }

  /** The window that the peer gives a new stream. */
  void open(int initialWindow) {
    window = initialWindow;
  }

  boolean endQueued() {
    return endQueued;
  }

  boolean endSent() {
    return endSent;
  }

  /** The head was the end. */
  void endWithHead() {
    endQueued = true;
    endSent = true;
  }

  void data(Body data, boolean end) {
    if (endQueued || stream.isClosed()) {
      data.clear();
      return;
    }
    connection.scheduler().queued(data.readableBytes());
    if (bytes() == 0) {
      data.moveTo(waiting);
    } else {
      data.keepIn(waiting, connection.alloc());
    }
    endQueued = end;
    connection.scheduler().send(this);
  }

  void trailers(Headers fields) {
    if (!endQueued && !stream.isClosed()) {
      trailers = fields;
      endQueued = true;
      connection.scheduler().send(this);
    }
  }

  private long bytes() {
    ByteBuf first = begun;
    return waiting.readableBytes() + (first == null ? 0 : first.readableBytes());
  }

  /** Whether there is something that the stream's own window lets through. */
  boolean isReady() {
    return bytes() > 0 ? window > 0 : endQueued && !endSent;
  }

  /** Whether its next frame counts against the connection's window. */
  boolean needsWindow() {
    return bytes() > 0;
  }

  boolean isScheduled() {
    return scheduled;
  }

  void scheduled(boolean now) {
    scheduled = now;
  }

  /**
   * Writes one frame; only while {@link #isReady}.
   *
   * @param room what the connection's window lets through
   * @return what it used of the window
   */
  int writeFrame(long room) {
    long all = bytes();
    if (all == 0) {
      writeEnd();
      return 0;
    }
    long most = Math.min(window, Math.min(room, Frames.DEFAULT_MAX_FRAME_BYTES));
    int length = (int) Math.min(all, most);
    boolean last = endQueued && trailers == null && length == all;
    FrameWriter.dataHead(connection.room(Frames.HEAD_BYTES), stream.id(), length, last);
    for (int left = length; left > 0; ) {
      left -= writeSlice(left);
    }
    window -= length;
    connection.guard().dataSent();
    connection.scheduler().unqueued(length);
    if (last) {
      ended();
    } else {
      updateWritable();
    }
    return length;
  }

  private int writeSlice(int most) {
    ByteBuf slice = begun == null ? waiting.poll() : begun;
    if (slice == null) {
      throw new IllegalStateException("slices: none (expected: " + most + " bytes)");
    }
    int bytes = slice.readableBytes();
    if (bytes <= most) {
      begun = null;
      connection.write(slice);
      return bytes;
    }
    begun = slice;
    connection.write(slice.readRetainedSlice(most));
    return most;
  }

  private void writeEnd() {
    Headers fields = trailers;
    trailers = null;
    if (fields != null) {
      connection.frames().headers(stream.id(), fields, true);
    } else {
      FrameWriter.dataHead(connection.room(Frames.HEAD_BYTES), stream.id(), 0, true);
    }
    ended();
  }

  private void ended() {
    endSent = true;
    stream.onEndSent();
  }

  /** The peer opens the window; false if beyond what there is. */
  boolean widen(long increment) {
    window += increment;
    return window <= Frames.MAX_WINDOW_BYTES;
  }

  /**
   * Whether the owner may go on. Where too much waits on all streams together, only if nothing
   * waits on this one: a stream must not stand still because of others that nobody reads.
   */
  boolean isWritable() {
    boolean writable = bytes() < (connection.scheduler().isFull() ? 1 : HIGH_WATERMARK);
    stopped |= !writable;
    return writable;
  }

  /** Tells the owner that there is room again, if it was told that there is none. */
  void updateWritable() {
    HttpStream.Events receiver = stream.receiver();
    boolean low = bytes() <= (connection.scheduler().isFull() ? 0 : HIGH_WATERMARK / 2);
    if (stopped && low && receiver != null && !endQueued) {
      stopped = false;
      receiver.onWritabilityChanged(true);
    }
  }

  /** Forgets what waits. */
  void discard() {
    connection.scheduler().unqueued(bytes());
    endQueued = true;
    endSent = true;
    trailers = null;
    waiting.clear();
    ByteBuf first = begun;
    begun = null;
    if (first != null) {
      first.release();
    }
  }
}
