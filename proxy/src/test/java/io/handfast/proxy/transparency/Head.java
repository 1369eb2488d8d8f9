package io.handfast.proxy.transparency;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A head as it came.
 *
 * @param fields each as {@code name: value}, names in lower case; with what HTTP/1.1 has in its
 *     start line as HTTP/2's pseudo-header fields
 */
record Head(List<String> fields) {

  /** The first value of that name; null if there is none. */
  @Nullable String value(String name) {
    String start = name + ": ";
    return fields.stream()
        .filter(field -> field.startsWith(start))
        .map(field -> field.substring(start.length()))
        .findFirst()
        .orElse(null);
  }

  boolean has(String name) {
    return value(name) != null;
  }

  boolean has(String name, String value) {
    return fields.contains(name + ": " + value);
  }

  String status() {
    String status = value(":status");
    return status == null ? "none" : status;
  }
}
