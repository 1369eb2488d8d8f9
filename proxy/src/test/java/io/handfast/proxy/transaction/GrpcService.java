package io.handfast.proxy.transaction;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A service whose answers are written byte by byte: gRPC as it is in HTTP/1.1, with its status in
 * the trailers. Thread-safe.
 */
final class GrpcService implements AutoCloseable {
  /** What is answered to a request, of which the head is given in lower case. */
  interface Work {
    String answer(String head) throws IOException;
  }

  private static final String HEAD =
      "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\nconnection: close\r\n";

  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Work work;

  /** The heads of the requests that came. */
  final List<String> seen = new CopyOnWriteArrayList<>();

  GrpcService(Work work) throws IOException {
    this.work = work;
    Thread.ofVirtual().start(this::accept);
  }

  /** A message, and those trailers behind it. */
  static String ends(String... trailers) {
    StringBuilder answer = new StringBuilder(HEAD + "transfer-encoding: chunked\r\n\r\n");
    answer.append("5\r\nhello\r\n0\r\n");
    for (String trailer : trailers) {
      answer.append(trailer).append("\r\n");
    }
    return answer.append("\r\n").toString();
  }

  /** A head that is the end. */
  static String trailersOnly(String... fields) {
    return HEAD + String.join("\r\n", fields) + "\r\ncontent-length: 0\r\n\r\n";
  }

  /** The headers by which an instrumented service carries its context on. */
  static String[] carried(String head) {
    return head.lines().filter(GrpcService::carries).toArray(String[]::new);
  }

  private static boolean carries(String line) {
    return line.startsWith("traceparent:")
        || line.startsWith("tracestate:")
        || line.startsWith("baggage:");
  }

  int port() {
    return socket.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket accepted = socket.accept();
        Thread.ofVirtual().start(() -> serve(accepted));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket accepted) {
    try (accepted) {
      InputStream in = accepted.getInputStream();
      StringBuilder request = new StringBuilder();
      while (request.indexOf("\r\n\r\n{}") < 0) {
        int read = in.read();
        if (read < 0) {
          return; // a connection that the sidecar made ahead and closed
        }
        request.append((char) read);
      }
      String head = request.substring(0, request.indexOf("\r\n\r\n")).toLowerCase(Locale.ROOT);
      seen.add(head);
      accepted.getOutputStream().write(work.answer(head).getBytes(StandardCharsets.US_ASCII));
    } catch (IOException gone) {
      // The sidecar does not want the answer any more.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
