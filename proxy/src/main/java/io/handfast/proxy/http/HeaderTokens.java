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

  /** The same of a list that is there as bytes, from one place up to another. */
  static boolean contains(byte[] list, int from, int to, String token) {
    int start = from;
    while (start <= to) {
      int comma = start;
      while (comma < to && list[comma] != ',') {
        comma++;
      }
      int first = start;
      while (first < comma && isSpace((char) list[first])) {
        first++;
      }
      int end = comma;
      while (end > first && isSpace((char) list[end - 1])) {
        end--;
      }
      if (isSame(list, first, end, token)) {
        return true;
      }
      start = comma + 1;
    }
    return false;
  }

  /** Whether these bytes are that text, regardless of the case of ASCII's letters. */
  static boolean isSame(byte[] bytes, int from, int to, String text) {
    if (to - from != text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (!isSame(bytes[from + i], text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSame(byte b, char c) {
    int one = b & 0xff;
    return one == c || ((one ^ c) == 0x20 && (c | 0x20) >= 'a' && (c | 0x20) <= 'z');
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
