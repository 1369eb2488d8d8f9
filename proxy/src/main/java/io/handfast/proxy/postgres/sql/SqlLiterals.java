package io.handfast.proxy.postgres.sql;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What a literal stands for. Stateless. */
final class SqlLiterals {
  /** Bytes of a literal that is undone; settings that matter here are shorter by far. */
  private static final int MAX_LENGTH = 8_192;

  private static final SqlValue OTHER = new SqlValue.Other();

  private SqlLiterals() {}

  /** Of the token that the lexer stands on. */
  static SqlValue value(byte[] text, SqlLexer lexer, SqlSettings settings) {
    int from = lexer.start();
    int to = lexer.end();
    if (to - from > MAX_LENGTH) {
      return OTHER;
    }
    return switch (lexer.token()) {
      case WORD, NUMBER ->
          new SqlValue.Constant(new String(text, from, to - from, settings.charset()));
      case PARAMETER -> parameter(text, from + 1, to);
      case STRING ->
          switch (lexer.style()) {
            case PLAIN -> quoted(text, lexer, settings, false);
            case ESCAPE -> quoted(text, lexer, settings, true);
            case DOLLAR -> dollar(text, from, to, settings);
            case UNICODE, BITS -> OTHER;
          };
      case END, QUOTED, SEMICOLON, OPEN, CLOSE, COMMA, DOT, OTHER -> OTHER;
    };
  }

  private static SqlValue parameter(byte[] text, int from, int to) {
    if (to - from > 5) {
      return OTHER; // there are 65,535 at most
    }
    return new SqlValue.Parameter(
        Integer.parseInt(new String(text, from, to - from, StandardCharsets.US_ASCII)));
  }

  private static SqlValue dollar(byte[] text, int from, int to, SqlSettings settings) {
    int tag = from + 1;
    while (text[tag] != '$') {
      tag++;
    }
    int length = tag + 1 - from;
    return new SqlValue.Constant(
        new String(text, from + length, to - from - 2 * length, settings.charset()));
  }

  private static SqlValue quoted(
      byte[] text, SqlLexer lexer, SqlSettings settings, boolean escapes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(64);
    int to = lexer.end();
    int i = lexer.start();
    while (text[i] != '\'') {
      i++; // the prefix
    }
    i++;
    while (i < to) {
      byte c = text[i];
      if (c == '\'') {
        if (i + 1 < to && text[i + 1] == '\'') {
          out.write('\'');
          i += 2;
          continue;
        }
        int more = lexer.continued(i + 1);
        if (more < 0) {
          break;
        }
        i = more + 1;
      } else if (c == '\\' && escapes) {
        i = escape(text, i + 1, out);
        if (i < 0) {
          return OTHER;
        }
      } else {
        out.write(c);
        i++;
      }
    }
    return new SqlValue.Constant(out.toString(settings.charset()));
  }

  /** What stands behind a backslash; gives where it ends, -1 for escapes by a code's number. */
  private static int escape(byte[] text, int at, ByteArrayOutputStream out) {
    switch (text[at]) {
      case 'b' -> out.write('\b');
      case 'f' -> out.write('\f');
      case 'n' -> out.write('\n');
      case 'r' -> out.write('\r');
      case 't' -> out.write('\t');
      case 'x', 'u', 'U', '0', '1', '2', '3', '4', '5', '6', '7' -> {
        return -1;
      }
      default -> out.write(text[at]);
    }
    return at + 1;
  }
}
