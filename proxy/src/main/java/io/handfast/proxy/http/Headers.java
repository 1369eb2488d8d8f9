package io.handfast.proxy.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Header fields or trailers: ordered, several values per name, names compared without regard to
 * case and kept as they were spelled. Not thread-safe.
 *
 * <p>A field is text, or a line of a block of bytes as HTTP/1.1 received it, of which text is made
 * when somebody asks for it: most lines go out as they came in. Field counts are small (≤ 100 by
 * the limits of the codecs), so that a scan over hashes beats a table; a set of bits says of most
 * names that they are not there.
 */
public final class Headers {
  private static final int INITIAL_FIELDS = 16;
  private static final byte[] NO_BLOCK = {};
  private static final int[] NO_LINES = {};

  /** What stands between name and value of a line. */
  private static final int COLON_AND_SPACE = 2;

  /** Of a line it is null until somebody asks. */
  private @Nullable String[] names;

  private @Nullable String[] values;
  private int[] hashes;
  private int size;

  /** A bit for each hash that was ever added, of 64. */
  private long present;

  /** In which the lines are. */
  private byte[] block = NO_BLOCK;

  /** For each field where its line begins, its name ends and its value ends; text begins at -1. */
  private int[] lines = NO_LINES;

  /** Names, in lower case, of fields that no codec may remember. */
  private Set<String> neverIndexed = Set.of();

  /** Names that are asked for together, at the price of one where none is there. Immutable. */
  public static final class Names {
    private final String[] names;
    private final int[] hashes;
    private final long bits;

    /** Those, in any case. */
    public Names(String... names) {
      this.names = names.clone();
      this.hashes = Stream.of(names).mapToInt(Headers::hash).toArray();
      this.bits = IntStream.of(hashes).mapToLong(Headers::bit).reduce(0, (one, or) -> one | or);
    }

    private boolean have(Headers headers, int index) {
      boolean have = false;
      for (int i = 0; i < names.length && !have; i++) {
        have = headers.matches(index, hashes[i], names[i]);
      }
      return have;
    }
  }

  /** Empty. */
  public Headers() {
    this(INITIAL_FIELDS);
  }

  /** Empty, with room for that many fields. */
  public Headers(int expectedFields) {
    int capacity = Math.max(expectedFields, 4);
    names = new @Nullable String[capacity];
    values = new @Nullable String[capacity];
    hashes = new int[capacity];
  }

  /**
   * Empty, with room for that many fields, of which some will be lines of a block of bytes.
   *
   * @param block not changed any more
   */
  public Headers(int expectedFields, byte[] block) {
    this(expectedFields);
    this.block = block;
    this.lines = new int[3 * names.length];
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
    String known = names[checkIndex(index)];
    if (known == null) {
      known = text(lines[3 * index], lines[3 * index + 1]);
      names[index] = known;
    }
    return known;
  }

  /** Value of the field at that position. */
  public String value(int index) {
    String known = values[checkIndex(index)];
    if (known == null) {
      known = text(lines[3 * index + 1] + COLON_AND_SPACE, lines[3 * index + 2]);
      values[index] = known;
    }
    return known;
  }

  private String text(int from, int to) {
    return new String(block, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** Replaces the value at that position. */
  public void value(int index, String value) {
    names[index] = name(index);
    values[index] = value;
    if (lines.length > 0) {
      lines[3 * index] = -1;
    }
  }

  /** The first character of the name at that position, a letter in lower case; or 0. */
  public char initial(int index) {
    String known = names[checkIndex(index)];
    int first =
        known == null ? block[lines[3 * index]] : known.isEmpty() ? 0 : known.charAt(0) & 0xffff;
    return (char) (first >= 'A' && first <= 'Z' ? first | 0x20 : first);
  }

  /** Whether the field at that position has that name. */
  public boolean nameIs(int index, String name) {
    return matches(checkIndex(index), hash(name), name);
  }

  /** Whether the value at that position is that one. */
  public boolean valueIs(int index, String value) {
    String known = values[checkIndex(index)];
    if (known != null) {
      return known.equals(value);
    }
    int from = lines[3 * index + 1] + COLON_AND_SPACE;
    if (lines[3 * index + 2] - from != value.length()) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      if ((block[from + i] & 0xff) != value.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The first value of that name, or null. */
  public @Nullable String get(String name) {
    int index = indexOf(name, 0);
    return index < 0 ? null : value(index);
  }

  /** The first value of that name, or the given one. */
  public String getOr(String name, String otherwise) {
    int index = indexOf(name, 0);
    return index < 0 ? otherwise : value(index);
  }

  /** All values of that name, in order. */
  public List<String> getAll(String name) {
    int first = indexOf(name, 0);
    if (first < 0) {
      return List.of();
    }
    List<String> found = new ArrayList<>(2);
    for (int i = first; i >= 0; i = indexOf(name, i + 1)) {
      found.add(value(i));
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
    return indexOf(name, first + 1) < 0 ? value(first) : String.join(",", getAll(name));
  }

  /**
   * The sender wants no codec to remember the values of that name, so that nobody who shares a
   * connection can find out about them (RFC 7541 section 7.1.3).
   *
   * @param name in lower case
   */
  public void neverIndex(String name) {
    if (neverIndexed.isEmpty()) {
      neverIndexed = new HashSet<>(2);
    }
    neverIndexed.add(name);
  }

  /** Whether {@link #neverIndex} was said of that name, which is in lower case. */
  public boolean isNeverIndexed(String name) {
    return !neverIndexed.isEmpty() && neverIndexed.contains(name);
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
      if (hasToken(i, token)) {
        return true;
      }
    }
    return false;
  }

  private boolean hasToken(int index, String token) {
    String known = values[index];
    return known == null
        ? HeaderTokens.contains(
            block, lines[3 * index + 1] + COLON_AND_SPACE, lines[3 * index + 2], token)
        : HeaderTokens.contains(known, token);
  }

  /** Appends a field. */
  public Headers add(String name, String value) {
    append(hash(name));
    names[size - 1] = name;
    values[size - 1] = value;
    return this;
  }

  /**
   * Appends a field that is a line of {@link #block}: a token, a colon and one space, and a value
   * without spaces at its ends, up to CRLF. Only its place is checked.
   *
   * @param start of the name
   * @param nameEnd where the colon is
   * @param end of the value
   */
  public void addLine(int start, int nameEnd, int end) {
    if (start < 0
        || nameEnd <= start
        || end < nameEnd + COLON_AND_SPACE
        || end + 2 > block.length) {
      throw new IndexOutOfBoundsException(
          "line: %d, %d, %d (expected: ascending, up to %d)"
              .formatted(start, nameEnd, end, block.length));
    }
    append(hash(block, start, nameEnd));
    int at = 3 * (size - 1);
    lines[at] = start;
    lines[at + 1] = nameEnd;
    lines[at + 2] = end;
  }

  /** Where the line of that field begins in {@link #block}; -1: it was not received as it is. */
  public int lineStart(int index) {
    checkIndex(index);
    return lines.length == 0 ? -1 : lines[3 * index];
  }

  /** Where it ends, behind its CRLF. */
  public int lineEnd(int index) {
    return lines[3 * checkIndex(index) + 2] + 2;
  }

  /** The bytes in which lines are; lent. */
  public byte[] block() {
    return block;
  }

  private void append(int hash) {
    if (size == names.length) {
      grow();
    }
    if (lines.length > 0) {
      lines[3 * size] = -1;
    }
    hashes[size] = hash;
    present |= bit(hash);
    size++;
  }

  /** Appends all fields of the other. */
  public Headers addAll(Headers other) {
    for (int i = 0; i < other.size; i++) {
      add(other.name(i), other.value(i));
    }
    other.neverIndexed.forEach(this::neverIndex);
    return this;
  }

  /** The only field of that name becomes this one: the first keeps its place, further ones go. */
  public Headers set(String name, String value) {
    int first = indexOf(name, 0);
    if (first < 0) {
      return add(name, value);
    }
    value(first, value);
    removeFrom(name, first + 1);
    return this;
  }

  /** Removes all fields of that name; says whether there was one. */
  public boolean remove(String name) {
    return removeFrom(name, 0);
  }

  /** Removes all fields of those names, in one pass where one may be there. */
  public void removeAll(Names gone) {
    if ((present & gone.bits) == 0) {
      return;
    }
    int kept = 0;
    present = 0;
    for (int i = 0; i < size; i++) {
      long bit = bit(hashes[i]);
      if ((gone.bits & bit) == 0 || !gone.have(this, i)) {
        present |= bit;
        move(i, kept++);
      }
    }
    truncate(kept);
  }

  /** Removes the field at that position. */
  public void removeAt(int index) {
    checkIndex(index);
    for (int i = index + 1; i < size; i++) {
      move(i, i - 1);
    }
    truncate(size - 1);
  }

  private void move(int from, int to) {
    names[to] = names[from];
    values[to] = values[from];
    hashes[to] = hashes[from];
    if (lines.length > 0) {
      System.arraycopy(lines, 3 * from, lines, 3 * to, 3);
    }
  }

  private void truncate(int to) {
    Arrays.fill(names, to, size, null);
    Arrays.fill(values, to, size, null);
    size = to;
  }

  /** Removes everything. */
  public void clear() {
    truncate(0);
    present = 0;
    neverIndexed = Set.of();
    block = NO_BLOCK;
    lines = NO_LINES;
  }

  /** The same fields, independent of these. */
  public Headers copy() {
    Headers copy = new Headers(size);
    System.arraycopy(names, 0, copy.names, 0, size);
    System.arraycopy(values, 0, copy.values, 0, size);
    System.arraycopy(hashes, 0, copy.hashes, 0, size);
    copy.size = size;
    copy.present = present;
    copy.neverIndexed = neverIndexed.isEmpty() ? neverIndexed : new HashSet<>(neverIndexed);
    if (lines.length > 0) {
      copy.block = block;
      copy.lines = Arrays.copyOf(lines, 3 * copy.names.length);
    }
    return copy;
  }

  /** Position of the next field of that name at or behind {@code from}, or -1. */
  public int indexOf(String name, int from) {
    int hash = hash(name);
    if ((present & bit(hash)) != 0) {
      for (int i = from; i < size; i++) {
        if (matches(i, hash, name)) {
          return i;
        }
      }
    }
    return -1;
  }

  private boolean removeFrom(String name, int from) {
    int first = indexOf(name, from);
    if (first < 0) {
      return false;
    }
    int hash = hash(name);
    int kept = first;
    for (int i = first + 1; i < size; i++) {
      if (!matches(i, hash, name)) {
        move(i, kept);
        kept++;
      }
    }
    truncate(kept);
    return true;
  }

  private boolean matches(int index, int hash, String name) {
    if (hashes[index] != hash) {
      return false;
    }
    String known = names[index];
    return known == null
        ? HeaderTokens.isSame(block, lines[3 * index], lines[3 * index + 1], name)
        : known.equalsIgnoreCase(name);
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
    if (lines.length > 0) {
      lines = Arrays.copyOf(lines, 3 * capacity);
    }
  }

  /** Of a few characters, in any case: the names that are in use differ there or in length. */
  private static int hash(String name) {
    int length = name.length();
    return length == 0
        ? 0
        : hash(name.charAt(0), name.charAt(length >> 1), name.charAt(length - 1), length);
  }

  private static int hash(byte[] received, int start, int end) {
    int length = end - start;
    return hash(received[start], received[start + (length >> 1)], received[end - 1], length);
  }

  private static int hash(int first, int middle, int last, int length) {
    return ((((first | 0x20) * 31 + (middle | 0x20)) * 31 + (last | 0x20)) * 31 + length)
        * 0x9E3779B9;
  }

  private static long bit(int hash) {
    return 1L << (hash >>> 26);
  }

  /** Names only: values may be secret. */
  @Override
  public String toString() {
    List<String> shown = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      shown.add(name(i));
    }
    return shown.toString();
  }
}
