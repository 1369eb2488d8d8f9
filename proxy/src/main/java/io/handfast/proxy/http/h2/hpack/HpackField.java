package io.handfast.proxy.http.h2.hpack;

import io.handfast.proxy.http.field.Chars;
import org.jspecify.annotations.Nullable;

/**
 * A field of HPACK's tables (RFC 7541): its text is made and checked once, however often it is
 * referred to. Immutable.
 */
final class HpackField {
  /** What a field counts beside its name and value. */
  static final int OVERHEAD = 32;

  /** What it is in a field section. */
  enum Kind {
    METHOD,
    SCHEME,
    AUTHORITY,
    PATH,
    PROTOCOL,
    STATUS,
    UNKNOWN_PSEUDO,
    COOKIE,
    FIELD
  }

  private final String name;
  private final String value;
  private final Kind kind;
  private final @Nullable String badName;
  private final @Nullable String malformed;

  HpackField(String name, String value) {
    this(name, value, kind(name), badName(name));
  }

  private HpackField(String name, String value, Kind kind, @Nullable String badName) {
    this.name = name;
    this.value = value;
    this.kind = kind;
    this.badName = badName;
    this.malformed = malformed();
  }

  /** The same name with another value. */
  HpackField with(String otherValue) {
    return new HpackField(name, otherValue, kind, badName);
  }

  String name() {
    return name;
  }

  String value() {
    return value;
  }

  Kind kind() {
    return kind;
  }

  /** What breaks the rules of a message (RFC 9113 section 8.2); null if nothing does. */
  @Nullable String wrong() {
    return malformed;
  }

  /** What it counts in a table and in the size of a section. */
  int size() {
    return name.length() + value.length() + OVERHEAD;
  }

  private static Kind kind(String name) {
    return switch (name) {
      case ":method" -> Kind.METHOD;
      case ":scheme" -> Kind.SCHEME;
      case ":authority" -> Kind.AUTHORITY;
      case ":path" -> Kind.PATH;
      case ":protocol" -> Kind.PROTOCOL;
      case ":status" -> Kind.STATUS;
      case "cookie" -> Kind.COOKIE;
      default -> name.startsWith(":") ? Kind.UNKNOWN_PSEUDO : Kind.FIELD;
    };
  }

  private static @Nullable String badName(String name) {
    if (name.startsWith(":")) {
      return null;
    }
    if (!isName(name)) {
      return "a name that is no token in lower case";
    }
    return switch (name) {
      case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" ->
          name + " (expected: not in HTTP/2)";
      default -> null;
    };
  }

  private @Nullable String malformed() {
    if (!isValue(value)) {
      return "a value with a control character, or with space around it";
    }
    if (badName == null && name.equals("te") && !value.equalsIgnoreCase("trailers")) {
      return "te (expected: trailers)";
    }
    return badName;
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
}
