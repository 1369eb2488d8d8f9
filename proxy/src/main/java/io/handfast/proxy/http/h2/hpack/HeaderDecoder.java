package io.handfast.proxy.http.h2.hpack;

import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.frame.Payload;
import java.nio.charset.StandardCharsets;

/**
 * Reads field sections in HPACK (RFC 7541) into a {@link FieldSection}. A field of a table is text
 * that was made and checked once. Confined to the connection's loop.
 */
public final class HeaderDecoder {
  private static final int INDEXED = 0x80;
  private static final int INCREMENTAL = 0x40;
  private static final int TABLE_SIZE = 0x20;
  private static final int NEVER_INDEXED = 0x10;
  private static final int HUFFMAN = 0x80;

  /** Room for a block that is kept from one to the next. */
  private static final int KEPT_BYTES = 512;

  private static final byte[] NOTHING = {};

  private final FieldSection section;
  private final HpackTable table;
  private final int tableBytes;
  private final int maxBytes;
  private boolean known;

  /** What the peer may make the table's size. */
  private int maxTableBytes;

  /** The table is smaller than it was: the peer has to say that it knows. */
  private boolean mustResize;

  private byte[] in = NOTHING;
  private byte[] decoded = NOTHING;
  private int at;
  private int end;

  /**
   * @param tableBytes of the dynamic table, as the peer is told
   */
  public HeaderDecoder(int tableBytes, Bounds bounds) {
    this.tableBytes = tableBytes;
    this.maxBytes = bounds.maxBytes();
    section = new FieldSection(bounds.maxFields());
    table = new HpackTable(Frames.DEFAULT_TABLE_BYTES);
    maxTableBytes = Math.max(tableBytes, Frames.DEFAULT_TABLE_BYTES);
  }

  /** The peer has heard of our settings: until then it uses a table of the size that all have. */
  public void settled() {
    if (!known) {
      known = true;
      maxTableBytes = tableBytes;
      if (tableBytes < table.capacity()) {
        mustResize = true;
        table.capacity(tableBytes);
      }
    }
  }

  /**
   * Decodes a whole block; valid until the next call.
   *
   * @param block lent for the call
   * @throws H2Exception of the connection: not HPACK, and the tables would not be the same any more
   */
  public FieldSection decode(Payload block) throws H2Exception {
    section.reset();
    at = 0;
    end = block.length();
    if (in.length < end || in.length > KEPT_BYTES) {
      in = new byte[Math.max(end, KEPT_BYTES)];
    }
    block.copyTo(in);
    int bytes = 0;
    boolean begun = false;
    while (at < end) {
      int first = in[at] & 0xff;
      if ((first & (INDEXED | INCREMENTAL | TABLE_SIZE)) == TABLE_SIZE) {
        if (begun) {
          throw broken("another size of the table behind fields");
        }
        resize(integer(5));
        continue;
      }
      if (mustResize) {
        throw broken("no word of the smaller table");
      }
      begun = true;
      HpackField field = field(first);
      bytes = Math.min(bytes + field.size(), Integer.MAX_VALUE / 2);
      if (bytes > maxBytes) {
        section.tooLarge();
      }
      section.add(field);
      if ((first & 0xf0) == NEVER_INDEXED) {
        section.neverIndex(field);
      }
    }
    return section;
  }

  private void resize(int bytes) throws H2Exception {
    if (bytes > maxTableBytes) {
      throw broken("a table of " + bytes + " bytes");
    }
    mustResize = false;
    table.capacity(bytes);
  }

  private HpackField field(int first) throws H2Exception {
    if ((first & INDEXED) != 0) {
      return lookUp(integer(7));
    }
    boolean remembered = (first & INCREMENTAL) != 0;
    int index = integer(remembered ? 6 : 4);
    HpackField field =
        index == 0 ? new HpackField(string(), string()) : lookUp(index).with(string());
    if (remembered) {
      table.add(field);
    }
    return field;
  }

  private HpackField lookUp(int index) throws H2Exception {
    if (index > 0 && index <= HpackStatic.SIZE) {
      return HpackStatic.field(index);
    }
    int age = index - HpackStatic.SIZE - 1;
    if (age < 0 || age >= table.count()) {
      throw broken("field " + index);
    }
    return table.get(age);
  }

  /** An integer that begins with the last bits of the next byte (section 5.1). */
  private int integer(int prefixBits) throws H2Exception {
    if (at == end) {
      throw broken("an end within a field");
    }
    int most = (1 << prefixBits) - 1;
    long value = in[at++] & most;
    if (value < most) {
      return (int) value;
    }
    for (int shift = 0; shift < 35; shift += 7) {
      if (at == end) {
        throw broken("an end within a number");
      }
      int next = in[at++];
      value += (long) (next & 0x7f) << shift;
      if (value > Integer.MAX_VALUE) {
        break;
      }
      if (next >= 0) {
        return (int) value;
      }
    }
    throw broken("a number that is too large");
  }

  private String string() throws H2Exception {
    boolean huffman = at < end && (in[at] & HUFFMAN) != 0;
    int length = integer(7);
    if (length > end - at) {
      throw broken("an end within a string");
    }
    int from = at;
    at += length;
    if (!huffman) {
      return new String(in, from, length, StandardCharsets.ISO_8859_1);
    }
    int most = HpackHuffman.mostBytes(length);
    if (decoded.length < most || decoded.length > KEPT_BYTES) {
      decoded = new byte[Math.max(most, KEPT_BYTES)];
    }
    int bytes = HpackHuffman.decode(in, from, at, decoded);
    if (bytes < 0) {
      throw broken("a string that is not in the code");
    }
    return new String(decoded, 0, bytes, StandardCharsets.ISO_8859_1);
  }

  private static H2Exception broken(String what) {
    return H2Exception.connection(
        H2Error.COMPRESSION_ERROR, "HPACK: " + what + " (expected: RFC 7541)");
  }

  /**
   * Bounds of a received field section.
   *
   * @param maxBytes each field counted with 32 bytes on top (RFC 9113 section 6.5.2)
   * @param maxFields their number, without pseudo-header fields
   */
  public record Bounds(int maxBytes, int maxFields) {}
}
