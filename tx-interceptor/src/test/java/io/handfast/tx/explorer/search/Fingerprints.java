package io.handfast.tx.explorer.search;

import java.util.Arrays;

/** The states that were seen, each with its number from 0. Confined to one search. */
final class Fingerprints {
  private long[] keys = new long[1 << 17];
  private int[] numbers = new int[1 << 16];
  private int size;

  Fingerprints() {
    Arrays.fill(numbers, -1);
  }

  int size() {
    return size;
  }

  /** The number of a state, or -1 - its number if it is new. */
  int add(Fingerprint key) {
    if (size * 10L > numbers.length * 6L) {
      grow();
    }
    int slot = slot(keys, numbers, key.high(), key.low());
    if (numbers[slot] >= 0) {
      return numbers[slot];
    }
    keys[2 * slot] = key.high();
    keys[2 * slot + 1] = key.low();
    numbers[slot] = size;
    return -1 - size++;
  }

  private static int slot(long[] keys, int[] numbers, long high, long low) {
    int mask = numbers.length - 1;
    int slot = (int) (high ^ (high >>> 32)) & mask;
    while (numbers[slot] >= 0 && (keys[2 * slot] != high || keys[2 * slot + 1] != low)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] moreKeys = new long[keys.length * 2];
    int[] moreNumbers = new int[numbers.length * 2];
    Arrays.fill(moreNumbers, -1);
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] >= 0) {
        int slot = slot(moreKeys, moreNumbers, keys[2 * i], keys[2 * i + 1]);
        moreKeys[2 * slot] = keys[2 * i];
        moreKeys[2 * slot + 1] = keys[2 * i + 1];
        moreNumbers[slot] = numbers[i];
      }
    }
    keys = moreKeys;
    numbers = moreNumbers;
  }
}
