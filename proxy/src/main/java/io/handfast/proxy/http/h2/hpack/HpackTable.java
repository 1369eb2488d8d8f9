package io.handfast.proxy.http.h2.hpack;

import java.util.Arrays;

/**
 * The fields that a peer has asked to remember (RFC 7541 section 2.3.2), the last one first.
 * Confined to the connection's loop.
 */
final class HpackTable {
  private static final int INITIAL_FIELDS = 8;

  private HpackField[] ring = new HpackField[INITIAL_FIELDS];
  private int oldest;
  private int count;
  private int bytes;
  private int capacity;

  /**
   * @param capacity in bytes, as {@link HpackField#size} counts them
   */
  HpackTable(int capacity) {
    this.capacity = capacity;
  }

  int count() {
    return count;
  }

  int capacity() {
    return capacity;
  }

  void capacity(int newCapacity) {
    capacity = newCapacity;
    shrinkTo(newCapacity);
  }

  /**
   * A field.
   *
   * @param age 0 of the last one, less than {@link #count}
   */
  HpackField get(int age) {
    return ring[(oldest + count - 1 - age) & (ring.length - 1)];
  }

  /** Remembers a field, and forgets the oldest ones for it; one that is too large leaves none. */
  void add(HpackField field) {
    shrinkTo(capacity - field.size());
    if (field.size() > capacity) {
      return;
    }
    if (count == ring.length) {
      HpackField[] larger = new HpackField[2 * count];
      for (int i = 0; i < count; i++) {
        larger[i] = ring[(oldest + i) & (count - 1)];
      }
      ring = larger;
      oldest = 0;
    }
    ring[(oldest + count) & (ring.length - 1)] = field;
    count++;
    bytes += field.size();
  }

  private void shrinkTo(int most) {
    while (count > 0 && bytes > most) {
      bytes -= ring[oldest].size();
      Arrays.fill(ring, oldest, oldest + 1, null);
      oldest = (oldest + 1) & (ring.length - 1);
      count--;
    }
  }
}
