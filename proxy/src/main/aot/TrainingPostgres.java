import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * As much of PostgreSQL as the training of a sidecar meets: a server that has an answer for every statement and keeps
 * nothing, and the client of a service that writes a row. The documentation of PostgreSQL has the messages ("Frontend/Backend
 * Protocol", version 3.0).
 */
final class TrainingPostgres {
  private static final int PROTOCOL = 196_608; // 3.0
  private static final int SSL_REQUEST = 80_877_103;
  private static final int GSS_REQUEST = 80_877_104;
  private static final int BOOL = 16;
  private static final int INT8 = 20;
  private static final int INT4 = 23;
  private static final int TEXT = 25;
  private static final int NAMES = 1003;
  private static final int NUMERIC = 1700;

  private final ServerSocket listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());

  /** What a statement is answered; {@code row} is null where there is none. */
  private record Answer(String tag, List<Integer> types, List<String> row) {}

  TrainingPostgres() throws IOException {
    Thread.startVirtualThread(() -> {
      try {
        while (true) {
          Socket client = listening.accept();
          Thread.startVirtualThread(() -> serve(client));
        }
      } catch (IOException e) {
        System.err.println("no more clients: " + e.getMessage());
      }
    });
  }

  int port() {
    return listening.getLocalPort();
  }

  private static Answer answer(String sql) {
    String text = sql.strip();
    if (text.contains("max_prepared_transactions")) {
      return new Answer("SELECT 1", List.of(INT4, INT4, BOOL, INT8, NAMES), List.of("100", "50", "f", "1", "{}"));
    }
    if (text.startsWith("SELECT system_identifier")) {
      return new Answer("SELECT 1", List.of(INT8), List.of("7"));
    }
    if (text.contains("array_agg")) {
      return new Answer("SELECT 1", List.of(INT8, NAMES), Arrays.asList("0", null));
    }
    if (text.contains("FROM pg_prepared_xacts")) {
      return new Answer("SELECT 0", List.of(TEXT, NUMERIC), null);
    }
    if (text.contains("pg_current_xact_id")) {
      String role = HexFormat.of().formatHex("training".getBytes(StandardCharsets.UTF_8));
      return new Answer("SELECT 1", List.of(TEXT, TEXT, BOOL, INT8), List.of("771", role, "f", "7"));
    }
    List<String> words = List.of(text.split("\\s+"));
    String first = words.getFirst().toUpperCase(Locale.ROOT);
    return switch (first) {
      case "SHOW" -> new Answer("SHOW", List.of(TEXT), List.of(words.contains("lock_timeout") ? "0" : "off"));
      case "UPDATE" -> new Answer("UPDATE 1", List.of(), null);
      case "PREPARE", "COMMIT", "ROLLBACK" ->
          new Answer(words.size() > 2 ? first + " " + words.get(1) : first, List.of(), null);
      default -> new Answer(first, List.of(), null);
    };
  }

  private static char status(String tag, char before) {
    return switch (tag) {
      case "BEGIN" -> 'T';
      case "COMMIT", "ROLLBACK", "PREPARE TRANSACTION" -> 'I';
      default -> before;
    };
  }

  private static void serve(Socket client) {
    try (client) {
      DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      Message answers = new Message();
      if (!greet(in, out, answers)) {
        return;
      }
      char status = 'I';
      Answer parsed = answer("");
      while (true) {
        int type = in.read();
        if (type < 0 || type == 'X') {
          return;
        }
        byte[] body = in.readNBytes(in.readInt() - 4);
        switch (type) {
          case 'Q' -> {
            Answer answer = answer(text(body, 0));
            if (!answer.types().isEmpty()) {
              answers.columns(answer.types());
            }
            answers.result(answer);
            status = status(answer.tag(), status);
            answers.ready(status);
          }
          case 'P' -> {
            parsed = answer(text(body, text(body, 0).length() + 1));
            answers.add('1');
          }
          case 'B' -> answers.add('2');
          case 'C' -> answers.add('3');
          case 'D' -> answers.add('n');
          case 'E' -> {
            answers.result(parsed);
            status = status(parsed.tag(), status);
          }
          case 'S' -> answers.ready(status);
          default -> {} // Flush: what there is goes out in any case
        }
        answers.to(out);
      }
    } catch (IOException e) {
      // The sidecar has closed it.
    }
  }

  private static boolean greet(DataInputStream in, DataOutputStream out, Message answers) throws IOException {
    int code;
    do {
      byte[] packet = in.readNBytes(in.readInt() - 4);
      code = new DataInputStream(new ByteArrayInputStream(packet)).readInt();
      if (code == SSL_REQUEST || code == GSS_REQUEST) {
        out.write('N');
      }
    } while (code == SSL_REQUEST || code == GSS_REQUEST);
    if (code >>> 16 != PROTOCOL >>> 16) {
      return false;
    }
    answers.add('R', 0);
    for (String setting :
        List.of(
            "server_version=18.0", "client_encoding=UTF8", "server_encoding=UTF8", "DateStyle=ISO, MDY", "TimeZone=UTC",
            "integer_datetimes=on", "standard_conforming_strings=on", "in_hot_standby=off", "is_superuser=off",
            "default_transaction_read_only=off", "session_authorization=training")) {
      answers.setting(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
    }
    answers.add('K', 1, 1);
    answers.ready('I');
    answers.to(out);
    return true;
  }

  private static String text(byte[] bytes, int from) {
    int to = from;
    while (to < bytes.length && bytes[to] != 0) {
      to++;
    }
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  /**
   * Writes a row as a service does, by the protocol's simple or extended queries.
   *
   * @param comment what names its transaction
   * @throws IOException also when it is refused
   */
  static void write(int port, String comment, boolean extended) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      Message message = new Message();
      message.startup("training");
      message.to(out);
      awaitReady(in);
      String update = "UPDATE rows SET value = value + 1 WHERE id = 1 " + comment;
      for (List<String> together : List.of(List.of("BEGIN", update), List.of("COMMIT"))) {
        for (String sql : together) {
          if (extended) {
            message.extended(sql);
          } else {
            message.query(sql);
            message.to(out);
            awaitReady(in);
          }
        }
        if (extended) {
          message.add('S');
          message.to(out);
          awaitReady(in);
        }
      }
      message.add('X');
      message.to(out);
    }
  }

  private static void awaitReady(DataInputStream in) throws IOException {
    List<String> refused = new ArrayList<>();
    while (true) {
      int type = in.read();
      if (type < 0) {
        throw new IOException("the connection is closed: " + refused);
      }
      byte[] body = in.readNBytes(in.readInt() - 4);
      if (type == 'E') {
        refused.add(new String(body, StandardCharsets.UTF_8).replace('\0', ' '));
      } else if (type == 'Z') {
        if (!refused.isEmpty()) {
          throw new IOException(String.join(", ", refused));
        }
        return;
      }
    }
  }

  /** Messages that are put together and sent at once. */
  private static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final DataOutputStream fields = new DataOutputStream(body);

    void to(DataOutputStream out) throws IOException {
      bytes.writeTo(out);
      out.flush();
      bytes.reset();
    }

    private void string(String text) throws IOException {
      fields.write(text.getBytes(StandardCharsets.UTF_8));
      fields.write(0);
    }

    /** Ends a message; type 0 is that of a packet that has none. */
    private void end(int type) throws IOException {
      DataOutputStream out = new DataOutputStream(bytes);
      if (type != 0) {
        out.write(type);
      }
      out.writeInt(4 + body.size());
      body.writeTo(out);
      body.reset();
    }

    void add(int type, int... numbers) throws IOException {
      for (int number : numbers) {
        fields.writeInt(number);
      }
      end(type);
    }

    void ready(char status) throws IOException {
      fields.write(status);
      end('Z');
    }

    void setting(String name, String value) throws IOException {
      string(name);
      string(value);
      end('S');
    }

    void columns(List<Integer> types) throws IOException {
      fields.writeShort(types.size());
      for (int type : types) {
        string("column");
        fields.writeInt(0);
        fields.writeShort(0);
        fields.writeInt(type);
        fields.writeShort(-1);
        fields.writeInt(-1);
        fields.writeShort(0);
      }
      end('T');
    }

    void result(Answer answer) throws IOException {
      if (answer.row() != null) {
        fields.writeShort(answer.row().size());
        for (String value : answer.row()) {
          byte[] text = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
          fields.writeInt(value == null ? -1 : text.length);
          fields.write(text);
        }
        end('D');
      }
      string(answer.tag());
      end('C');
    }

    void startup(String user) throws IOException {
      fields.writeInt(PROTOCOL);
      for (String part : List.of("user", user, "database", user)) {
        string(part);
      }
      fields.write(0);
      end(0);
    }

    void query(String sql) throws IOException {
      string(sql);
      end('Q');
    }

    /** Parse, Bind, Describe and Execute, without a Sync. */
    void extended(String sql) throws IOException {
      string("");
      string(sql);
      fields.writeShort(0);
      end('P');
      string("");
      string("");
      fields.writeShort(0);
      fields.writeShort(0);
      fields.writeShort(0);
      end('B');
      fields.write('P');
      string("");
      end('D');
      string("");
      fields.writeInt(0);
      end('E');
    }
  }
}
