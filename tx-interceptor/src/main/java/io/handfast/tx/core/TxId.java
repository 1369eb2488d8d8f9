package io.handfast.tx.core;

import org.jspecify.annotations.Nullable;

/**
 * Id of a global transaction: 128 bits in the layout of a UUIDv7 (RFC 9562), written as 32
 * lower-case hexadecimal digits (rule T2).
 *
 * @param high 48 bits of milliseconds since 1970, version 7, 12 random bits
 * @param low variant 2, 62 random bits
 */
public record TxId(long high, long low) implements Comparable<TxId> {
  /** Digits of the written form. */
  public static final int LENGTH = 32;

  public TxId {
    if (((high >>> 12) & 0xf) != 7 || low >>> 62 != 2) {
      throw new IllegalArgumentException(
          "transaction id: version "
              + ((high >>> 12) & 0xf)
              + ", variant "
              + (low >>> 62)
              + " (expected: the layout of a UUIDv7)");
    }
  }

  /**
   * A new id. The random bits are the caller's: nothing here draws any.
   *
   * @param millis wall clock, milliseconds since 1970; its lower 48 bits count
   * @param random1 its lower 12 bits count
   * @param random2 its lower 62 bits count
   */
  public static TxId of(long millis, long random1, long random2) {
    return new TxId(
        (millis << 16) | 0x7000 | (random1 & 0xfff), (1L << 63) | (random2 & (-1L >>> 2)));
  }

  /** Reads all of {@code text}, or gives null if it is not exactly the written form. */
  public static @Nullable TxId parse(String text) {
    return text.length() == LENGTH ? parse(text, 0) : null;
  }

  /** Reads the 32 characters from {@code from}, or gives null if they are not the written form. */
  public static @Nullable TxId parse(String text, int from) {
    if (!Hex.isLowerHex(text, from, LENGTH)) {
      return null;
    }
    long high = Hex.parseLong(text, from);
    long low = Hex.parseLong(text, from + 16);
    return ((high >>> 12) & 0xf) == 7 && low >>> 62 == 2 ? new TxId(high, low) : null;
  }

  /** Milliseconds since 1970 at which the id was made: for people, never for the protocol. */
  public long millis() {
    return high >>> 16;
  }

  public void appendTo(StringBuilder out) {
    Hex.append(out, high);
    Hex.append(out, low);
  }

  @Override
  public int compareTo(TxId other) {
    int highs = Long.compareUnsigned(high, other.high);
    return highs != 0 ? highs : Long.compareUnsigned(low, other.low);
  }

  /** The written form. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(LENGTH);
    appendTo(out);
    return out.toString();
  }
}
