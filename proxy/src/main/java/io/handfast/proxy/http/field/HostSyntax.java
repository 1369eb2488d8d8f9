package io.handfast.proxy.http.field;

/**
 * The syntax of {@code Host} and of an authority without user information: {@code uri-host [":"
 * port]} (RFC 9110 section 7.2, RFC 3986 section 3.2). An empty host is none (RFC 9110 section
 * 4.2.1). Pure.
 */
public final class HostSyntax {
  /** Beside letters and digits: unreserved, sub-delims and the sign of an escape. */
  private static final String NAME = "-._~!$&'()*+;=%";

  private static final int MAX_PORT_DIGITS = 5;
  private static final int MAX_PORT = 65_535;

  private HostSyntax() {}

  /** Whether it is a host with or without a port. */
  public static boolean isValid(String host) {
    int end = host.startsWith("[") ? literalEnd(host) : nameEnd(host);
    return end > 0 && isPort(host, end);
  }

  /** Whether it is what CONNECT asks for: a host with a port (RFC 9112 section 3.2.3). */
  public static boolean isAuthorityForm(String target) {
    int colon = target.lastIndexOf(':');
    if (!isValid(target) || colon <= target.lastIndexOf(']') || colon == target.length() - 1) {
      return false;
    }
    int port = Integer.parseInt(target.substring(colon + 1));
    return port > 0 && port <= MAX_PORT;
  }

  /** The host of an authority. */
  public static String withoutPort(String authority) {
    int colon = portColon(authority);
    return colon < 0 ? authority : authority.substring(0, colon);
  }

  /** What stands before the port of an authority; -1 if it has none. */
  public static int portColon(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']') ? colon : -1;
  }

  /** Behind the brackets of an IP literal; 0 if it is none. */
  private static int literalEnd(String host) {
    int close = host.indexOf(']');
    for (int i = 1; i < close; i++) {
      char c = host.charAt(i);
      if (!isAlphanumeric(c) && c != ':' && c != '.' && c != '%') {
        return 0;
      }
    }
    return close < 3 ? 0 : close + 1;
  }

  private static int nameEnd(String host) {
    int end = 0;
    while (end < host.length()
        && (isAlphanumeric(host.charAt(end)) || NAME.indexOf(host.charAt(end)) >= 0)) {
      end++;
    }
    return end;
  }

  private static boolean isPort(String host, int from) {
    if (from == host.length()) {
      return true;
    }
    if (host.charAt(from) != ':' || host.length() - from - 1 > MAX_PORT_DIGITS) {
      return false;
    }
    for (int i = from + 1; i < host.length(); i++) {
      if (host.charAt(i) < '0' || host.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static boolean isAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
