package io.handfast.proxy.postgres.session;

import io.handfast.tx.interceptor.SqlRefusal;

/** A block that we rolled back, as the client sees it: one of PostgreSQL's that has failed. */
final class FailedBlock {
  /** {@code in_failed_sql_transaction}. */
  private static final String IN_FAILED = "25P02";

  private FailedBlock() {}

  /** What is said to all but the first statement. */
  static SqlRefusal again(SqlRefusal why) {
    return of(why.message(), why.hint());
  }

  /** What is said where nobody was told before. */
  static SqlRefusal of(String why, String hint) {
    return new SqlRefusal(
        IN_FAILED,
        "current transaction is aborted, commands ignored until end of transaction block: " + why,
        hint);
  }
}
