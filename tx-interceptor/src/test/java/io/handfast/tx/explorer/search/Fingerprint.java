package io.handfast.tx.explorer.search;

/**
 * 128 bits of everything that was added, in its order. Two states that differ have the same with a
 * probability of 2<sup>-128</sup> each: of ten million states, any two, below 10<sup>-24</sup>.
 */
public final class Fingerprint {
  private long high = 0x9E3779B97F4A7C15L;
  private long low = 0xC2B2AE3D27D4EB4FL;

  public Fingerprint add(long value) {
    high = mix(high ^ value);
    low = mix(low + value * 0xD6E8FEB86659FD93L);
    return this;
  }

  /** Two strangers to each other: murmur's finalizer after a multiplication of its own. */
  private static long mix(long x) {
    long h = x * 0xFF51AFD7ED558CCDL;
    h ^= h >>> 33;
    h *= 0xC4CEB9FE1A85EC53L;
    h ^= h >>> 29;
    return h;
  }

  long high() {
    return high;
  }

  long low() {
    return low;
  }
}
