package io.handfast.proxy.postgres.sql;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** As much of PostgreSQL's protocol as sends a text as it is, and tells what came of it. */
final class WireClient implements AutoCloseable {
  private static final int PROTOCOL = 3 << 16;
  private static final byte[] START =
      "user\0postgres\0database\0postgres\0\0".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  WireClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    out.writeInt(8 + START.length);
    out.writeInt(PROTOCOL);
    out.write(START);
    out.flush();
    read();
  }

  /**
   * What the server said to a Query message.
   *
   * @param tags of commands that were completed
   * @param error SQLSTATE and message, or null
   * @param values first columns of rows
   */
  record Reply(List<String> tags, @Nullable String error, List<String> values) {
    boolean failed() {
      return error != null;
    }

    /** Whether it was refused before anything ran: the scanner or the grammar would not have it. */
    boolean refused() {
      return error != null && tags.isEmpty();
    }
  }

  Reply query(String sql) throws IOException {
    byte[] text = sql.getBytes(StandardCharsets.UTF_8);
    out.writeByte('Q');
    out.writeInt(5 + text.length);
    out.write(text);
    out.writeByte(0);
    out.flush();
    return read();
  }

  private Reply read() throws IOException {
    List<String> tags = new ArrayList<>();
    List<String> values = new ArrayList<>();
    String error = null;
    while (true) {
      int type = in.readByte();
      byte[] body = in.readNBytes(in.readInt() - 4);
      switch (type) {
        case 'C' -> tags.add(string(body, 0));
        case 'D' -> values.add(value(body));
        case 'E' -> error = error(body);
        case 'G' -> {
          out.writeByte('c');
          out.writeInt(4);
          out.flush();
        }
        case 'Z' -> {
          return new Reply(tags, error, values);
        }
        default -> {
          // says nothing about what was run
        }
      }
    }
  }

  private static String value(byte[] row) {
    int length = row.length < 6 ? -1 : java.nio.ByteBuffer.wrap(row).getInt(2);
    return length < 0 ? "NULL" : new String(row, 6, length, StandardCharsets.UTF_8);
  }

  private static String error(byte[] fields) {
    String state = "";
    String message = "";
    for (int i = 0; i < fields.length && fields[i] != 0; ) {
      String field = string(fields, i + 1);
      switch (fields[i]) {
        case 'C' -> state = field;
        case 'M' -> message = field;
        default -> {
          // for people who look closer
        }
      }
      i += field.getBytes(StandardCharsets.UTF_8).length + 2;
    }
    return state + " " + message;
  }

  private static String string(byte[] bytes, int from) {
    int end = from;
    while (bytes[end] != 0) {
      end++;
    }
    return new String(bytes, from, end - from, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
