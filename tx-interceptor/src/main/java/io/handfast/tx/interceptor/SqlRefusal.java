package io.handfast.tx.interceptor;

/**
 * An error that a service gets in the place of its database's answer. Immutable.
 *
 * @param sqlState five characters
 * @param message what is refused and why, a sentence for people
 * @param hint what to do
 */
public record SqlRefusal(String sqlState, String message, String hint) {
  /**
   * {@code invalid_transaction_state}: no branch is named, or another one, or one not in flight.
   */
  public static final String INVALID_STATE = "25000";

  /** {@code transaction_rollback}: the branch was aborted. */
  public static final String ROLLBACK = "40000";

  /** {@code feature_not_supported}: PostgreSQL cannot prepare it. */
  public static final String NOT_SUPPORTED = "0A000";
}
