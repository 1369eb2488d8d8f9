package io.handfast.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a message on their way: a queue of reference-counted slices. One object is reused for a
 * whole direction of a stream, so that passing a chunk on allocates nothing. It owns the references
 * of the slices in it; whoever takes one out owns it from then on.
 *
 * <p>Not thread-safe: confined to the stream's event loop.
 */
public final class Body {
  /**
   * Below it a slice is copied when it is to be kept: a slice pins the whole buffer that it was
   * received in.
   */
  static final int COPY_BELOW_BYTES = 2048;

  /** Size of the buffers that small slices are copied into. */
  private static final int COALESCE_BYTES = 8192;

  private static final ByteBuf[] NO_SLICES = new ByteBuf[0];

  private ByteBuf[] slices = NO_SLICES;
  private int first;
  private int end;
  private long readableBytes;

  /** A body with those bytes, not copied. */
  public static Body of(byte[] bytes) {
    Body body = new Body();
    if (bytes.length > 0) {
      body.add(Unpooled.wrappedBuffer(bytes));
    }
    return body;
  }

  /** Whether there is no byte in it. */
  public boolean isEmpty() {
    return readableBytes == 0;
  }

  /** How many bytes are in it. */
  public long readableBytes() {
    return readableBytes;
  }

  /** How many slices are in it. */
  public int sliceCount() {
    return end - first;
  }

  /** A slice, lent: its reference stays here and its indexes must not be moved. */
  public ByteBuf slice(int index) {
    if (index < 0 || index >= end - first) {
      throw new IndexOutOfBoundsException(
          "index: " + index + " (expected: 0 to " + (end - first - 1) + ")");
    }
    return slices[first + index];
  }

  /** Appends a slice and takes over its reference. */
  public void add(ByteBuf slice) {
    int bytes = slice.readableBytes();
    if (bytes == 0) {
      slice.release();
      return;
    }
    if (end == slices.length) {
      makeRoom();
    }
    slices[end++] = slice;
    readableBytes += bytes;
  }

  /** Takes the first slice out, with its reference; null if there is none. */
  public @Nullable ByteBuf poll() {
    if (first == end) {
      return null;
    }
    ByteBuf slice = slices[first];
    Arrays.fill(slices, first, first + 1, null);
    first++;
    if (first == end) {
      first = 0;
      end = 0;
    }
    readableBytes -= slice.readableBytes();
    return slice;
  }

  /** Moves everything to the end of the other. */
  public void moveTo(Body other) {
    for (ByteBuf slice = poll(); slice != null; slice = poll()) {
      other.add(slice);
    }
  }

  /**
   * Moves everything to the end of the other, where it will stay for a while: small slices are
   * copied together, so that what is kept in memory is in proportion to {@link #readableBytes}.
   */
  public void keepIn(Body other, ByteBufAllocator allocator) {
    for (ByteBuf slice = poll(); slice != null; slice = poll()) {
      if (slice.readableBytes() >= COPY_BELOW_BYTES) {
        other.add(slice);
      } else {
        other.copyIn(slice, allocator);
        slice.release();
      }
    }
  }

  private void copyIn(ByteBuf small, ByteBufAllocator allocator) {
    ByteBuf last = first == end ? null : slices[end - 1];
    int bytes = small.readableBytes();
    if (last != null
        && last.refCnt() == 1
        && last.isWritable(bytes)
        && last.capacity() == COALESCE_BYTES) {
      last.writeBytes(small);
      readableBytes += bytes;
      return;
    }
    ByteBuf room = allocator.directBuffer(COALESCE_BYTES, COALESCE_BYTES);
    room.writeBytes(small);
    add(room);
  }

  /** A copy of everything, which also stays here. */
  public byte[] toByteArray() {
    byte[] copy = new byte[Math.toIntExact(readableBytes)];
    int at = 0;
    for (int i = first; i < end; i++) {
      ByteBuf slice = slices[i];
      int bytes = slice.readableBytes();
      slice.getBytes(slice.readerIndex(), copy, at, bytes);
      at += bytes;
    }
    return copy;
  }

  /** Everything as UTF-8 text; it also stays here. */
  public String toUtf8() {
    return new String(toByteArray(), StandardCharsets.UTF_8);
  }

  /** Releases everything. */
  public void clear() {
    for (ByteBuf slice = poll(); slice != null; slice = poll()) {
      slice.release();
    }
  }

  private void makeRoom() {
    int count = end - first;
    if (first > 0) {
      System.arraycopy(slices, first, slices, 0, count);
      Arrays.fill(slices, count, end, null);
    } else {
      slices = Arrays.copyOf(slices, Math.max(4, count * 2));
    }
    first = 0;
    end = count;
  }

  @Override
  public String toString() {
    return "Body(" + readableBytes + " bytes)";
  }
}
