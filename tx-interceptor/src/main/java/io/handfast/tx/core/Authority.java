package io.handfast.tx.core;

import org.jspecify.annotations.Nullable;

/**
 * Where a sidecar's control service answers: {@code host:port}.
 *
 * @param host a name or an IPv4 address in lower case, or an IPv6 address in brackets; 1 to 255
 *     characters
 * @param port 1 to 65535
 */
public record Authority(String host, int port) implements Comparable<Authority> {
  /** Port of the control service where none is written. */
  public static final int DEFAULT_PORT = 15014;

  /** Characters of a host name (RFC 1035). */
  public static final int MAX_HOST_LENGTH = 255;

  /** What the written form looks like, for error texts. */
  public static final String EXPECTED = "host:port, IPv6 in brackets, lower case, port 1 to 65535";

  public Authority {
    if (!isHost(host) || port < 1 || port > 65535) {
      throw new IllegalArgumentException(
          "authority: " + host + ":" + port + " (expected: " + EXPECTED + ")");
    }
  }

  /** Reads {@code host:port} or {@code host}, or gives null if {@code text} is neither. */
  public static @Nullable Authority parse(String text) {
    int bracket = text.indexOf(']');
    int colon = text.indexOf(':', Math.max(bracket, 0));
    String host = colon < 0 ? text : text.substring(0, colon);
    int port = colon < 0 ? DEFAULT_PORT : parsePort(text, colon + 1);
    return port < 1 || !isHost(host) ? null : new Authority(host, port);
  }

  private static int parsePort(String text, int from) {
    int length = text.length() - from;
    if (length < 1 || length > 5 || text.charAt(from) == '0') {
      return -1;
    }
    int port = 0;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      port = port * 10 + (c - '0');
    }
    return port <= 65535 ? port : -1;
  }

  private static boolean isHost(String host) {
    int length = host.length();
    if (length == 0 || length > MAX_HOST_LENGTH) {
      return false;
    }
    return host.charAt(0) == '[' ? isBracketed(host) : isName(host);
  }

  /** Only the characters are checked: whoever connects finds out whether the address is one. */
  private static boolean isBracketed(String host) {
    int last = host.length() - 1;
    if (last < 3 || host.charAt(last) != ']') {
      return false;
    }
    boolean colon = false;
    for (int i = 1; i < last; i++) {
      char c = host.charAt(i);
      colon |= c == ':';
      if (c != ':' && c != '.' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return colon;
  }

  private static boolean isName(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      boolean inner = c == '-' || c == '.' || c == '_';
      if (!letter && !(inner && i > 0)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int compareTo(Authority other) {
    int hosts = host.compareTo(other.host);
    return hosts != 0 ? hosts : Integer.compare(port, other.port);
  }

  /** The written form, always with its port. */
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
