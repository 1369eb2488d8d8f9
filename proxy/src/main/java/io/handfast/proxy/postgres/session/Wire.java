package io.handfast.proxy.postgres.session;

import io.handfast.tx.interceptor.SqlRefusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of PostgreSQL's protocol 3, written and read ("Message Formats" of its documentation).
 * Everything of our own is ASCII, which all client encodings share.
 */
final class Wire {
  /** Type and length. */
  static final int HEADER = 5;

  /** The portal of a statement of ours. */
  private static final String OURS = "_hf_";

  private Wire() {}

  /**
   * Begins a statement of ours by closing its portal, which may be left from one that failed.
   *
   * @param size of its text
   */
  static ByteBuf portalAgain(int size) {
    ByteBuf out = PooledByteBufAllocator.DEFAULT.buffer(size + 96);
    close(out, 'P', OURS);
    return out;
  }

  /** Parses it under a name of ours, which may be left, too. */
  static void parse(ByteBuf out, String name, String sql) {
    close(out, 'S', name);
    int at = begin(out, 'P');
    text(out, name);
    text(out, sql);
    out.writeShort(0);
    end(out, at);
  }

  /** Binds and executes it. */
  static void execute(ByteBuf out, String name) {
    int at = begin(out, 'B');
    text(out, OURS);
    text(out, name);
    out.writeShort(0).writeShort(0).writeShort(0);
    end(out, at);
    at = begin(out, 'E');
    text(out, OURS);
    out.writeInt(0);
    end(out, at);
  }

  private static void close(ByteBuf out, char what, String name) {
    int at = begin(out, 'C');
    out.writeByte(what);
    text(out, name);
    end(out, at);
  }

  static void sync(ByteBuf out) {
    out.writeByte('S').writeInt(4);
  }

  static void flush(ByteBuf out) {
    out.writeByte('H').writeInt(4);
  }

  /** A Query of bytes of the client's. */
  static ByteBuf query(byte[] text, int from, int to) {
    ByteBuf out = PooledByteBufAllocator.DEFAULT.buffer(to - from + HEADER + 1);
    out.writeByte('Q').writeInt(4 + to - from + 1).writeBytes(text, from, to - from).writeByte(0);
    return out;
  }

  static ByteBuf complete(String tag) {
    ByteBuf out = PooledByteBufAllocator.DEFAULT.buffer(HEADER + tag.length() + 1);
    int at = begin(out, 'C');
    text(out, tag);
    end(out, at);
    return out;
  }

  static ByteBuf ready(char status) {
    return PooledByteBufAllocator.DEFAULT.buffer(6).writeByte('Z').writeInt(5).writeByte(status);
  }

  static ByteBuf error(String severity, SqlRefusal refusal) {
    ByteBuf out = PooledByteBufAllocator.DEFAULT.buffer(256);
    int at = begin(out, 'E');
    field(out, 'S', severity);
    field(out, 'V', severity);
    field(out, 'C', refusal.sqlState());
    field(out, 'M', refusal.message());
    if (!refusal.hint().isEmpty()) {
      field(out, 'H', refusal.hint());
    }
    out.writeByte(0);
    end(out, at);
    return out;
  }

  /** The same error with a hint of ours behind the hint that it has. */
  static ByteBuf withHint(byte[] error, String hint) {
    ByteBuf out = PooledByteBufAllocator.DEFAULT.buffer(error.length + hint.length() + 16);
    int start = begin(out, 'E');
    boolean hinted = false;
    int at = HEADER;
    while (at < error.length && error[at] != 0) {
      int to = nul(error, at + 1);
      out.writeBytes(error, at, to - at);
      if (error[at] == 'H') {
        hinted = true;
        out.writeCharSequence(" " + ascii(hint), StandardCharsets.US_ASCII);
      }
      out.writeByte(0);
      at = to + 1;
    }
    if (!hinted) {
      field(out, 'H', hint);
    }
    out.writeByte(0);
    end(out, start);
    return out;
  }

  /** A field of an ErrorResponse; empty if it has none. */
  static String errorField(byte[] error, char field) {
    int at = HEADER;
    while (at < error.length && error[at] != 0) {
      int to = nul(error, at + 1);
      if (error[at] == field) {
        return new String(error, at + 1, to - at - 1, StandardCharsets.UTF_8);
      }
      at = to + 1;
    }
    return "";
  }

  /** Columns of a DataRow in text format. */
  static List<@Nullable String> row(ByteBuf in, int at, int length) {
    int end = at + 1 + length;
    List<@Nullable String> row = new ArrayList<>();
    int next = at + HEADER;
    if (end - next < 2) {
      return row;
    }
    int columns = in.getUnsignedShort(next);
    next += 2;
    for (int i = 0; i < columns && end - next >= 4; i++) {
      int size = in.getInt(next);
      next += 4;
      if (size > end - next) {
        return row;
      }
      row.add(size < 0 ? null : in.toString(next, size, StandardCharsets.UTF_8));
      next += Math.max(size, 0);
    }
    return row;
  }

  /** A constant, whatever the settings of the session and the characters in it are. */
  static String literal(String text) {
    return text.matches("[A-Za-z0-9_.@-]*")
        ? "'" + text + "'"
        : "pg_catalog.convert_from(pg_catalog.decode('"
            + HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8))
            + "', 'hex'), 'UTF8')::pg_catalog.name";
  }

  static byte[] bytes(ByteBuf in, int at, int size) {
    byte[] bytes = new byte[size];
    in.getBytes(at, bytes);
    return bytes;
  }

  /** Where the NUL is that ends a string, or {@code end}. */
  static int nul(ByteBuf in, int from, int end) {
    int at = from >= end ? -1 : in.indexOf(from, end, (byte) 0);
    return at < 0 ? end : at;
  }

  private static int nul(byte[] in, int from) {
    int at = from;
    while (at < in.length && in[at] != 0) {
      at++;
    }
    return at;
  }

  private static int begin(ByteBuf out, char type) {
    out.writeByte(type);
    int at = out.writerIndex();
    out.writeInt(0);
    return at;
  }

  private static void end(ByteBuf out, int at) {
    out.setInt(at, out.writerIndex() - at);
  }

  private static void field(ByteBuf out, char field, String value) {
    out.writeByte(field);
    text(out, value);
  }

  private static void text(ByteBuf out, String text) {
    out.writeCharSequence(ascii(text), StandardCharsets.US_ASCII);
    out.writeByte(0);
  }

  /** Whatever a name brought along: no byte that some encoding could not read, and no NUL. */
  private static String ascii(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c == 0 || c > 126 ? '?' : c);
    }
    return out.toString();
  }
}
