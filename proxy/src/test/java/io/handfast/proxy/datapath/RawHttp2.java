package io.handfast.proxy.datapath;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A socket and HTTP/2 frames, well-formed or not, one end or the other. A read that takes too long
 * fails the test instead of hanging it.
 */
public final class RawHttp2 implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int PRIORITY = 2;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;
  public static final int NONE = 0;
  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;
  public static final int PRIORITIZED = 0x20;

  public static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private static final int READ_TIMEOUT_MS = 20_000;
  private static final int END_OF_CONNECTION = -1;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final DefaultHttp2HeadersDecoder decoder =
      new DefaultHttp2HeadersDecoder(false, 1L << 20);
  private final DefaultHttp2HeadersEncoder encoder =
      new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE);

  /**
   * A frame as it came.
   *
   * @param type -1 for the end of the connection
   */
  public record Frame(int type, int flags, int stream, ByteBuf payload) {
    public boolean endsStream() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** The four bytes at that offset: an error code, an increment, a stream. */
    public int number(int offset) {
      return payload.getInt(offset);
    }

    public String text() {
      return payload.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
      return "type "
          + type
          + " flags "
          + flags
          + " stream "
          + stream
          + " "
          + payload.readableBytes()
          + "B";
    }
  }

  /** One end of a connection, which has said nothing yet. */
  public RawHttp2(Socket socket) {
    try {
      this.socket = socket;
      socket.setSoTimeout(READ_TIMEOUT_MS);
      socket.setTcpNoDelay(true);
      in = new DataInputStream(socket.getInputStream());
      out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A connection that has said nothing yet. */
  static RawHttp2 open(int port) {
    try {
      return new RawHttp2(new Socket(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client that has sent its preface and settings: identifier and value, again and again. */
  static RawHttp2 client(int port, int... settings) {
    RawHttp2 client = open(port);
    client.raw(PREFACE.getBytes(StandardCharsets.US_ASCII)).settings(settings);
    return client.flush();
  }

  /** The server's end: reads the preface, sends settings. */
  public static RawHttp2 server(Socket socket, int... settings) {
    RawHttp2 server = new RawHttp2(socket);
    try {
      String preface =
          new String(server.in.readNBytes(PREFACE.length()), StandardCharsets.US_ASCII);
      if (!preface.equals(PREFACE)) {
        throw new UncheckedIOException(new EOFException("preface: " + preface));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return server.settings(settings).flush();
  }

  public RawHttp2 raw(byte[] bytes) {
    try {
      out.write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public RawHttp2 frame(int type, int flags, int stream, byte... payload) {
    try {
      out.write(payload.length >> 16);
      out.writeShort(payload.length);
      out.write(type);
      out.write(flags);
      out.writeInt(stream);
      out.write(payload);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public RawHttp2 flush() {
    try {
      out.flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends frames until the peer has closed; a peer that resets is no failure. */
  void flood(int times, Runnable frames) {
    try {
      for (int i = 0; i < times; i++) {
        frames.run();
      }
      flush();
    } catch (UncheckedIOException closed) {
      if (!(closed.getCause() instanceof SocketException)) {
        throw closed;
      }
    }
  }

  public RawHttp2 settings(int... settings) {
    ByteBuf payload = Unpooled.buffer();
    for (int i = 0; i < settings.length; i += 2) {
      payload.writeShort(settings[i]).writeInt(settings[i + 1]);
    }
    return frame(SETTINGS, NONE, 0, bytes(payload));
  }

  RawHttp2 number(int type, int stream, int value) {
    return frame(type, NONE, stream, bytes(Unpooled.buffer().writeInt(value)));
  }

  /** Opens both windows by that much. */
  public RawHttp2 window(int stream, int increment) {
    number(WINDOW_UPDATE, 0, increment);
    return number(WINDOW_UPDATE, stream, increment);
  }

  RawHttp2 ping(long data) {
    return frame(PING, NONE, 0, bytes(Unpooled.buffer().writeLong(data)));
  }

  public RawHttp2 data(int stream, boolean end, String text) {
    return frame(DATA, end ? END_STREAM : NONE, stream, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Fields: name and value, again and again. */
  public RawHttp2 headers(int stream, boolean end, String... fields) {
    return frame(HEADERS, END_HEADERS | (end ? END_STREAM : NONE), stream, encode(stream, fields));
  }

  /** A request without a body, and further fields. */
  RawHttp2 get(int stream, String... fields) {
    return headers(stream, true, request("GET", fields));
  }

  /** A request whose body follows. */
  RawHttp2 post(int stream, String... fields) {
    return headers(stream, false, request("POST", fields));
  }

  static String[] request(String method, String... fields) {
    List<String> all =
        new ArrayList<>(
            List.of(
                ":method", method, ":scheme", "http", ":path", "/a?b", ":authority", "h.example"));
    all.addAll(Arrays.asList(fields));
    return all.toArray(String[]::new);
  }

  byte[] encode(int stream, String... fields) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (int i = 0; i < fields.length; i += 2) {
      headers.add(fields[i], fields[i + 1]);
    }
    ByteBuf block = Unpooled.buffer();
    try {
      encoder.encodeHeaders(stream, headers, block);
    } catch (Http2Exception e) {
      throw new IllegalArgumentException(e);
    }
    return bytes(block);
  }

  private static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    buffer.release();
    return bytes;
  }

  /** The next frame, whatever it is. */
  public Frame read() {
    flood(0, () -> {}); // what is written already goes out, if the peer still takes it
    try {
      int first = in.read();
      if (first < 0) {
        return new Frame(END_OF_CONNECTION, 0, 0, Unpooled.EMPTY_BUFFER);
      }
      int length = first << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      return new Frame(type, flags, stream, Unpooled.wrappedBuffer(in.readNBytes(length)));
    } catch (SocketException | EOFException reset) {
      return new Frame(END_OF_CONNECTION, 0, 0, Unpooled.EMPTY_BUFFER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next frame of that type; acknowledges settings and skips others on the way. */
  Frame expect(int type) {
    while (true) {
      Frame frame = read();
      if (frame.type() == SETTINGS && (frame.flags() & ACK) == 0) {
        frame(SETTINGS, ACK, 0).flush();
      }
      if (frame.type() == type) {
        return frame;
      }
      if (frame.type() == END_OF_CONNECTION) {
        throw new AssertionError("connection: ended (expected: frame of type " + type + ")");
      }
      if (frame.type() == HEADERS) {
        fields(frame);
      }
    }
  }

  /** The next frame that is about a stream's message. */
  Frame expectMessage() {
    while (true) {
      Frame frame = read();
      switch (frame.type()) {
        case DATA, HEADERS, RST_STREAM, GOAWAY, END_OF_CONNECTION -> {
          return frame;
        }
        case SETTINGS -> {
          if ((frame.flags() & ACK) == 0) {
            frame(SETTINGS, ACK, 0).flush();
          }
        }
        default -> {
          // PING and WINDOW_UPDATE: of no interest here.
        }
      }
    }
  }

  /** The error code of the GOAWAY that ends the connection. */
  int expectGoAway() {
    int code = expect(GOAWAY).number(4);
    readToEnd();
    return code;
  }

  /** Reads and drops what comes until the connection ends. */
  void readToEnd() {
    Frame last = read();
    while (last.type() != END_OF_CONNECTION) {
      last = read();
    }
  }

  /** The error code with which that stream is reset. */
  int expectReset(int stream) {
    Frame reset = expect(RST_STREAM);
    if (reset.stream() != stream) {
      throw new AssertionError("stream: " + reset.stream() + " (expected: " + stream + ")");
    }
    return reset.number(0);
  }

  /** The fields of a HEADERS frame, each as {@code name: value}. */
  public List<String> fields(Frame frame) {
    ByteBuf block = frame.payload().duplicate();
    if ((frame.flags() & PRIORITIZED) != 0) {
      block.skipBytes(5);
    }
    try {
      List<String> fields = new ArrayList<>();
      decoder
          .decodeHeaders(frame.stream(), block)
          .forEach(field -> fields.add(field.getKey() + ": " + field.getValue()));
      return fields;
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    }
  }

  /** The body up to the end of the stream, which DATA has. */
  String readBody() {
    StringBuilder body = new StringBuilder();
    Frame frame = expectMessage();
    while (frame.type() == DATA && !frame.endsStream()) {
      body.append(frame.text());
      window(frame.stream(), Math.max(1, frame.payload().readableBytes()));
      frame = expectMessage();
    }
    if (frame.type() != DATA) {
      throw new AssertionError(
          String.format(Locale.ROOT, "frame: %s (expected: DATA, END_STREAM)", frame));
    }
    return body.append(frame.text()).toString();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
