package io.handfast.proxy.http;

import org.jspecify.annotations.Nullable;

/** A header value that is written anew for each stream. Immutable. */
@FunctionalInterface
public interface HeaderFormat {

  /**
   * The value; empty if there is none.
   *
   * @param response that comes back; null while the request is on its way
   */
  String value(StreamInfo info, RequestHead request, @Nullable ResponseHead response);

  /** Reads a format that has been found right. */
  @FunctionalInterface
  interface Compiler {

    /** The format of that text, with command operators. */
    HeaderFormat compile(String text);
  }
}
