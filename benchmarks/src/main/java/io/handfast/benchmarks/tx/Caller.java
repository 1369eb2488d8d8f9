package io.handfast.benchmarks.tx;

import io.handfast.benchmarks.load.Wire;
import io.handfast.benchmarks.tx.Handler.Answer;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Calls a port of loopback over connections that are kept. Thread-safe. */
public final class Caller {
  private final int port;
  private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();

  public Caller(int port) {
    this.port = port;
  }

  public int port() {
    return port;
  }

  /**
   * A POST of JSON.
   *
   * @param headers more of them, each with its line end
   * @throws IOException if there is no answer; nothing is sent twice
   */
  public Answer post(String path, String headers, String body) throws IOException {
    Connection connection = idle.pollFirst();
    if (connection == null) {
      connection = new Connection(new Socket(InetAddress.getLoopbackAddress(), port));
    }
    Answer answer = connection.post(path, headers, body);
    idle.addFirst(connection);
    return answer;
  }

  private final class Connection {
    private final Socket socket;
    private final InputStream in;

    Connection(Socket socket) throws IOException {
      this.socket = socket;
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    }

    Answer post(String path, String headers, String body) throws IOException {
      String request =
          "POST "
              + path
              + " HTTP/1.1\r\nhost: 127.0.0.1:"
              + port
              + "\r\ncontent-type: application/json\r\ncontent-length: "
              + body.length()
              + "\r\n"
              + headers
              + "\r\n"
              + body;
      try {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String head = Wire.readHead(in);
        if (head == null) {
          throw new EOFException("port " + port + " closed the connection (expected: an answer)");
        }
        byte[] read = Wire.readBody(head, in);
        return new Answer(Wire.status(head), new String(read, StandardCharsets.UTF_8));
      } catch (IOException e) {
        socket.close();
        throw e;
      }
    }
  }
}
