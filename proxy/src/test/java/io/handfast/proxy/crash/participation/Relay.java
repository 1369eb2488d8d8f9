package io.handfast.proxy.crash.participation;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The network between the two sidecars. A request whose query says {@code wire=LOSE} gets no
 * answer: its connection ends when the answer comes. One that says {@code wire=DOUBLE} comes twice,
 * each over a connection of its own, at the same time. Thread-safe.
 */
final class Relay implements AutoCloseable {
  /** What becomes of a request. */
  enum Wire {
    PASS,
    LOSE,
    DOUBLE
  }

  private static final Pattern MARK = Pattern.compile("[?&]wire=(LOSE|DOUBLE)");
  private static final Pattern KEY = Pattern.compile("[?&]key=([^& ]+)");
  private static final int BUFFER = 65_536;

  private final ServerSocket server;
  private final InetSocketAddress target;
  private final Map<String, String> doubles = new ConcurrentHashMap<>();

  private Relay(ServerSocket server, InetSocketAddress target) {
    this.server = server;
    this.target = target;
  }

  static Relay start(int targetPort) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    Relay relay =
        new Relay(new ServerSocket(0, 50, loopback), new InetSocketAddress(loopback, targetPort));
    Thread.ofVirtual().start(relay::accept);
    return relay;
  }

  int port() {
    return server.getLocalPort();
  }

  /** The first line of what the second of a doubled request was answered; empty until then. */
  String answerOfDouble(String key) {
    return doubles.getOrDefault(key, "");
  }

  private void accept() {
    try {
      while (true) {
        Socket source = server.accept();
        Thread.ofVirtual().start(() -> serve(source));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket source) {
    AtomicBoolean lose = new AtomicBoolean();
    try (source;
        Socket onward = new Socket()) {
      onward.connect(target);
      Thread back = Thread.ofVirtual().start(() -> answers(onward, source, lose));
      requests(source, onward, lose);
      onward.shutdownOutput();
      back.join();
    } catch (IOException e) {
      // Either side has gone, and so goes the other.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void requests(Socket source, Socket onward, AtomicBoolean lose) throws IOException {
    InputStream in = source.getInputStream();
    OutputStream out = onward.getOutputStream();
    byte[] bytes = new byte[BUFFER];
    for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
      String text = new String(bytes, 0, read, StandardCharsets.ISO_8859_1);
      Matcher mark = MARK.matcher(text);
      Wire wire = mark.find() ? Wire.valueOf(mark.group(1)) : Wire.PASS;
      lose.set(wire == Wire.LOSE);
      if (wire == Wire.DOUBLE) {
        Thread.ofVirtual().start(() -> sendAgain(text));
      }
      out.write(bytes, 0, read);
    }
  }

  private static void answers(Socket onward, Socket source, AtomicBoolean lose) {
    try (source) {
      InputStream in = onward.getInputStream();
      byte[] bytes = new byte[BUFFER];
      for (int read = in.read(bytes); read >= 0 && !lose.get(); read = in.read(bytes)) {
        source.getOutputStream().write(bytes, 0, read);
      }
      onward.close();
    } catch (IOException e) {
      // The front has gone.
    }
  }

  private void sendAgain(String request) {
    Matcher key = KEY.matcher(request);
    String of = key.find() ? key.group(1) : "";
    try (Socket again = new Socket()) {
      again.connect(target);
      again.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      byte[] bytes = new byte[BUFFER];
      int read = again.getInputStream().read(bytes);
      String answer = read < 0 ? "" : new String(bytes, 0, read, StandardCharsets.ISO_8859_1);
      doubles.put(of, answer.lines().findFirst().orElse("no answer"));
    } catch (IOException e) {
      doubles.put(of, e.toString());
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
