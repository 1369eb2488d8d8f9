package io.handfast.tx.context;

import org.jspecify.annotations.Nullable;

/** The headers that are this mesh's own. */
public enum OwnHeader {
  /** Context, from caller's to callee's sidecar. */
  CONTEXT("tx-context"),
  /** Votes, from callee's to caller's sidecar. */
  VOTE("tx-vote"),
  /** Id of the transaction, from the boundary to its client. */
  ID("tx-id"),
  /** Outcome of the transaction, from the boundary to its client. */
  OUTCOME("tx-outcome");

  private final String headerName;

  OwnHeader(String headerName) {
    this.headerName = headerName;
  }

  /** The name, in lower case. */
  public String headerName() {
    return headerName;
  }

  /**
   * The header that an application might take {@code name} for, or null. Frameworks fold names:
   * letters in any case, and {@code _} for {@code -}, as CGI does; so whoever removes a header
   * removes all of these (rule T6).
   */
  public static @Nullable OwnHeader of(CharSequence name) {
    int length = name.length();
    if (length < 5 || length > 10 || fold(name.charAt(0)) != 't') {
      return null; // nearly all headers end here
    }
    return switch (length) {
      case 5 -> ID.matches(name) ? ID : null;
      case 7 -> VOTE.matches(name) ? VOTE : null;
      case 10 -> CONTEXT.matches(name) ? CONTEXT : OUTCOME.matches(name) ? OUTCOME : null;
      default -> null;
    };
  }

  private boolean matches(CharSequence name) {
    for (int i = 0; i < headerName.length(); i++) {
      if (fold(name.charAt(i)) != headerName.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static char fold(char c) {
    if (c == '_') {
      return '-';
    }
    return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
  }
}
