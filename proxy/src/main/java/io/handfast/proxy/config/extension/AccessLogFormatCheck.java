package io.handfast.proxy.config.extension;

import java.util.Optional;

/**
 * Looks whether a format of an access log, or a value of a header that a route adds, can be
 * written: they have the same command operators. Immutable.
 */
@FunctionalInterface
public interface AccessLogFormatCheck {

  /** What is wrong with the format, as {@code value (expected: …)}; empty if nothing is. */
  Optional<String> problem(String format);
}
