package io.handfast.benchmarks.h1;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Requests of HTTP/1.1 by one socket, as many bytes for each as are known before: a message is
 * whole when its last byte is there. Allocates nothing once it is made; one thread at a time.
 */
final class Talk implements AutoCloseable {
  private final SocketChannel socket;
  private final ByteBuffer sent;
  private final ByteBuffer received;

  /**
   * @param message that is sent each time
   * @param receivedBytes how long a message of the other side may be at most
   */
  Talk(SocketChannel socket, byte[] message, int receivedBytes) {
    this.socket = socket;
    this.sent = ByteBuffer.allocateDirect(message.length).put(message).flip();
    this.received = ByteBuffer.allocateDirect(receivedBytes);
  }

  void send() throws IOException {
    sent.rewind();
    while (sent.hasRemaining()) {
      socket.write(sent);
    }
  }

  /** Reads a head without a body. */
  void receiveHead() throws IOException {
    received.clear();
    while (!endsWithEmptyLine()) {
      read();
    }
  }

  /** Reads the head of an answer of status 200 and a body of that length. */
  void receive(int bodyBytes) throws IOException {
    received.clear();
    int end = -1;
    while (end < 0) {
      read();
      end = endOfHead();
    }
    if (received.getInt(8) != (' ' << 24 | '2' << 16 | '0' << 8 | '0')) {
      byte[] text = new byte[received.position()];
      received.get(0, text);
      throw new IOException("answer: " + new String(text, StandardCharsets.ISO_8859_1));
    }
    while (received.position() < end + bodyBytes) {
      read();
    }
  }

  private void read() throws IOException {
    if (socket.read(received) <= 0) {
      throw new EOFException("closed, or a message longer than " + received.capacity() + " bytes");
    }
  }

  private boolean endsWithEmptyLine() {
    int at = received.position();
    return at >= 4 && isEmptyLine(at - 4);
  }

  private int endOfHead() {
    for (int i = 0; i + 4 <= received.position(); i++) {
      if (isEmptyLine(i)) {
        return i + 4;
      }
    }
    return -1;
  }

  private boolean isEmptyLine(int at) {
    return received.getInt(at) == ('\r' << 24 | '\n' << 16 | '\r' << 8 | '\n');
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
