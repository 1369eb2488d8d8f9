package io.handfast.proxy.accesslog;

import org.jspecify.annotations.Nullable;

/** One command operator of a format. Immutable. */
sealed interface Operator {

  /** A text. */
  @FunctionalInterface
  non-sealed interface OfText extends Operator {

    /** The value; null or empty if there is none. */
    @Nullable String value(LogRecord log);
  }

  /** A number, which JSON shows as one. */
  @FunctionalInterface
  non-sealed interface OfNumber extends Operator {

    /** What {@link #value} says where there is none. */
    long NONE = -1;

    /** The value, not negative, or {@link #NONE}. */
    long value(LogRecord log);
  }
}
