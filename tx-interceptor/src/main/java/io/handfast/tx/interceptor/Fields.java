package io.handfast.tx.interceptor;

import io.handfast.tx.context.HeaderLookup;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a message. An implementation must stay unchanged while an exchange has it: it is
 * read by one thread at a time.
 */
public interface Fields extends HeaderLookup {

  /** The first value of a header, by its lower-case name; null if there is none. */
  default @Nullable String first(String name) {
    List<String> values = values(name);
    return values.isEmpty() ? null : values.get(0);
  }
}
