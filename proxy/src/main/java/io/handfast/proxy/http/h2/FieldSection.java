package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.field.Chars;
import org.jspecify.annotations.Nullable;

/**
 * What a field section has said: pseudo-header fields and header fields, checked one by one as they
 * are decoded (RFC 9113 section 8.2). Whatever is wrong is noted and the rest decoded all the same,
 * for the table must stay in step with the peer's. Confined to the connection's loop.
 */
final class FieldSection {
  private final int maxFields;
  private Headers fields = new Headers();
  private @Nullable String method;
  private @Nullable String scheme;
  private @Nullable String authority;
  private @Nullable String path;
  private @Nullable String protocol;
  private @Nullable String status;
  private @Nullable String malformed;
  private @Nullable StringBuilder cookies;
  private boolean pseudo;
  private boolean tooLarge;

  FieldSection(int maxFields) {
    this.maxFields = maxFields;
  }

  /** For the next section. */
  void reset() {
    fields = new Headers();
    method = null;
    scheme = null;
    authority = null;
    path = null;
    protocol = null;
    status = null;
    malformed = null;
    cookies = null;
    pseudo = false;
    tooLarge = false;
  }

  void add(String name, String value) {
    if (malformed != null || tooLarge) {
      return;
    }
    if (!isValue(value)) {
      malformed = "a value with a control character, or with space around it";
    } else if (!name.isEmpty() && name.charAt(0) == ':') {
      addPseudo(name, value);
    } else {
      addField(name, value);
    }
  }

  private void addPseudo(String name, String value) {
    pseudo = true;
    if (!fields.isEmpty() || cookies != null) {
      malformed = name + " behind header fields";
      return;
    }
    String before =
        switch (name) {
          case ":method" -> method;
          case ":scheme" -> scheme;
          case ":authority" -> authority;
          case ":path" -> path;
          case ":protocol" -> protocol;
          case ":status" -> status;
          default -> "";
        };
    if (before != null) {
      malformed = name + " twice, or unknown";
      return;
    }
    switch (name) {
      case ":method" -> method = value;
      case ":scheme" -> scheme = value;
      case ":authority" -> authority = value;
      case ":path" -> path = value;
      case ":protocol" -> protocol = value;
      default -> status = value;
    }
  }

  private void addField(String name, String value) {
    if (!isName(name)) {
      malformed = "a name that is no token in lower case";
      return;
    }
    switch (name) {
      case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" ->
          malformed = name + " (expected: not in HTTP/2)";
      case "te" -> {
        if (value.equalsIgnoreCase("trailers")) {
          append(name, value);
        } else {
          malformed = "te (expected: trailers)";
        }
      }
      // A client may split it, for compression (section 8.2.3).
      case "cookie" -> {
        if (cookies == null) {
          cookies = new StringBuilder(value);
        } else if (!value.isEmpty()) { // an empty one would leave a space at the end, or two
          cookies.append(cookies.isEmpty() ? "" : "; ").append(value);
        }
      }
      default -> append(name, value);
    }
  }

  private void append(String name, String value) {
    if (fields.size() == maxFields) {
      tooLarge = true;
    } else {
      fields.add(name, value);
    }
  }

  void tooLarge() {
    tooLarge = true;
  }

  void malformed(String what) {
    malformed = what;
  }

  private static boolean isName(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!Chars.isToken((byte) c) || (c >= 'A' && c <= 'Z')) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  private static boolean isValue(String value) {
    int length = value.length();
    for (int i = 0; i < length; i++) {
      if (!Chars.isValue((byte) value.charAt(i))) {
        return false;
      }
    }
    return length == 0 || !(isSpace(value.charAt(0)) || isSpace(value.charAt(length - 1)));
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }

  /** The header fields; whoever takes them owns them. */
  Headers fields() {
    if (cookies != null) {
      fields.add("cookie", cookies.toString());
      cookies = null;
    }
    return fields;
  }

  @Nullable String method() {
    return method;
  }

  @Nullable String scheme() {
    return scheme;
  }

  @Nullable String authority() {
    return authority;
  }

  @Nullable String path() {
    return path;
  }

  /** Of an extended CONNECT (RFC 8441). */
  @Nullable String protocol() {
    return protocol;
  }

  @Nullable String status() {
    return status;
  }

  /** What breaks the rules; null if nothing does. */
  @Nullable String malformed() {
    return malformed;
  }

  boolean hasPseudo() {
    return pseudo;
  }

  boolean isTooLarge() {
    return tooLarge;
  }
}
