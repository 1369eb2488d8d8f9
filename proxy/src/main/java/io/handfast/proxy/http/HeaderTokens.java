package io.handfast.proxy.http;

import java.util.function.Consumer;

/**
 * Comma-separated lists of tokens in header values (RFC 9110 section 5.6.1), without allocation
 * where possible.
 */
public final class HeaderTokens {
  private HeaderTokens() {}

  /** Whether the list has that token, regardless of case. */
  public static boolean contains(String list, String token) {
    int start = 0;
    while (start <= list.length()) {
      int comma = end(list, start);
      int from = skipSpace(list, start, comma);
      int to = trimEnd(list, from, comma);
      if (to - from == token.length() && list.regionMatches(true, from, token, 0, token.length())) {
        return true;
      }
      start = comma + 1;
    }
    return false;
  }

  /** Calls for each non-empty member, trimmed. */
  public static void forEach(String list, Consumer<String> action) {
    int start = 0;
    while (start <= list.length()) {
      int comma = end(list, start);
      int from = skipSpace(list, start, comma);
      int to = trimEnd(list, from, comma);
      if (to > from) {
        action.accept(list.substring(from, to));
      }
      start = comma + 1;
    }
  }

  private static int end(String list, int start) {
    int comma = list.indexOf(',', start);
    return comma < 0 ? list.length() : comma;
  }

  private static int skipSpace(String list, int from, int to) {
    int i = from;
    while (i < to && isSpace(list.charAt(i))) {
      i++;
    }
    return i;
  }

  private static int trimEnd(String list, int from, int to) {
    int i = to;
    while (i > from && isSpace(list.charAt(i - 1))) {
      i--;
    }
    return i;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
