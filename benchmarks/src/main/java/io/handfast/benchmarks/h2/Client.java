package io.handfast.benchmarks.h2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Calls by one connection, on many streams at once, as h2load makes them. */
final class Client extends FrameTalk {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private static final String[] FIELDS = {
    ":path", "/benchmark.Service/Method",
    ":authority", "127.0.0.1:8080",
    "user-agent", "h2load nghttp2/1.52.0",
    "content-type", "application/grpc",
    "te", "trailers"
  };

  private final byte[] message;
  private final byte[] again;
  private byte[] head;
  private int nextStreamId = 1;
  private int open;
  private int received;

  Client(SocketChannel socket, byte[] message) throws IOException {
    super(socket);
    this.message = message;
    ByteBuffer block = ByteBuffer.allocate(512);
    postByHttp(block);
    for (int i = 0; i < FIELDS.length; i += 2) {
      FrameBytes.remembered(block, FIELDS[i], FIELDS[i + 1]);
    }
    head = FrameBytes.bytes(block);
    block.clear();
    postByHttp(block);
    for (int i = 0; i < FIELDS.length / 2; i++) {
      FrameBytes.indexed(block, 61 + FIELDS.length / 2 - i);
    }
    again = FrameBytes.bytes(block);
    out.put(PREFACE.getBytes(StandardCharsets.US_ASCII));
    FrameBytes.wideSettings(out);
    flush();
  }

  private static void postByHttp(ByteBuffer block) {
    FrameBytes.indexed(block, 3);
    FrameBytes.indexed(block, 6);
  }

  /** Begins that many calls. */
  void call(int streams) throws IOException {
    if (received > 0) {
      FrameBytes.windowUpdate(out, received);
      received = 0;
    }
    for (int i = 0; i < streams; i++) {
      FrameBytes.headers(out, nextStreamId, false, head);
      FrameBytes.data(out, nextStreamId, true, message);
      head = again;
      nextStreamId += 2;
    }
    open += streams;
    flush();
  }

  /** Waits until all are answered. */
  void await() throws IOException {
    while (open > 0) {
      receive();
    }
    flush();
  }

  @Override
  void onFrame(int type, int flags, int streamId, int length) {
    if (type == FrameBytes.SETTINGS && (flags & FrameBytes.ACK) == 0) {
      FrameBytes.settingsAck(out);
    } else if (type == FrameBytes.DATA) {
      received += length;
    }
    boolean ends = type == FrameBytes.DATA || type == FrameBytes.HEADERS;
    if (ends && (flags & FrameBytes.END_STREAM) != 0) {
      open--;
    }
  }
}
