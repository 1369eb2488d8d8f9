package io.handfast.proxy.postgres.sql;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of a text, cut where PostgreSQL's scanner cuts them ({@code src/backend/parser/scan.l} of
 * 18), as far as that decides where statements, strings and comments end. So operators come
 * character by character, and what the grammar would refuse is a token all the same.
 *
 * <p>Bytes with the highest bit set are letters, as there. Each byte is looked at a constant number
 * of times. Confined to one reading.
 */
final class SqlLexer {

  enum Token {
    END,
    /** An identifier or a keyword without quotes. */
    WORD,
    /** {@code "…"}, {@code U&"…"}. */
    QUOTED,
    /** Any literal in quotes; {@link #style} tells which. */
    STRING,
    NUMBER,
    /** {@code $1} */
    PARAMETER,
    SEMICOLON,
    OPEN,
    CLOSE,
    COMMA,
    DOT,
    OTHER
  }

  /** How a literal, or a name in quotes, is written. */
  enum Style {
    /** {@code '…'} with a backslash that is one; {@code "…"}. */
    PLAIN,
    /** {@code E'…'}, or {@code '…'} where standard_conforming_strings is off. */
    ESCAPE,
    /** {@code U&'…'}, {@code U&"…"}. */
    UNICODE,
    /** {@code $tag$…$tag$}. */
    DOLLAR,
    /** {@code B'…'}, {@code X'…'}. */
    BITS
  }

  /** Told of comments. */
  interface Comments {
    /** A comment of {@code /*} without another in it; the offsets are those of what is in it. */
    void comment(int from, int to);
  }

  private final byte[] text;
  private final boolean standard;
  private final @Nullable Comments comments;
  private final int to;

  private int at;
  private Token token = Token.END;
  private SqlWord word = SqlWord.NONE;
  private Style style = Style.PLAIN;
  private int start;
  private @Nullable String fault;

  SqlLexer(byte[] text, int from, int to, SqlSettings settings, @Nullable Comments comments) {
    this.text = text;
    this.at = from;
    this.start = from;
    this.to = to;
    this.standard = settings.standardConformingStrings();
    this.comments = comments;
  }

  /** Goes to the next token. After {@link Token#END} it stays there. */
  Token next() {
    word = SqlWord.NONE;
    skipSpace();
    start = at;
    token = at < to && fault == null ? cut(text[at]) : Token.END;
    if (fault != null) {
      token = Token.END;
    }
    return token;
  }

  Token token() {
    return token;
  }

  /** The keyword, if the token is a {@link Token#WORD} and known. */
  SqlWord word() {
    return word;
  }

  /** The keyword of a word, or of a name in quotes: for names of functions. */
  SqlWord name() {
    return token == Token.QUOTED && style == Style.PLAIN
        ? SqlWord.of(text, start + 1, at - 1)
        : word;
  }

  Style style() {
    return style;
  }

  int start() {
    return start;
  }

  int end() {
    return at;
  }

  /** Why the scanner refuses the text, or null as long as it does not. */
  @Nullable String fault() {
    return fault;
  }

  /** The first byte of the token. */
  byte first() {
    return text[start];
  }

  private Token cut(byte c) {
    return switch (c) {
      case '\'' -> quoted(at + 1, standard ? Style.PLAIN : Style.ESCAPE);
      case '"' -> name(at + 1, Style.PLAIN);
      case '$' -> dollar();
      case ';' -> single(Token.SEMICOLON);
      case '(' -> single(Token.OPEN);
      case ')' -> single(Token.CLOSE);
      case ',' -> single(Token.COMMA);
      case '.' -> isDigit(peek(1)) ? number() : single(Token.DOT);
      default -> isDigit(c) ? number() : isLetter(c) ? letter(c) : single(Token.OTHER);
    };
  }

  private Token single(Token what) {
    at++;
    return what;
  }

  /** A letter begins a word, unless a quote right behind it makes it a literal's prefix. */
  private Token letter(byte c) {
    int next = peek(1);
    if (next == '\'') {
      switch (c) {
        case 'e', 'E' -> {
          return quoted(at + 2, Style.ESCAPE);
        }
        case 'b', 'B', 'x', 'X' -> {
          return quoted(at + 2, Style.BITS);
        }
        default -> {
          // N'…' is the keyword NCHAR and a literal of its own.
        }
      }
    } else if (next == '&' && (c == 'u' || c == 'U')) {
      if (peek(2) == '"') {
        return name(at + 3, Style.UNICODE);
      }
      if (peek(2) == '\'') {
        if (!standard) {
          return fail("U&'…' while standard_conforming_strings is off");
        }
        return quoted(at + 3, Style.UNICODE);
      }
    }
    int i = at + 1;
    while (i < to && isWordPart(text[i])) {
      i++;
    }
    word = SqlWord.of(text, at, i);
    at = i;
    return Token.WORD;
  }

  private Token number() {
    int i = at;
    if (text[i] == '0' && i + 2 < to && "xXoObB".indexOf(text[i + 1]) >= 0) {
      i += 2;
    }
    i = digits(i);
    if (i + 1 < to && text[i] == '.' && isDigit(text[i + 1])) {
      i = digits(i + 1);
    }
    if (i < to && (text[i] == 'e' || text[i] == 'E')) {
      int exponent = i + 1;
      if (exponent < to && (text[exponent] == '+' || text[exponent] == '-')) {
        exponent++;
      }
      if (exponent < to && isDigit(text[exponent])) {
        i = digits(exponent);
      }
    }
    at = Math.max(i, at + 1);
    return Token.NUMBER;
  }

  private int digits(int from) {
    int i = from;
    while (i < to && (isDigit(text[i]) || text[i] == '_')) {
      i++;
    }
    return i;
  }

  private Token name(int from, Style how) {
    style = how;
    for (int i = from; i < to; i++) {
      if (text[i] == '"') {
        if (i + 1 < to && text[i + 1] == '"') {
          i++;
        } else {
          at = i + 1;
          return Token.QUOTED;
        }
      }
    }
    return fail("a quoted identifier does not end");
  }

  private Token quoted(int from, Style how) {
    style = how;
    for (int i = from; i < to; i++) {
      byte c = text[i];
      if (c == '\\' && how == Style.ESCAPE) {
        i++;
      } else if (c == '\'') {
        if (how != Style.BITS && i + 1 < to && text[i + 1] == '\'') {
          i++;
          continue;
        }
        int more = continued(i + 1);
        if (more < 0) {
          at = i + 1;
          return Token.STRING;
        }
        i = more;
      }
    }
    return fail("a string in quotes does not end");
  }

  /**
   * Where the quote stands that goes on with a literal that ended before {@code from}: behind white
   * space and line comments with a line's end among them; -1 if it does not go on. It goes on in
   * the style that it began with.
   */
  int continued(int from) {
    boolean line = false;
    int i = from;
    while (i < to) {
      byte c = text[i];
      if (c == '\n' || c == '\r') {
        line = true;
        i++;
      } else if (isSpace(c)) {
        i++;
      } else if (c == '-' && i + 1 < to && text[i + 1] == '-') {
        i = endOfLine(i + 2);
      } else {
        return line && c == '\'' ? i : -1;
      }
    }
    return -1;
  }

  private Token dollar() {
    if (isDigit(peek(1))) {
      int i = at + 1;
      while (i < to && isDigit(text[i])) {
        i++;
      }
      at = i;
      return Token.PARAMETER;
    }
    int body = delimiter(at);
    if (body < 0 || text[body - 1] != '$' || body - at < 2) {
      return single(Token.OTHER);
    }
    style = Style.DOLLAR;
    int length = body - at;
    int i = body;
    while (i < to) {
      if (text[i] != '$') {
        i++;
        continue;
      }
      int end = delimiter(i);
      if (end - i == length && Arrays.equals(text, at, body, text, i, end)) {
        at = end;
        return Token.STRING;
      }
      // Of one that is another's the last dollar may begin the next.
      i = end > i + 1 && text[end - 1] == '$' ? end - 1 : Math.max(end, i + 1);
    }
    return fail("a string in dollar quotes does not end");
  }

  /**
   * Behind what begins like a dollar quote's delimiter at {@code from}, with its second dollar if
   * there is one.
   */
  private int delimiter(int from) {
    int i = from + 1;
    if (i < to && isLetter(text[i])) {
      i++;
      while (i < to && (isLetter(text[i]) || isDigit(text[i]))) {
        i++;
      }
    }
    return i < to && text[i] == '$' ? i + 1 : i;
  }

  private void skipSpace() {
    while (at < to) {
      byte c = text[at];
      if (isSpace(c)) {
        at++;
      } else if (c == '-' && peek(1) == '-') {
        at = endOfLine(at + 2);
      } else if (c == '/' && peek(1) == '*') {
        skipComment();
      } else {
        return;
      }
    }
  }

  private int endOfLine(int from) {
    int i = from;
    while (i < to && text[i] != '\n' && text[i] != '\r') {
      i++;
    }
    return i;
  }

  private void skipComment() {
    int from = at + 2;
    int depth = 1;
    boolean nested = false;
    int i = from;
    while (i + 1 < to) {
      if (text[i] == '/' && text[i + 1] == '*') {
        depth++;
        nested = true;
        i += 2;
      } else if (text[i] == '*' && text[i + 1] == '/') {
        depth--;
        i += 2;
        if (depth == 0) {
          at = i;
          if (comments != null && !nested) {
            comments.comment(from, i - 2);
          }
          return;
        }
      } else {
        i++;
      }
    }
    at = to;
    fault = "a comment does not end";
  }

  private Token fail(String why) {
    at = to;
    fault = why;
    return Token.END;
  }

  private int peek(int ahead) {
    return at + ahead < to ? text[at + ahead] : -1;
  }

  static boolean isSpace(byte c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  static boolean isLetter(byte c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c < 0;
  }

  static boolean isWordPart(byte c) {
    return isLetter(c) || isDigit(c) || c == '$';
  }
}
