package io.handfast.tx.context;

import java.util.List;

/** Reads the headers of a message. */
@FunctionalInterface
public interface HeaderLookup {
  /**
   * Values of all headers of that name, in any case, in their order; empty if there is none.
   *
   * @param name in lower case
   */
  List<String> values(String name);
}
