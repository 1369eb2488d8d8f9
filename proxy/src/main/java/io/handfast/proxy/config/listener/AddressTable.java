package io.handfast.proxy.config.listener;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Values by ranges of addresses; the smallest range that holds an address is the one that counts.
 * Confined to one thread until it is complete, then immutable.
 */
final class AddressTable<T> {
  private final Map<CidrRange, T> ranges = new HashMap<>();

  /** Longest first: as few look-ups as there are different lengths. */
  private final Set<Integer> lengths = new TreeSet<>(Comparator.reverseOrder());

  private @Nullable T any;

  /**
   * The value of a range, made if there is none.
   *
   * @param range null: for every address that is in no other range
   */
  T computeIfAbsent(@Nullable CidrRange range, Supplier<T> fresh) {
    if (range != null) {
      lengths.add(range.length());
      return ranges.computeIfAbsent(range, _ -> fresh.get());
    }
    T known = any;
    if (known == null) {
      known = fresh.get();
      any = known;
    }
    return known;
  }

  /** The value of the smallest range with that address. */
  @Nullable T find(InetAddress address) {
    int bits = address.getAddress().length * 8;
    for (int length : lengths) {
      if (length <= bits) {
        T found = ranges.get(new CidrRange(address, length));
        if (found != null) {
          return found;
        }
      }
    }
    return any;
  }
}
