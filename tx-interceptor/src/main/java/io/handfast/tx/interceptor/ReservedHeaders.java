package io.handfast.tx.interceptor;

/**
 * The header names that belong to the mesh: nobody else may set them, in any spelling that an
 * application might fold into them (T6, T7).
 */
public final class ReservedHeaders {

  /** Carries the context between sidecars and towards the service. */
  public static final String CONTEXT = "tx-context";

  /** Carries votes from the callee's sidecar to the caller's. */
  public static final String VOTE = "tx-vote";

  /** Tells the client outside which transaction its request was. */
  public static final String ID = "tx-id";

  /** Tells the client outside what became of it. */
  public static final String OUTCOME = "tx-outcome";

  private ReservedHeaders() {}

  /**
   * Whether a name is {@code tx-context} or {@code tx-vote}, in any case and with {@code _} for
   * {@code -}. Allocates nothing.
   */
  public static boolean isReserved(CharSequence name) {
    return folds(name, CONTEXT) || folds(name, VOTE);
  }

  private static boolean folds(CharSequence name, String reserved) {
    if (name.length() != reserved.length()) {
      return false;
    }
    for (int i = 0; i < reserved.length(); i++) {
      char c = name.charAt(i);
      char folded = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
      if (folded != reserved.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
