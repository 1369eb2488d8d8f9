package io.handfast.example.bank;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The shape of ids and keys: what can stand in a URL's path as it is. */
final class Names {
  private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private Names() {}

  static String check(String field, @Nullable String value) {
    if (value == null || !SHAPE.matcher(value).matches()) {
      throw Problem.badRequest(
          field
              + ": "
              + (value == null ? "missing" : value)
              + " (expected: 1 to 100 letters, digits, '.', '_' or '-')");
    }
    return value;
  }
}
