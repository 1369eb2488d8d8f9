package io.handfast.proxy.http.h2.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Reads one frame after the other and puts field sections together. Checks form, sizes and the
 * order of CONTINUATION frames. Confined to the connection's loop.
 */
public final class FrameReader {
  /** CONTINUATION frames of one field section, on top of those that its bound of bytes needs. */
  private static final int SPARE_CONTINUATIONS = 16;

  private static final int RESERVED_BIT_OFF = 0x7fff_ffff;

  private final int maxBlockBytes;
  private final int maxContinuations;
  private final Payload payload = new Payload();
  private @Nullable ByteBuf block;
  private int blockStreamId;
  private boolean blockEndsStream;
  private boolean blockSelfDependent;
  private int continuations;
  private int blocks;

  /**
   * @param maxBlockBytes of one field section as it is sent, compressed
   */
  public FrameReader(int maxBlockBytes) {
    this.maxBlockBytes = maxBlockBytes;
    this.maxContinuations =
        SPARE_CONTINUATIONS + maxBlockBytes / (Frames.DEFAULT_MAX_FRAME_BYTES / 2);
  }

  /** Whether the rest of a field section is still to come: nothing else may. */
  public boolean inBlock() {
    return blockStreamId != 0;
  }

  /** How many field sections were begun that needed more than one frame. */
  public int blocks() {
    return blocks;
  }

  /** Whether what is readable is, or may be, the begin of a field section. */
  public static boolean mayBeHeaders(ByteBuf in) {
    if (in.readableBytes() <= 3) {
      return in.isReadable();
    }
    int type = in.getUnsignedByte(in.readerIndex() + 3);
    return type == Frames.HEADERS || type == Frames.CONTINUATION;
  }

  /**
   * Reads a frame if it is there as a whole.
   *
   * @return whether there was one
   */
  public boolean read(ByteBuf in, ByteBufAllocator alloc, FrameSink sink) throws H2Exception {
    if (in.readableBytes() < Frames.HEAD_BYTES) {
      return false;
    }
    int at = in.readerIndex();
    int length = in.getUnsignedMedium(at);
    if (length > Frames.DEFAULT_MAX_FRAME_BYTES) {
      throw H2Exception.connection(
          H2Error.FRAME_SIZE_ERROR,
          "frame: " + length + " bytes (expected: at most " + Frames.DEFAULT_MAX_FRAME_BYTES + ")");
    }
    if (in.readableBytes() < Frames.HEAD_BYTES + length) {
      return false;
    }
    int type = in.getUnsignedByte(at + 3);
    int flags = in.getUnsignedByte(at + 4);
    int streamId = in.getInt(at + 5) & RESERVED_BIT_OFF;
    in.skipBytes(Frames.HEAD_BYTES + length);
    payload.show(in, at + Frames.HEAD_BYTES, length);
    if (blockStreamId != 0 && (type != Frames.CONTINUATION || streamId != blockStreamId)) {
      throw H2Exception.connection(
          H2Error.PROTOCOL_ERROR, "frame: type " + type + " (expected: CONTINUATION)");
    }
    dispatch(type, flags, streamId, alloc, sink);
    return true;
  }

  private void dispatch(int type, int flags, int streamId, ByteBufAllocator alloc, FrameSink sink)
      throws H2Exception {
    switch (type) {
      case Frames.DATA -> data(flags, streamId, sink);
      case Frames.HEADERS -> headers(flags, streamId, alloc, sink);
      case Frames.PRIORITY -> priority(streamId, sink);
      case Frames.RST_STREAM -> {
        onStream(streamId, "RST_STREAM");
        size(4, "RST_STREAM");
        sink.onResetFrame(streamId, payload.readUnsignedInt());
      }
      case Frames.SETTINGS -> settings(flags, streamId, sink);
      case Frames.PUSH_PROMISE ->
          throw H2Exception.connection(
              H2Error.PROTOCOL_ERROR, "frame: PUSH_PROMISE (expected: none, push is off)");
      case Frames.PING -> {
        onConnection(streamId, "PING");
        size(8, "PING");
        sink.onPingFrame(payload.readLong(), (flags & Frames.ACK) != 0);
      }
      case Frames.GOAWAY -> goAway(streamId, sink);
      case Frames.WINDOW_UPDATE -> windowUpdate(streamId, sink);
      case Frames.CONTINUATION -> continuation(flags, streamId, sink);
      default -> sink.onUnknownFrame();
    }
  }

  private void data(int flags, int streamId, FrameSink sink) throws H2Exception {
    onStream(streamId, "DATA");
    int flowBytes = payload.length();
    unpad(flags);
    boolean endStream = (flags & Frames.END_STREAM) != 0;
    sink.onPayload(payload.isEmpty() && !endStream);
    sink.onDataFrame(streamId, payload, flowBytes, endStream);
  }

  private void headers(int flags, int streamId, ByteBufAllocator alloc, FrameSink sink)
      throws H2Exception {
    onStream(streamId, "HEADERS");
    unpad(flags);
    boolean selfDependent = false;
    if ((flags & Frames.PRIORITIZED) != 0) {
      if (payload.length() < 5) {
        throw wrongSize("HEADERS");
      }
      selfDependent = (payload.readInt() & RESERVED_BIT_OFF) == streamId;
      payload.skip(1);
    }
    boolean endStream = (flags & Frames.END_STREAM) != 0;
    sink.onPayload(payload.isEmpty() && !endStream);
    if ((flags & Frames.END_HEADERS) != 0) {
      sink.onHeadersFrame(streamId, payload, endStream, selfDependent);
      return;
    }
    blocks++;
    blockStreamId = streamId;
    blockEndsStream = endStream;
    blockSelfDependent = selfDependent;
    continuations = 0;
    ByteBuf begun = alloc.buffer(2 * Frames.DEFAULT_MAX_FRAME_BYTES);
    payload.appendTo(begun);
    block = begun;
  }

  private void continuation(int flags, int streamId, FrameSink sink) throws H2Exception {
    ByteBuf whole = block;
    if (whole == null || streamId == 0) {
      throw H2Exception.connection(
          H2Error.PROTOCOL_ERROR, "frame: CONTINUATION (expected: HEADERS before it)");
    }
    sink.onPayload(payload.isEmpty());
    continuations++;
    if (continuations > maxContinuations
        || whole.readableBytes() + payload.length() > maxBlockBytes) {
      throw H2Exception.connection(
          H2Error.ENHANCE_YOUR_CALM, "HEADERS: too large (expected: less, in fewer frames)");
    }
    payload.appendTo(whole);
    if ((flags & Frames.END_HEADERS) != 0) {
      block = null;
      blockStreamId = 0;
      payload.show(whole, 0, whole.readableBytes());
      try {
        sink.onHeadersFrame(streamId, payload, blockEndsStream, blockSelfDependent);
      } finally {
        whole.release();
      }
    }
  }

  private void priority(int streamId, FrameSink sink) throws H2Exception {
    onStream(streamId, "PRIORITY");
    if (payload.length() != 5) {
      throw H2Exception.stream(
          streamId, H2Error.FRAME_SIZE_ERROR, "PRIORITY: wrong size (expected: 5 bytes)");
    }
    sink.onPriorityFrame(streamId, (payload.readInt() & RESERVED_BIT_OFF) == streamId);
  }

  private void settings(int flags, int streamId, FrameSink sink) throws H2Exception {
    onConnection(streamId, "SETTINGS");
    if ((flags & Frames.ACK) != 0) {
      size(0, "SETTINGS");
      sink.onSettingsAck();
    } else if (payload.length() % 6 != 0) {
      throw wrongSize("SETTINGS");
    } else {
      sink.onSettingsFrame(payload);
    }
  }

  private void goAway(int streamId, FrameSink sink) throws H2Exception {
    onConnection(streamId, "GOAWAY");
    if (payload.length() < 8) {
      throw wrongSize("GOAWAY");
    }
    sink.onGoAwayFrame(payload.readInt() & RESERVED_BIT_OFF, payload.readUnsignedInt());
  }

  private void windowUpdate(int streamId, FrameSink sink) throws H2Exception {
    size(4, "WINDOW_UPDATE");
    int increment = payload.readInt() & RESERVED_BIT_OFF;
    if (increment == 0) {
      String message = "WINDOW_UPDATE: 0 (expected: at least 1)";
      throw streamId == 0
          ? H2Exception.connection(H2Error.PROTOCOL_ERROR, message)
          : H2Exception.stream(streamId, H2Error.PROTOCOL_ERROR, message);
    }
    sink.onWindowUpdateFrame(streamId, increment);
  }

  private void unpad(int flags) throws H2Exception {
    if ((flags & Frames.PADDED) == 0) {
      return;
    }
    int padding = payload.isEmpty() ? 1 : payload.readUnsignedByte();
    if (padding > payload.length()) {
      throw H2Exception.connection(
          H2Error.PROTOCOL_ERROR, "padding: longer than its frame (expected: shorter)");
    }
    payload.dropLast(padding);
  }

  private static void onStream(int streamId, String type) throws H2Exception {
    if (streamId == 0) {
      throw H2Exception.connection(
          H2Error.PROTOCOL_ERROR, type + ": on the connection (expected: on a stream)");
    }
  }

  private static void onConnection(int streamId, String type) throws H2Exception {
    if (streamId != 0) {
      throw H2Exception.connection(
          H2Error.PROTOCOL_ERROR, type + ": on a stream (expected: on the connection)");
    }
  }

  private void size(int bytes, String type) throws H2Exception {
    if (payload.length() != bytes) {
      throw wrongSize(type);
    }
  }

  private static H2Exception wrongSize(String type) {
    return H2Exception.connection(H2Error.FRAME_SIZE_ERROR, type + ": wrong size");
  }

  /** Forgets what is not complete. */
  public void close() {
    ByteBuf partial = block;
    block = null;
    blockStreamId = 0;
    if (partial != null) {
      partial.release();
    }
  }
}
