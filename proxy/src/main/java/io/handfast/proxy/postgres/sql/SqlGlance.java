package io.handfast.proxy.postgres.sql;

/**
 * The fast way past a text: says in one pass over its bytes, and without an object, that it is one
 * statement that reads or writes data, that no comment of it names a transaction, and that nothing
 * in it is in PREPARE's way as far as {@link SqlScript} could tell. May say no where that is so
 * too.
 *
 * <p>It knows nothing of quotes: what could be one of these things in a comment or a literal counts
 * as one. So it needs no settings either, for in no encoding is a character's second byte a
 * semicolon, a slash or a star. Stateless.
 */
public final class SqlGlance {
  private SqlGlance() {}

  /**
   * Whether the text is one statement of data, and nothing more.
   *
   * @param text holds the bytes between {@code from} and {@code to}, without the NUL that ends them
   */
  public static boolean isPlain(byte[] text, int from, int to) {
    int start = from;
    while (start < to && SqlLexer.isSpace(text[start])) {
      start++;
    }
    int end = wordEnd(text, start, to);
    if (end < to && text[end] == '$') {
      return false;
    }
    boolean query;
    switch (SqlWord.of(text, start, end)) {
      case SELECT, WITH -> query = true;
      case INSERT, UPDATE, DELETE, MERGE -> query = false;
      default -> {
        return false;
      }
    }
    int i = end;
    while (i < to) {
      byte c = text[i];
      if (SqlLexer.isLetter(c)) {
        int wordEnd = wordEnd(text, i, to);
        if (matters(text, i, wordEnd, to, query)) {
          return false;
        }
        i = wordEnd;
      } else if (c == ';') {
        return isSpace(text, i + 1, to);
      } else if (c == '/' && i + 1 < to && text[i + 1] == '*') {
        return false;
      } else {
        i++; // a word may follow a number at once
      }
    }
    return true;
  }

  private static boolean matters(byte[] text, int from, int end, int to, boolean query) {
    return switch (text[from]) {
      case 'p', 'P' -> SqlWord.of(text, from, end).obstacle() != null;
      case 's', 'S' -> SqlWord.of(text, from, end) == SqlWord.SET_CONFIG;
      case 'i', 'I' -> query && SqlWord.of(text, from, end) == SqlWord.INTO;
      case 'u', 'U' -> end < to && text[end] == '&'; // a name with escapes
      default -> false;
    };
  }

  /** A dollar ends a word here, for it may have ended a literal. */
  private static int wordEnd(byte[] text, int from, int to) {
    int i = from;
    while (i < to && text[i] != '$' && SqlLexer.isWordPart(text[i])) {
      i++;
    }
    return i;
  }

  private static boolean isSpace(byte[] text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!SqlLexer.isSpace(text[i])) {
        return false;
      }
    }
    return true;
  }
}
