package io.handfast.tx.postgres;

import java.net.SocketTimeoutException;
import java.sql.SQLException;

/** What PostgreSQL's errors mean here (PostgreSQL, appendix A). Stateless. */
final class SqlErrors {
  static final String UNDEFINED_OBJECT = "42704";
  static final String FEATURE_NOT_SUPPORTED = "0A000";
  static final String NOT_IN_PREREQUISITE_STATE = "55000";
  static final String INSUFFICIENT_PRIVILEGE = "42501";
  static final String INVALID_PARAMETER_VALUE = "22023";
  static final String INVALID_PASSWORD = "28P01";
  static final String READ_ONLY = "25006";
  static final String TOO_MANY_CONNECTIONS = "53300";

  private SqlErrors() {}

  static boolean is(SQLException error, String state) {
    return state.equals(error.getSQLState());
  }

  /** Whether the connection is of no use any more, and another one may be. */
  static boolean connectionIsLost(SQLException error) {
    String state = error.getSQLState();
    return state != null
        && (state.startsWith("08") || state.startsWith("57P") || state.equals(READ_ONLY));
  }

  /** Whether it took so long that to try again at once would take as long. */
  static boolean timedOut(SQLException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return true;
      }
    }
    return false;
  }

  /** For people: what the server, or the way to it, said. */
  static String reason(SQLException error) {
    StringBuilder text = new StringBuilder();
    if (error.getSQLState() != null) {
      text.append(error.getSQLState()).append(' ');
    }
    text.append(error.getMessage());
    Throwable cause = error.getCause();
    if (cause != null && cause.getMessage() != null) {
      text.append(": ").append(cause.getMessage());
    }
    return text.toString();
  }
}
