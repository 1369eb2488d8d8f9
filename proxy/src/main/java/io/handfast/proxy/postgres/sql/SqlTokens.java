package io.handfast.proxy.postgres.sql;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of one statement, as its classifiers ask for them: what stands here, whether it is
 * this keyword, which name. Confined to one statement.
 */
final class SqlTokens {
  /** PostgreSQL keeps this many bytes of a name ({@code NAMEDATALEN}). */
  private static final int MAX_NAME = 63;

  /** Characters of an object's name that are shown. */
  private static final int SHOWN = 120;

  private final byte[] text;
  private final SqlSettings settings;
  private final int to;
  private SqlLexer lexer;

  SqlTokens(byte[] text, int from, int to, SqlSettings settings) {
    this.text = text;
    this.settings = settings;
    this.to = to;
    this.lexer = new SqlLexer(text, from, to, settings, null);
    lexer.next();
  }

  /** Goes back, or on, to a token that begins at {@code from}. */
  void seek(int from) {
    lexer = new SqlLexer(text, from, to, settings, null);
    lexer.next();
  }

  SqlLexer.Token token() {
    return lexer.token();
  }

  SqlWord word() {
    return lexer.word();
  }

  /** The keyword of a word or of a name in quotes. */
  SqlWord name() {
    return lexer.name();
  }

  int start() {
    return lexer.start();
  }

  int end() {
    return lexer.end();
  }

  void next() {
    lexer.next();
  }

  boolean is(SqlWord word) {
    return lexer.word() == word && word != SqlWord.NONE;
  }

  boolean is(SqlLexer.Token token) {
    return lexer.token() == token;
  }

  /** Whether a sign that is no token of its own stands here. */
  boolean isSign(char sign) {
    return lexer.token() == SqlLexer.Token.OTHER && lexer.first() == sign;
  }

  /** Goes past a keyword, if it is here. */
  boolean skip(SqlWord word) {
    if (!is(word)) {
      return false;
    }
    lexer.next();
    return true;
  }

  boolean skip(SqlLexer.Token token) {
    if (!is(token)) {
      return false;
    }
    lexer.next();
    return true;
  }

  /** Goes past whichever of these keywords is here. */
  void skipAny(SqlWord first, SqlWord second) {
    if (!skip(first)) {
      skip(second);
    }
  }

  boolean ended() {
    return lexer.token() == SqlLexer.Token.END;
  }

  /** Goes past a parenthesis and what it encloses, if one is here. */
  void skipParentheses() {
    if (!is(SqlLexer.Token.OPEN)) {
      return;
    }
    int depth = 0;
    do {
      if (is(SqlLexer.Token.OPEN)) {
        depth++;
      } else if (is(SqlLexer.Token.CLOSE)) {
        depth--;
      }
      lexer.next();
    } while (depth > 0 && !ended());
  }

  /** The name here as PostgreSQL keeps it, and goes past it; null if there is none. */
  @Nullable String identifier() {
    String name = identifierHere();
    if (name != null) {
      lexer.next();
    }
    return name;
  }

  /**
   * Names are told apart by it, so those that the server takes for one have to be one here. A name
   * with escapes of its own stays as it is written.
   */
  private @Nullable String identifierHere() {
    if (is(SqlLexer.Token.WORD)) {
      return clip(lower(lexer.start(), lexer.end()));
    }
    if (!is(SqlLexer.Token.QUOTED)) {
      return null;
    }
    return lexer.style() == SqlLexer.Style.PLAIN
        ? clip(undouble(lexer.start() + 1, lexer.end() - 1, '"'))
        : clip(copy(lexer.start(), lexer.end()));
  }

  private byte[] lower(int from, int end) {
    byte[] bytes = copy(from, end);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] >= 'A' && bytes[i] <= 'Z') {
        bytes[i] += (byte) ('a' - 'A');
      }
    }
    return bytes;
  }

  private byte[] copy(int from, int end) {
    return java.util.Arrays.copyOfRange(text, from, end);
  }

  private byte[] undouble(int from, int end, char quote) {
    byte[] bytes = new byte[end - from];
    int length = 0;
    for (int i = from; i < end; i++) {
      bytes[length++] = text[i];
      if (text[i] == quote) {
        i++;
      }
    }
    return java.util.Arrays.copyOf(bytes, length);
  }

  /** As PostgreSQL cuts a name that is too long: not within a character. */
  private String clip(byte[] name) {
    int length = Math.min(name.length, MAX_NAME);
    if (length < name.length && settings.charset().equals(StandardCharsets.UTF_8)) {
      while (length > 0 && (name[length] & 0xc0) == 0x80) {
        length--;
      }
    }
    return new String(name, 0, length, settings.charset());
  }

  /**
   * A name with what it is qualified by, for people, and goes past it; null if there is none. What
   * would break a line or a log is left out.
   */
  @Nullable String object() {
    StringBuilder out = new StringBuilder(32);
    String part = identifier();
    while (part != null) {
      show(part, out);
      if (!skip(SqlLexer.Token.DOT)) {
        break;
      }
      out.append('.');
      part = identifier();
    }
    return out.isEmpty() ? null : out.toString();
  }

  /** Appends a name for people, as far as there is room, without what would break a line. */
  static void show(String name, StringBuilder out) {
    name.codePoints()
        .filter(c -> out.length() < SHOWN && !Character.isISOControl(c))
        .forEach(out::appendCodePoint);
  }

  /** The value here, and goes past it; casts of a constant are passed over. */
  SqlValue value() {
    SqlValue value = SqlLiterals.value(text, lexer, settings);
    lexer.next();
    while (isSign(':')) {
      lexer.next();
      if (isSign(':')) {
        lexer.next();
        object();
      }
    }
    return value;
  }

  /** All from {@code from} to the statement's end, as it stands. */
  String rest(int from) {
    return new String(text, from, to - from, settings.charset());
  }
}
