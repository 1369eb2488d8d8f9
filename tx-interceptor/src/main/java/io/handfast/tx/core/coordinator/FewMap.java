package io.handfast.tx.core.coordinator;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A map whose successors share its entries: taking one away costs neither a copy nor more for more
 * entries, so that a transaction costs no more than its branches do. Iterates in the order in which
 * keys came; equal to any map of the same entries, in whatever order. Immutable.
 *
 * @param <K> of keys
 * @param <V> of values
 */
final class FewMap<K, V> extends AbstractMap<K, V> {
  /** So many are looked through one by one; of more there is an index. */
  private static final int SCANNED = 8;

  private static final int[] NO_INDEX = {};
  private static final FewMap<?, ?> EMPTY = new FewMap<>(List.of(), NO_INDEX, new long[0], 0);

  /** Slots; never changed, and shared by maps in which another part of them is present. */
  private final List<Entry<K, V>> slots;

  /** By hash, with linear probing: the slot + 1, or 0. A power of 2 long, or empty. */
  private final int[] index;

  /** A bit for each slot: whether it is in this map. */
  private final long[] present;

  private final int size;

  private FewMap(List<Entry<K, V>> slots, int[] index, long[] present, int size) {
    this.slots = slots;
    this.index = index;
    this.present = present;
    this.size = size;
  }

  @SuppressWarnings("unchecked") // there is nothing in it that could be of another type
  static <K, V> FewMap<K, V> empty() {
    return (FewMap<K, V>) EMPTY;
  }

  /** The map itself if it is one of these. */
  static <K, V> FewMap<K, V> copyOf(Map<K, V> map) {
    return map instanceof FewMap<K, V> few ? few : FewMap.<K, V>empty().with(map);
  }

  private static <K, V> FewMap<K, V> of(List<Entry<K, V>> slots) {
    int size = slots.size();
    long[] present = new long[(size + Long.SIZE - 1) / Long.SIZE];
    for (int slot = 0; slot < size; slot++) {
      present[slot / Long.SIZE] |= 1L << slot;
    }
    return new FewMap<>(slots, size > SCANNED ? index(slots) : NO_INDEX, present, size);
  }

  private static int[] index(List<? extends Entry<?, ?>> slots) {
    int[] index = new int[Integer.highestOneBit(slots.size()) * 4];
    for (int slot = 0; slot < slots.size(); slot++) {
      int at = place(slots.get(slot).getKey(), index);
      while (index[at] != 0) {
        at = at + 1 & index.length - 1;
      }
      index[at] = slot + 1;
    }
    return index;
  }

  private static int place(Object key, int[] index) {
    int hash = key.hashCode();
    return (hash ^ hash >>> 16) & index.length - 1;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public @Nullable V get(@Nullable Object key) {
    int slot = slot(key);
    return slot < 0 ? null : slots.get(slot).getValue();
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return slot(key) >= 0;
  }

  /** With this entry: in its place if the key is there, else as the last. */
  FewMap<K, V> with(K key, V value) {
    int slot = slot(key);
    if (slot < 0) {
      return with(Map.of(key, value));
    }
    List<Entry<K, V>> changed = new ArrayList<>(slots);
    changed.set(slot, Map.entry(key, value));
    return new FewMap<>(changed, index, present, size);
  }

  /** With all of these, as by one after the other. */
  FewMap<K, V> with(Map<? extends K, ? extends V> more) {
    if (more.isEmpty()) {
      return this;
    }
    List<Entry<K, V>> all = new ArrayList<>(size + more.size());
    for (Entry<K, V> entry : entrySet()) {
      V other = more.get(entry.getKey());
      all.add(other == null ? entry : Map.entry(entry.getKey(), other));
    }
    for (Entry<? extends K, ? extends V> entry : more.entrySet()) {
      if (!containsKey(entry.getKey())) {
        all.add(Map.entry(entry.getKey(), entry.getValue()));
      }
    }
    return of(all);
  }

  /** Without these, as far as they are there. */
  FewMap<K, V> without(Collection<? extends K> keys) {
    long[] left = present.clone();
    int count = size;
    for (K key : keys) {
      int slot = slot(key);
      long bit = 1L << slot;
      if (slot >= 0 && (left[slot / Long.SIZE] & bit) != 0) {
        left[slot / Long.SIZE] ^= bit;
        count--;
      }
    }
    return count == 0 ? empty() : new FewMap<>(slots, index, left, count);
  }

  /** Where a key of this map is, or -1. */
  private int slot(@Nullable Object key) {
    if (key == null || size == 0) {
      return -1;
    }
    return index.length == 0 ? scan(key) : probe(key);
  }

  private int scan(Object key) {
    for (int slot = following(0); slot >= 0; slot = following(slot + 1)) {
      if (slots.get(slot).getKey().equals(key)) {
        return slot;
      }
    }
    return -1;
  }

  private int probe(Object key) {
    for (int at = place(key, index); index[at] != 0; at = at + 1 & index.length - 1) {
      int slot = index[at] - 1;
      if (slots.get(slot).getKey().equals(key)) {
        return (present[slot / Long.SIZE] & 1L << slot) == 0 ? -1 : slot;
      }
    }
    return -1;
  }

  /** The first slot of this map from one on, or -1. */
  private int following(int from) {
    for (int word = from / Long.SIZE; word < present.length; word++) {
      long bits = present[word];
      if (word == from / Long.SIZE) {
        bits &= -1L << from;
      }
      if (bits != 0) {
        return word * Long.SIZE + Long.numberOfTrailingZeros(bits);
      }
    }
    return -1;
  }

  @Override
  public Set<Entry<K, V>> entrySet() {
    return new Entries();
  }

  private final class Entries extends AbstractSet<Entry<K, V>> {
    @Override
    public int size() {
      return size;
    }

    @Override
    public Iterator<Entry<K, V>> iterator() {
      return new Iterator<>() {
        private int slot = following(0);

        @Override
        public boolean hasNext() {
          return slot >= 0;
        }

        @Override
        public Entry<K, V> next() {
          if (slot < 0) {
            throw new NoSuchElementException();
          }
          Entry<K, V> entry = slots.get(slot);
          slot = following(slot + 1);
          return entry;
        }
      };
    }
  }
}
