package io.handfast.proxy.config.extension;

import java.util.Optional;

/** Looks whether an access log's format can be written. Immutable. */
@FunctionalInterface
public interface AccessLogFormatCheck {

  /** What is wrong with the format, as {@code value (expected: …)}; empty if nothing is. */
  Optional<String> problem(String format);
}
