package io.handfast.proxy.transparency;

import io.handfast.proxy.datapath.RawHttp2;
import io.handfast.proxy.datapath.RawHttp2.Frame;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One end of one stream of HTTP/2, frame by frame. */
final class H2Party implements Party {
  private static final int ENABLE_CONNECT_PROTOCOL = 8;
  private static final int CANCEL = 8;

  private final RawHttp2 wire;
  private final StringBuilder received = new StringBuilder();
  private int stream = 1;
  private List<String> trailers = List.of();
  private boolean ended;
  private boolean reset;
  private int resetCode = -1;

  private H2Party(RawHttp2 wire) {
    this.wire = wire;
  }

  static H2Party client(Socket socket) {
    RawHttp2 wire = new RawHttp2(socket);
    wire.raw(RawHttp2.PREFACE.getBytes(StandardCharsets.US_ASCII)).settings().flush();
    return new H2Party(wire);
  }

  static H2Party service(Socket socket) {
    return new H2Party(RawHttp2.server(socket, ENABLE_CONNECT_PROTOCOL, 1));
  }

  @Override
  public void send(boolean end, String... fields) {
    wire.headers(stream, end, fields).flush();
  }

  @Override
  public void data(String text) {
    wire.data(stream, false, text).flush();
  }

  @Override
  public void end() {
    wire.data(stream, true, "").flush();
  }

  @Override
  public void trailers(String... fields) {
    wire.headers(stream, true, fields).flush();
  }

  @Override
  public void reset() {
    wire.frame(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, CANCEL}).flush();
  }

  /** The code with which the stream was reset; -1 if it was not. */
  int resetCode() {
    return resetCode;
  }

  @Override
  public Head head() {
    while (true) {
      Frame frame = next();
      if (frame.type() == RawHttp2.HEADERS) {
        stream = frame.stream();
        ended = frame.endsStream();
        return new Head(wire.fields(frame));
      }
      if (frame.type() < 0 || reset) {
        throw new AssertionError("head: none, but " + frame + " " + resetCode);
      }
    }
  }

  /** The next frame, of which what is about the connection has been answered. */
  private Frame next() {
    Frame frame = wire.read();
    switch (frame.type()) {
      case RawHttp2.SETTINGS -> {
        if ((frame.flags() & RawHttp2.ACK) == 0) {
          wire.frame(RawHttp2.SETTINGS, RawHttp2.ACK, 0).flush();
        }
      }
      case RawHttp2.PING -> {
        if ((frame.flags() & RawHttp2.ACK) == 0) {
          byte[] data = new byte[8];
          frame.payload().getBytes(0, data);
          wire.frame(RawHttp2.PING, RawHttp2.ACK, 0, data).flush();
        }
      }
      case RawHttp2.DATA -> {
        received.append(frame.text());
        ended = frame.endsStream();
        if (frame.payload().isReadable() && !ended) {
          wire.window(stream, frame.payload().readableBytes()).flush();
        }
      }
      case RawHttp2.RST_STREAM -> {
        reset = !ended;
        resetCode = frame.number(0);
      }
      default -> reset |= frame.type() < 0 && !ended;
    }
    return frame;
  }

  @Override
  public String read(int count) {
    while (received.length() < count && !ended && !reset) {
      next();
    }
    if (received.length() < count) {
      throw new AssertionError("read: " + received + ", then the end (expected: " + count + "B)");
    }
    String text = received.substring(0, count);
    received.delete(0, count);
    return text;
  }

  @Override
  public Rest rest() {
    while (!ended && !reset) {
      Frame frame = next();
      if (frame.type() == RawHttp2.HEADERS) {
        trailers = wire.fields(frame);
        ended = frame.endsStream();
      }
    }
    String body = received.toString();
    received.setLength(0);
    return new Rest(body, trailers, reset);
  }

  @Override
  public void tunnel() {
    // DATA carries both.
  }

  @Override
  public void close() {
    wire.close();
  }
}
