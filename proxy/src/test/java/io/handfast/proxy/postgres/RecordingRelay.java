package io.handfast.proxy.postgres;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Passes connections on to a port of this host, and remembers what each side sent. */
final class RecordingRelay implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final List<Conversation> conversations = new CopyOnWriteArrayList<>();

  /** The bytes of one connection. */
  static final class Conversation {
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final CountDownLatch open = new CountDownLatch(2);

    /** By who connected; when both directions have ended. */
    byte[] sent() throws InterruptedException {
      open.await();
      return sent.toByteArray();
    }

    /** By who was connected to; when both directions have ended. */
    byte[] received() throws InterruptedException {
      open.await();
      return received.toByteArray();
    }
  }

  RecordingRelay(int target) {
    this.target = target;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** All so far, in order. */
  List<Conversation> conversations() {
    return conversations;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        Socket service = new Socket(InetAddress.getLoopbackAddress(), target);
        client.setTcpNoDelay(true);
        service.setTcpNoDelay(true);
        Conversation conversation = new Conversation();
        conversations.add(conversation);
        Thread.startVirtualThread(() -> copy(client, service, conversation.sent, conversation));
        Thread.startVirtualThread(() -> copy(service, client, conversation.received, conversation));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static void copy(
      Socket from, Socket to, ByteArrayOutputStream record, Conversation conversation) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        record.write(buffer, 0, count);
        out.write(buffer, 0, count);
        out.flush();
      }
      to.shutdownOutput();
    } catch (IOException e) {
      try {
        from.close();
        to.close();
      } catch (IOException closing) {
        // closed already
      }
    } finally {
      conversation.open.countDown();
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
