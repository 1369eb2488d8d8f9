package io.handfast.proxy.http.h2.hpack;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.h2.frame.Frames;
import java.util.Arrays;
import java.util.Locale;

/**
 * Writes field sections in HPACK (RFC 7541), from our own fields. What belongs to an HTTP/1.1
 * connection is left out. A field, or a name, is put into the table when it comes again: what is
 * another each time, such as a request's id, would push out what is the same. Strings are written
 * as they are, for Huffman's code costs both sides more than it saves on the way between them.
 * Confined to the connection's loop.
 */
public final class HeaderEncoder {
  /** As nghttp2: a short cookie could be guessed byte by byte through the table. */
  private static final int SHORT_COOKIE = 20;

  private static final int INDEXED = 0x80;
  private static final int INCREMENTAL = 0x40;
  private static final int TABLE_SIZE = 0x20;
  private static final int NEVER_INDEXED = 0x10;

  private static final int MAX_PSEUDO = 5;

  /** How many fields and names are known to have come, by their hashes; a power of two. */
  private static final int SEEN = 64;

  /** Room for a section that is kept from one to the next. */
  private static final int KEPT_BYTES = 512;

  private final HpackIndex index = new HpackIndex(Frames.DEFAULT_TABLE_BYTES);
  private final int[] seen = new int[SEEN];
  private final String[] pseudoNames = new String[MAX_PSEUDO];
  private final String[] pseudoValues = new String[MAX_PSEUDO];
  private final int maxTableBytes;
  private byte[] out = new byte[KEPT_BYTES];
  private int length;
  private int pseudoCount;

  /** The least that the table's size has been since the last section; the peer is to be told. */
  private int smallest = Integer.MAX_VALUE;

  /**
   * @param maxTableBytes of the table; a peer may ask for less
   */
  public HeaderEncoder(int maxTableBytes) {
    this.maxTableBytes = maxTableBytes;
    tableSize(Frames.DEFAULT_TABLE_BYTES);
  }

  /** The peer's table has that size. */
  public void tableSize(long bytes) {
    int size = (int) Math.min(bytes, maxTableBytes);
    if (size != index.capacity()) {
      smallest = Math.min(smallest, size);
      index.capacity(size);
    }
  }

  /** A pseudo-header field of the section to come. */
  public HeaderEncoder pseudo(String name, String value) {
    pseudoNames[pseudoCount] = name;
    pseudoValues[pseudoCount] = value;
    pseudoCount++;
    return this;
  }

  /** Forgets the pseudo-header fields of a section that is not written. */
  public void forget() {
    pseudoCount = 0;
  }

  /**
   * Encodes a section: pseudo-header fields, then these.
   *
   * @return how many bytes of {@link #section} it takes
   */
  public int encode(Headers fields) {
    length = 0;
    if (out.length > KEPT_BYTES) {
      out = new byte[KEPT_BYTES];
    }
    if (smallest != Integer.MAX_VALUE) {
      if (smallest < index.capacity()) {
        integer(TABLE_SIZE, 5, smallest);
      }
      integer(TABLE_SIZE, 5, index.capacity());
      smallest = Integer.MAX_VALUE;
    }
    for (int i = 0; i < pseudoCount; i++) {
      if (!known(pseudoNames[i], pseudoValues[i])) {
        literal(pseudoNames[i], pseudoValues[i], false);
      }
    }
    pseudoCount = 0;
    for (int i = 0; i < fields.size(); i++) {
      String name = fields.name(i);
      String value = fields.value(i);
      boolean secret = fields.isNeverIndexed(name);
      if ((secret || !known(name, value)) && stays(fields, i)) {
        literal(name, value, secret);
      }
    }
    return length;
  }

  /** What was encoded last; valid until the next call. */
  public byte[] section() {
    return out;
  }

  /** Writes the number of a field that is in one of the tables. */
  private boolean known(String name, String value) {
    int number = index.indexOf(name, value, HpackIndex.hash(name, value));
    if (number == 0) {
      number = HpackStatic.indexOf(name, value);
    }
    if (number == 0) {
      return false;
    }
    integer(INDEXED, 7, number);
    return true;
  }

  /**
   * @param secret the sender's word; it is no number of the table either
   */
  private void literal(String spelled, String said, boolean secret) {
    String name = lowerCase(spelled);
    String value = clean(said);
    boolean other = !name.equals(spelled) || !value.equals(said);
    if (other && !secret && known(name, value)) {
      return;
    }
    int number = HpackStatic.indexOf(name);
    if (number == 0) {
      number = index.indexOf(name);
    }
    if (secret || isSensitive(name, value)) {
      integer(NEVER_INDEXED, 4, number);
    } else if (isWorthIt(name, value, number)) {
      integer(INCREMENTAL, 6, number);
      index.add(name, value);
    } else {
      integer(0, 4, number);
    }
    if (number == 0) {
      string(name);
    }
    string(value);
  }

  private boolean isWorthIt(String name, String value, int nameNumber) {
    boolean again = hasCome(HpackIndex.hash(name, value));
    boolean nameAgain = nameNumber == 0 && hasCome(name.hashCode());
    int size = name.length() + value.length() + HpackField.OVERHEAD;
    return (again || nameAgain) && size <= index.capacity() / 2;
  }

  /** Whether it has come before, as far as is known; it is known from now on. */
  private boolean hasCome(int hash) {
    int place = (hash ^ (hash >>> 16)) & (SEEN - 1);
    boolean come = seen[place] == hash;
    seen[place] = hash;
    return come;
  }

  private static boolean isSensitive(String name, String value) {
    return name.equals("authorization") || (name.equals("cookie") && value.length() < SHORT_COOKIE);
  }

  private static boolean stays(Headers fields, int index) {
    String name = fields.name(index);
    return switch (name.length()) {
      case 2 -> !fields.nameIs(index, "te") || fields.value(index).equalsIgnoreCase("trailers");
      case 4 -> !fields.nameIs(index, "host");
      case 7 -> !fields.nameIs(index, "upgrade");
      case 10 -> !fields.nameIs(index, "connection") && !fields.nameIs(index, "keep-alive");
      case 14 -> !fields.nameIs(index, "http2-settings");
      case 16 -> !fields.nameIs(index, "proxy-connection");
      case 17 -> !fields.nameIs(index, "transfer-encoding");
      default -> true;
    };
  }

  private static String lowerCase(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        return name.toLowerCase(Locale.ROOT);
      }
    }
    return name;
  }

  /** A line break in something that a filter has set could become a header on the next hop. */
  private static String clean(String value) {
    boolean clean = value.indexOf('\n') < 0 && value.indexOf('\r') < 0 && value.indexOf('\0') < 0;
    return clean ? value : value.replace('\n', ' ').replace('\r', ' ').replace('\0', ' ');
  }

  private void string(String text) {
    int bytes = text.length();
    integer(0, 7, bytes);
    room(bytes);
    for (int i = 0; i < bytes; i++) {
      char c = text.charAt(i);
      out[length + i] = (byte) (c <= 0xff ? c : '?');
    }
    length += bytes;
  }

  /** Begins with these bits, in the last ones of their byte (section 5.1). */
  private void integer(int bits, int prefixBits, int value) {
    room(6);
    int most = (1 << prefixBits) - 1;
    if (value < most) {
      out[length++] = (byte) (bits | value);
      return;
    }
    out[length++] = (byte) (bits | most);
    int rest = value - most;
    for (; rest > 0x7f; rest >>>= 7) {
      out[length++] = (byte) (0x80 | (rest & 0x7f));
    }
    out[length++] = (byte) rest;
  }

  private void room(int bytes) {
    if (out.length - length < bytes) {
      out = Arrays.copyOf(out, Math.max(2 * out.length, length + bytes));
    }
  }
}
