package io.handfast.benchmarks.tx;

import io.handfast.benchmarks.load.Wire;
import io.handfast.benchmarks.tx.Handler.Answer;
import io.handfast.benchmarks.tx.Handler.Request;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** HTTP/1.1 on a port of loopback, with a thread for each connection. */
final class Listener {
  private static final int BACKLOG = 1024;

  private Listener() {}

  /** Serves until the process ends. */
  static void serve(int port, Handler handler) throws IOException {
    try (ServerSocket server = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress())) {
      while (true) {
        Socket connection = server.accept();
        Thread.ofPlatform().daemon().start(() -> serve(connection, handler));
      }
    }
  }

  private static void serve(Socket connection, Handler handler) {
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = connection.getOutputStream();
      for (String head = Wire.readHead(in); head != null; head = Wire.readHead(in)) {
        String body = new String(Wire.readBody(head, in), StandardCharsets.UTF_8);
        out.write(written(answer(handler, new Request(head.split(" ", 3)[1], head, body))));
      }
    } catch (IOException e) {
      // The other side has closed its connection, as it may.
    }
  }

  private static Answer answer(Handler handler, Request request) {
    try {
      return handler.serve(request);
    } catch (IOException | RuntimeException e) {
      System.err.println(request.path() + ": " + e);
      return new Answer(500, "{}");
    }
  }

  private static byte[] written(Answer answer) {
    return ("HTTP/1.1 "
            + answer.status()
            + " -\r\ncontent-type: application/json\r\ncontent-length: "
            + answer.body().length()
            + "\r\n\r\n"
            + answer.body())
        .getBytes(StandardCharsets.US_ASCII);
  }
}
