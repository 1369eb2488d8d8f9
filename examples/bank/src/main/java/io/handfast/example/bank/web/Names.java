package io.handfast.example.bank.web;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The shape of ids and keys: what can stand in a URL's path as it is. */
public final class Names {
  private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private Names() {}

  /** The value itself; throws the answer for the caller if it is not of that shape. */
  public static String check(String field, @Nullable String value) {
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
