package io.handfast.xds.tree;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** How often each thing is named. Confined to its owner. */
final class Tally<T> {

  private final Map<T, Integer> counts = new HashMap<>();

  /** Counts one up; whether it is the first. */
  boolean add(T thing) {
    return counts.merge(thing, 1, Integer::sum) == 1;
  }

  /**
   * Counts one down; whether it was the last.
   *
   * @throws IllegalStateException if there was none, which is a bug
   */
  boolean remove(T thing) {
    Integer count = counts.get(thing);
    if (count == null) {
      throw new IllegalStateException(thing + ": removed more often than it was added");
    }
    if (count == 1) {
      counts.remove(thing);
      return true;
    }
    counts.put(thing, count - 1);
    return false;
  }

  boolean has(T thing) {
    return counts.containsKey(thing);
  }

  /** All that are named at least once; a view. */
  Set<T> things() {
    return Collections.unmodifiableSet(counts.keySet());
  }
}
