package io.handfast.proxy.http.h2.hpack;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an encoder has asked its peer to remember, found by name and value, and by name. Text that
 * comes from a table of another connection is the same object each time, so that its hash is known
 * and it equals at once. Confined to the connection's loop.
 */
final class HpackIndex {
  private static final int BUCKETS = 64;

  private final @Nullable Entry[] byField = new @Nullable Entry[BUCKETS];
  private final @Nullable Entry[] byName = new @Nullable Entry[BUCKETS];
  private @Nullable Entry oldest;
  private @Nullable Entry newest;
  private int added;
  private int bytes;
  private int capacity;

  /**
   * @param capacity in bytes, as {@link HpackField#size} counts them
   */
  HpackIndex(int capacity) {
    this.capacity = capacity;
  }

  int capacity() {
    return capacity;
  }

  void capacity(int newCapacity) {
    capacity = newCapacity;
    shrinkTo(newCapacity);
  }

  /**
   * Its number; 0: not there.
   *
   * @param hash {@link #hash} of them
   */
  int indexOf(String name, String value, int hash) {
    for (Entry e = byField[hash & (BUCKETS - 1)]; e != null; e = e.nextField) {
      if (e.hash == hash && e.name.equals(name) && e.value.equals(value)) {
        return index(e);
      }
    }
    return 0;
  }

  /** The number of a field of that name; 0: none. */
  int indexOf(String name) {
    int hash = name.hashCode();
    for (Entry e = byName[hash & (BUCKETS - 1)]; e != null; e = e.nextName) {
      if (e.name.hashCode() == hash && e.name.equals(name)) {
        return index(e);
      }
    }
    return 0;
  }

  private int index(Entry entry) {
    return HpackStatic.SIZE + added - entry.number;
  }

  static int hash(String name, String value) {
    return 31 * name.hashCode() + value.hashCode();
  }

  /** Remembers a field, if it takes no more than the table has. */
  void add(String name, String value) {
    int size = name.length() + value.length() + HpackField.OVERHEAD;
    shrinkTo(capacity - size);
    if (size > capacity) {
      return;
    }
    Entry entry = new Entry(name, value, added);
    added++;
    bytes += size;
    int field = entry.hash & (BUCKETS - 1);
    entry.nextField = byField[field];
    byField[field] = entry;
    int named = name.hashCode() & (BUCKETS - 1);
    entry.nextName = byName[named];
    byName[named] = entry;
    if (newest == null) {
      oldest = entry;
    } else {
      newest.newer = entry;
    }
    newest = entry;
  }

  private void shrinkTo(int most) {
    Entry gone = oldest;
    while (gone != null && bytes > most) {
      bytes -= gone.name.length() + gone.value.length() + HpackField.OVERHEAD;
      remove(gone);
      gone = gone.newer;
    }
    oldest = gone;
    if (gone == null) {
      newest = null;
    }
  }

  /** It is the last one of both its chains, for it is the oldest. */
  private void remove(Entry gone) {
    int field = gone.hash & (BUCKETS - 1);
    Entry before = byField[field];
    if (before == gone) {
      Arrays.fill(byField, field, field + 1, null);
    }
    while (before != null && before != gone) {
      if (before.nextField == gone) {
        before.nextField = null;
      }
      before = before.nextField;
    }
    int named = gone.name.hashCode() & (BUCKETS - 1);
    before = byName[named];
    if (before == gone) {
      Arrays.fill(byName, named, named + 1, null);
    }
    while (before != null && before != gone) {
      if (before.nextName == gone) {
        before.nextName = null;
      }
      before = before.nextName;
    }
  }

  private static final class Entry {
    final String name;
    final String value;
    final int hash;

    /** How many were added before it. */
    final int number;

    @Nullable Entry nextField;
    @Nullable Entry nextName;
    @Nullable Entry newer;

    Entry(String name, String value, int number) {
      this.name = name;
      this.value = value;
      this.hash = hash(name, value);
      this.number = number;
    }
  }
}
