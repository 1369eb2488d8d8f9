package io.handfast.tx.core;

import org.jspecify.annotations.Nullable;

/**
 * Id of a branch: 64 bits that the caller's sidecar draws before it sends, written as 16 lower-case
 * hexadecimal digits (rule T2).
 *
 * @param bits never 0, which means "none" elsewhere
 */
public record BranchId(long bits) implements Comparable<BranchId> {
  /** Digits of the written form. */
  public static final int LENGTH = 16;

  public BranchId {
    if (bits == 0) {
      throw new IllegalArgumentException("branch id: 0 (expected: any other 64 bits)");
    }
  }

  /** A new id of the given random bits; 0 becomes 1. */
  public static BranchId of(long random) {
    return new BranchId(random == 0 ? 1 : random);
  }

  /** Reads all of {@code text}, or gives null if it is not exactly the written form. */
  public static @Nullable BranchId parse(String text) {
    return text.length() == LENGTH ? parse(text, 0) : null;
  }

  /** Reads the 16 characters from {@code from}, or gives null if they are not the written form. */
  public static @Nullable BranchId parse(String text, int from) {
    if (!Hex.isLowerHex(text, from, LENGTH)) {
      return null;
    }
    long bits = Hex.parseLong(text, from);
    return bits == 0 ? null : new BranchId(bits);
  }

  public void appendTo(StringBuilder out) {
    Hex.append(out, bits);
  }

  @Override
  public int compareTo(BranchId other) {
    return Long.compareUnsigned(bits, other.bits);
  }

  /** The written form. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(LENGTH);
    appendTo(out);
    return out.toString();
  }
}
