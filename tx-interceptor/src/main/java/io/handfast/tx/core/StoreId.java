package io.handfast.tx.core;

import org.jspecify.annotations.Nullable;

/**
 * Id of the store in which decisions or branch records are kept, drawn when the store is
 * initialised: {@code j.} and the id of a journal, {@code e.} and the id of a prefix in etcd.
 *
 * @param value {@code j} or {@code e}, a dot, and 1 to 64 lower-case letters, digits and {@code -}
 */
public record StoreId(String value) implements Comparable<StoreId> {
  /** What the written form looks like, for error texts. */
  public static final String EXPECTED = "j. or e. and 1 to 64 lower-case letters, digits and -";

  private static final int MAX_LENGTH = 66;

  public StoreId {
    if (!isValid(value)) {
      throw new IllegalArgumentException("store id: " + value + " (expected: " + EXPECTED + ")");
    }
  }

  /** Reads {@code text}, or gives null if it is no store id. */
  public static @Nullable StoreId parse(String text) {
    return isValid(text) ? new StoreId(text) : null;
  }

  /** True if absence may be answered for by one sidecar alone, which holds the log. */
  public boolean isJournal() {
    return value.charAt(0) == 'j';
  }

  private static boolean isValid(String text) {
    int length = text.length();
    if (length < 3 || length > MAX_LENGTH || text.charAt(1) != '.') {
      return false;
    }
    if (text.charAt(0) != 'j' && text.charAt(0) != 'e') {
      return false;
    }
    for (int i = 2; i < length; i++) {
      char c = text.charAt(i);
      if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
        return false;
      }
    }
    return true;
  }

  @Override
  public int compareTo(StoreId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
