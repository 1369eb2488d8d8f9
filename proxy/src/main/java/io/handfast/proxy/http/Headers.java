package io.handfast.proxy.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Header fields or trailers: ordered, several values per name, names compared without regard to
 * case and kept as they were spelled. Not thread-safe.
 *
 * <p>The storage is private to this class so that a codec may later back it by slices of what it
 * received without any user noticing. Field counts are small (≤ 100 by the limits of the codecs),
 * so that a scan over cached hashes beats a table.
 */
public final class Headers {
  private static final int INITIAL_FIELDS = 16;

  private String[] names;
  private String[] values;
  private int[] hashes;
  private int size;

  /** Empty. */
  public Headers() {
    this(INITIAL_FIELDS);
  }

  /** Empty, with room for that many fields. */
  public Headers(int expectedFields) {
    int capacity = Math.max(expectedFields, 4);
    names = new String[capacity];
    values = new String[capacity];
    hashes = new int[capacity];
  }

  /** Number of fields. */
  public int size() {
    return size;
  }

  /** Whether there is no field. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** Name of the field at that position, as spelled. */
  public String name(int index) {
    return names[checkIndex(index)];
  }

  /** Value of the field at that position. */
  public String value(int index) {
    return values[checkIndex(index)];
  }

  /** Replaces the value at that position. */
  public void value(int index, String value) {
    values[checkIndex(index)] = value;
  }

  /** Whether the field at that position has that name. */
  public boolean nameIs(int index, String name) {
    return matches(checkIndex(index), hash(name), name);
  }

  /** The first value of that name, or null. */
  public @Nullable String get(String name) {
    int index = indexOf(name, 0);
    return index < 0 ? null : values[index];
  }

  /** The first value of that name, or the given one. */
  public String getOr(String name, String otherwise) {
    int index = indexOf(name, 0);
    return index < 0 ? otherwise : values[index];
  }

  /** All values of that name, in order. */
  public List<String> getAll(String name) {
    List<String> found = new ArrayList<>(2);
    for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
      found.add(values[i]);
    }
    return found;
  }

  /**
   * All values of that name joined with a comma, as RFC 9110 allows for list fields; null if there
   * is none.
   */
  public @Nullable String getJoined(String name) {
    int first = indexOf(name, 0);
    if (first < 0) {
      return null;
    }
    return indexOf(name, first + 1) < 0 ? values[first] : String.join(",", getAll(name));
  }

  /** Whether there is a field of that name. */
  public boolean contains(String name) {
    return indexOf(name, 0) >= 0;
  }

  /** How many fields have that name. */
  public int count(String name) {
    int count = 0;
    for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
      count++;
    }
    return count;
  }

  /**
   * Whether one of the comma-separated members of that name's values is that token, regardless of
   * case.
   */
  public boolean containsToken(String name, String token) {
    for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
      if (HeaderTokens.contains(values[i], token)) {
        return true;
      }
    }
    return false;
  }

  /** Appends a field. */
  public Headers add(String name, String value) {
    if (size == names.length) {
      grow();
    }
    names[size] = name;
    values[size] = value;
    hashes[size] = hash(name);
    size++;
    return this;
  }

  /** Appends all fields of the other. */
  public Headers addAll(Headers other) {
    for (int i = 0; i < other.size; i++) {
      add(other.names[i], other.values[i]);
    }
    return this;
  }

  /** The only field of that name becomes this one: the first keeps its place, further ones go. */
  public Headers set(String name, String value) {
    int first = indexOf(name, 0);
    if (first < 0) {
      return add(name, value);
    }
    values[first] = value;
    removeFrom(name, first + 1);
    return this;
  }

  /** Removes all fields of that name; says whether there was one. */
  public boolean remove(String name) {
    return removeFrom(name, 0);
  }

  /** Removes the field at that position. */
  public void removeAt(int index) {
    checkIndex(index);
    int moved = size - index - 1;
    System.arraycopy(names, index + 1, names, index, moved);
    System.arraycopy(values, index + 1, values, index, moved);
    System.arraycopy(hashes, index + 1, hashes, index, moved);
    size--;
    Arrays.fill(names, size, size + 1, null);
    Arrays.fill(values, size, size + 1, null);
  }

  /** Removes everything. */
  public void clear() {
    Arrays.fill(names, 0, size, null);
    Arrays.fill(values, 0, size, null);
    size = 0;
  }

  /** The same fields, independent of these. */
  public Headers copy() {
    return new Headers(size).addAll(this);
  }

  /** Position of the next field of that name at or behind {@code from}, or -1. */
  public int indexOf(String name, int from) {
    int hash = hash(name);
    for (int i = from; i < size; i++) {
      if (matches(i, hash, name)) {
        return i;
      }
    }
    return -1;
  }

  private boolean removeFrom(String name, int from) {
    int hash = hash(name);
    int kept = from;
    for (int i = from; i < size; i++) {
      if (!matches(i, hash, name)) {
        names[kept] = names[i];
        values[kept] = values[i];
        hashes[kept] = hashes[i];
        kept++;
      }
    }
    boolean removed = kept < size;
    Arrays.fill(names, kept, size, null);
    Arrays.fill(values, kept, size, null);
    size = kept;
    return removed;
  }

  private boolean matches(int index, int hash, String name) {
    return hashes[index] == hash && names[index].equalsIgnoreCase(name);
  }

  private int checkIndex(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(
          "index: " + index + " (expected: 0 to " + (size - 1) + ")");
    }
    return index;
  }

  private void grow() {
    int capacity = names.length * 2;
    names = Arrays.copyOf(names, capacity);
    values = Arrays.copyOf(values, capacity);
    hashes = Arrays.copyOf(hashes, capacity);
  }

  /** Folds only the case of ASCII letters (and some punctuation, harmlessly: equality decides). */
  private static int hash(String name) {
    int hash = name.length();
    for (int i = 0; i < name.length(); i++) {
      hash = 31 * hash + (name.charAt(i) | 0x20);
    }
    return hash;
  }

  /** Names only: values may be secret. */
  @Override
  public String toString() {
    return Arrays.toString(Arrays.copyOf(names, size));
  }
}
