package io.handfast.proxy.accesslog;

import java.util.HexFormat;

/** Writes JSON strings. Stateless. */
final class Json {

  private static final HexFormat HEX = HexFormat.of();

  private Json() {}

  /** Appends the first {@code length} characters as a JSON string. */
  static void quote(CharSequence text, int length, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append("\\u").append(HEX.toHexDigits(c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
