package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.h2.frame.FrameWriter;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.frame.Payload;
import io.handfast.proxy.http.h2.hpack.FieldSection;
import io.handfast.proxy.http.h2.hpack.HeaderDecoder;
import io.handfast.proxy.http.h2.hpack.HeaderEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The peer of a codec on an embedded channel: sends frames, and reads those that come back as text,
 * such as {@code HEADERS 1 end [:status 200]}.
 */
final class FrameLog {
  private final EmbeddedChannel channel;
  private final HeaderEncoder encoder = new HeaderEncoder(Frames.DEFAULT_TABLE_BYTES);
  private final HeaderDecoder decoder =
      new HeaderDecoder(Frames.DEFAULT_TABLE_BYTES, new HeaderDecoder.Bounds(1 << 20, 1000));
  private final ByteBuf received = Unpooled.buffer();

  FrameLog(EmbeddedChannel channel) {
    this.channel = channel;
  }

  void send(String bytes) {
    send(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
  }

  void send(ByteBuf bytes) {
    channel.writeInbound(bytes);
  }

  void frame(int type, int flags, int streamId, byte... payload) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.head(out, payload.length, type, flags, streamId);
    send(out.writeBytes(payload));
  }

  void settings(int... settings) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.head(out, settings.length * 3, Frames.SETTINGS, 0, 0);
    for (int i = 0; i < settings.length; i += 2) {
      out.writeShort(settings[i]).writeInt(settings[i + 1]);
    }
    send(out);
  }

  /** Fields: name and value, again and again; those that begin with a colon first. */
  void headers(int streamId, boolean end, String... fields) {
    Headers rest = new Headers();
    for (int i = 0; i < fields.length; i += 2) {
      if (fields[i].startsWith(":")) {
        encoder.pseudo(fields[i], fields[i + 1]);
      } else {
        rest.add(fields[i], fields[i + 1]);
      }
    }
    ByteBuf frame = Unpooled.buffer();
    int bytes = encoder.encode(rest);
    FrameWriter.headers(frame, streamId, end, encoder.section(), bytes, 16_384);
    send(frame);
  }

  void request(int streamId, boolean end, String... fields) {
    String[] all = new String[8 + fields.length];
    String[] pseudo = {":method", "POST", ":scheme", "http", ":authority", "h", ":path", "/"};
    System.arraycopy(pseudo, 0, all, 0, 8);
    System.arraycopy(fields, 0, all, 8, fields.length);
    headers(streamId, end, all);
  }

  void data(int streamId, boolean end, String text) {
    frame(
        Frames.DATA,
        end ? Frames.END_STREAM : 0,
        streamId,
        text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void window(int streamId, int increment) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.windowUpdate(out, streamId, increment);
    send(out);
  }

  void reset(int streamId, H2Error error) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.reset(out, streamId, error);
    send(out);
  }

  void goAway(int lastStreamId) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.goAway(out, lastStreamId, H2Error.NO_ERROR, "");
    send(out);
  }

  void ping(long data, boolean ack) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.ping(out, data, ack);
    send(out);
  }

  /** What has been written since the last call. */
  List<String> frames() {
    channel.runPendingTasks();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      received.writeBytes(out);
      out.release();
    }
    if (received.readableBytes() >= 24 && received.getByte(received.readerIndex()) == 'P') {
      received.skipBytes(24);
    }
    List<String> frames = new ArrayList<>();
    while (received.isReadable()) {
      frames.add(next());
    }
    return frames;
  }

  private String next() {
    int length = received.readUnsignedMedium();
    int type = received.readUnsignedByte();
    int flags = received.readUnsignedByte();
    int streamId = received.readInt();
    ByteBuf payload = received.readSlice(length);
    boolean end = (flags & Frames.END_STREAM) != 0;
    return switch (type) {
      case Frames.DATA ->
          "DATA " + streamId + (end ? " end " : " ") + payload.toString(StandardCharsets.US_ASCII);
      case Frames.HEADERS -> "HEADERS " + streamId + (end ? " end " : " ") + fields(payload);
      case Frames.RST_STREAM -> "RST_STREAM " + streamId + " " + error(payload.readInt());
      case Frames.SETTINGS -> end ? "SETTINGS ack" : "SETTINGS";
      case Frames.PING -> (end ? "PING ack " : "PING ") + payload.readLong();
      case Frames.GOAWAY -> "GOAWAY " + payload.readInt() + " " + error(payload.readInt());
      case Frames.WINDOW_UPDATE -> "WINDOW_UPDATE " + streamId + " " + payload.readInt();
      default -> "type " + type;
    };
  }

  private static H2Error error(int code) {
    return Arrays.stream(H2Error.values())
        .filter(error -> error.code() == code)
        .findFirst()
        .orElseThrow();
  }

  private List<String> fields(ByteBuf block) {
    try {
      FieldSection section = decoder.decode(Payload.of(block));
      List<String> texts = new ArrayList<>();
      String[] pseudo = {
        section.status(), section.method(), section.scheme(), section.authority(), section.path()
      };
      for (String each : pseudo) {
        if (each != null) {
          texts.add(each);
        }
      }
      Headers fields = section.fields();
      for (int i = 0; i < fields.size(); i++) {
        texts.add(fields.name(i) + ": " + fields.value(i));
      }
      return texts;
    } catch (H2Exception e) {
      throw new AssertionError(e);
    }
  }
}
