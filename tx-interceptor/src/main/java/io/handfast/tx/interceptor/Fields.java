package io.handfast.tx.interceptor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a message, names in lower case. An implementation must stay unchanged while an
 * exchange has it: it is read by one thread at a time.
 */
public interface Fields {

  /** All values of a header, in order; empty if there is none. */
  List<String> all(String name);

  /** The first value of a header; null if there is none. */
  default @Nullable String first(String name) {
    List<String> values = all(name);
    return values.isEmpty() ? null : values.get(0);
  }
}
