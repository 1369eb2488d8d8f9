package io.handfast.proxy.rfc9112;

import io.handfast.proxy.rfc9112.MessageReader.BadMessageException;
import io.handfast.proxy.rfc9112.MessageReader.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The service behind the proxy: records every byte that reaches it, on one thread, so that what was
 * written first is read first. It answers the first request of a case as the case says, and every
 * other one with its own path.
 */
final class RecordingService implements AutoCloseable {
  static final String SWEEP = "/sweep";

  static final String UNFINISHED = "unfinished: ";
  private static final String BAD = "bad: ";

  private final Selector selector = Selector.open();
  private final ServerSocketChannel server = ServerSocketChannel.open();
  private final BlockingQueue<Recording> swept = new LinkedBlockingQueue<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
  private final boolean ofAnyProxy;
  private Recording record = new Recording(new ArrayList<>(), new ArrayList<>());
  private int connections;
  private volatile @Nullable CorpusCase current;
  private volatile boolean byteByByte;

  /**
   * What reached the service since the case began.
   *
   * @param requests in canonical form; what broke off, or is nothing that a proxy may send, marked
   * @param connections the number of the connection that each came by
   */
  record Recording(List<String> requests, List<Integer> connections) {
    void add(String request, int connection) {
      requests.add(request);
      connections.add(connection);
    }
  }

  RecordingService() throws IOException {
    this(false);
  }

  /**
   * @param ofAnyProxy the field {@code host} may be written and stand as other proxies do it
   */
  RecordingService(boolean ofAnyProxy) throws IOException {
    this.ofAnyProxy = ofAnyProxy;
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    Thread.ofPlatform().daemon().name("recording-service").start(this::run);
  }

  int port() {
    return server.socket().getLocalPort();
  }

  /** The next request is the first of that case. */
  void begin(CorpusCase next, boolean oneByteAtATime) {
    byteByByte = oneByteAtATime;
    current = next;
  }

  /** What was recorded up to the sweeping request, which the proxy must have sent by then. */
  Recording swept() throws InterruptedException {
    Recording found = swept.poll(10, TimeUnit.SECONDS);
    if (found == null) {
      throw new AssertionError("the sweeping request did not reach the service");
    }
    return found;
  }

  private void run() {
    try {
      while (server.isOpen()) {
        selector.select();
        turn();
      }
    } catch (IOException | java.nio.channels.ClosedSelectorException closed) {
      // The test is over.
    }
  }

  private int turn() throws IOException {
    int handled = 0;
    for (SelectionKey key : List.copyOf(selector.selectedKeys())) {
      selector.selectedKeys().remove(key);
      if (key.isValid()) {
        handled++;
        if (key.isAcceptable()) {
          accept();
        } else if (key.attachment() instanceof Peer peer) {
          peer.read();
        }
      }
    }
    return handled;
  }

  private void accept() throws IOException {
    SocketChannel channel = server.accept();
    if (channel != null) {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.register(selector, SelectionKey.OP_READ, new Peer(channel, connections++));
    }
  }

  /** Everything that was written before the sweeping request is here already: read it all. */
  private void sweep() throws IOException {
    do {
      selector.selectNow();
    } while (turn() > 0);
    swept.add(record);
    record = new Recording(new ArrayList<>(), new ArrayList<>());
  }

  @Override
  public void close() throws IOException {
    selector.close();
    server.close();
  }

  /** One connection of the proxy. */
  private final class Peer {
    private final SocketChannel channel;
    private final int number;
    private final StringBuilder pending = new StringBuilder();
    private boolean answeredEarly;

    Peer(SocketChannel channel, int number) {
      this.channel = channel;
      this.number = number;
    }

    void read() throws IOException {
      try {
        int count;
        while ((count = channel.read(buffer.clear())) > 0) {
          pending.append(new String(buffer.array(), 0, count, StandardCharsets.ISO_8859_1));
        }
        take();
        if (count < 0) {
          end();
        }
      } catch (IOException reset) {
        end();
      }
    }

    private void take() throws IOException {
      try {
        for (Optional<Message> next = next(); next.isPresent(); next = next()) {
          String target = target(next.get());
          if (target.equals(SWEEP)) {
            answer(target, false);
            sweep();
          } else {
            record.add(next.get().text(), number);
            respond(target, next.get().startLine().startsWith("HEAD "));
          }
        }
        respondEarly();
      } catch (BadMessageException | NumberFormatException bad) {
        record.add(BAD + bad.getMessage(), number);
        channel.close();
      }
    }

    private Optional<Message> next() {
      if (ofAnyProxy) {
        hostFirst();
      }
      MessageReader reader = new MessageReader(pending.toString());
      Optional<Message> next = pending.isEmpty() ? Optional.empty() : reader.request();
      pending.delete(0, reader.position());
      return next;
    }

    private void hostFirst() {
      int end = pending.indexOf("\r\n\r\n");
      if (end > 0) {
        List<String> lines = new ArrayList<>(pending.substring(0, end).lines().toList());
        for (int i = 1; i < lines.size(); i++) {
          if (lines.get(i).regionMatches(true, 0, "host:", 0, 5)) {
            lines.add(1, "host: " + lines.remove(i).substring(5).strip());
            break;
          }
        }
        pending.replace(0, end, String.join("\r\n", lines));
      }
    }

    private static String target(Message request) {
      return request
          .startLine()
          .substring(request.startLine().indexOf(' ') + 1, request.startLine().lastIndexOf(' '));
    }

    private void respondEarly() throws IOException {
      CorpusCase known = current;
      if (known != null && known.service().early() && pending.indexOf("\r\n\r\n") >= 0) {
        answeredEarly = true;
        respond("", false);
      }
    }

    private void respond(String target, boolean toHead) throws IOException {
      CorpusCase known = current;
      if (known == null) {
        if (!answeredEarly) {
          answer(target, toHead);
        }
        answeredEarly = false;
        return;
      }
      current = null;
      if (known.answer().isEmpty() && !known.service().silent()) {
        answer(target, toHead);
      } else {
        write(known.answer(), byteByByte && !known.service().whole());
      }
      if (known.service().closes()) {
        channel.close();
      }
    }

    private void answer(String target, boolean toHead) throws IOException {
      String head = "HTTP/1.1 200 OK\r\nContent-Length: " + target.length() + "\r\n\r\n";
      write(toHead ? head : head + target, false);
    }

    private void write(String text, boolean split) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      int piece = split ? 1 : bytes.length;
      for (int at = 0; at < bytes.length; at += piece) {
        ByteBuffer out = ByteBuffer.wrap(bytes, at, Math.min(piece, bytes.length - at));
        while (out.hasRemaining()) {
          channel.write(out);
        }
      }
    }

    private void end() {
      if (!pending.isEmpty()) {
        String what =
            ofAnyProxy
                ? pending.toString()
                : new MessageReader(pending.toString()).unfinishedRequest();
        record.add(UNFINISHED + what, number);
        pending.setLength(0);
      }
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
