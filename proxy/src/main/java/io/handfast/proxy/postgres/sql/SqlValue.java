package io.handfast.proxy.postgres.sql;

/** A value in a text, as far as it can be told. Immutable. */
public sealed interface SqlValue {

  /**
   * A constant, escapes and quotes undone; for a setting also a bare word or number, or a list as
   * it stands.
   */
  record Constant(String text) implements SqlValue {}

  /**
   * {@code $n}: the Bind message has it.
   *
   * @param number from 1
   */
  record Parameter(int number) implements SqlValue {}

  /** Anything else: an expression, DEFAULT, nothing. */
  record Other() implements SqlValue {}
}
