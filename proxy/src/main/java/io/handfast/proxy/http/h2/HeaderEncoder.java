package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder.SensitivityDetector;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * HPACK (RFC 7541) by Netty's encoder, which reads from our own fields: nothing is copied but a
 * name that is not in lower case. What belongs to an HTTP/1.1 connection is left out. Confined to
 * the connection's loop.
 */
final class HeaderEncoder {
  /** As nghttp2: a short cookie could be guessed byte by byte through the table. */
  private static final int SHORT_COOKIE = 20;

  private static final SensitivityDetector SENSITIVE =
      (name, value) ->
          "authorization".contentEquals(name)
              || ("cookie".contentEquals(name) && value.length() < SHORT_COOKIE);

  /** That the table has another size, at most twice (RFC 7541 section 4.2). */
  private static final int TABLE_SIZE_BYTES = 12;

  /** Of a field beside name and value: its kind, and two lengths. */
  private static final int FIELD_BYTES = 11;

  private final DefaultHttp2HeadersEncoder encoder =
      new DefaultHttp2HeadersEncoder(SENSITIVE, true);
  private final Source source = new Source();
  private final int maxTableBytes;

  /**
   * @param maxTableBytes of the table; a peer may ask for less
   */
  HeaderEncoder(int maxTableBytes) {
    this.maxTableBytes = maxTableBytes;
    tableSize(Frames.DEFAULT_TABLE_BYTES);
  }

  /** The peer's table has that size. */
  void tableSize(long bytes) {
    try {
      encoder.configuration().maxHeaderTableSize(Math.min(bytes, maxTableBytes));
    } catch (Http2Exception outOfRange) {
      throw new IllegalArgumentException(outOfRange);
    }
  }

  /** A pseudo-header field of the section to come. */
  HeaderEncoder pseudo(String name, String value) {
    source.pseudo(name, value);
    return this;
  }

  /** How many bytes the section takes at most. */
  int mostBytes(Headers fields) {
    int bytes = TABLE_SIZE_BYTES + source.pseudoBytes;
    for (int i = 0; i < fields.size(); i++) {
      bytes += FIELD_BYTES + fields.name(i).length() + fields.value(i).length();
    }
    return bytes;
  }

  /** Forgets the pseudo-header fields of a section that is not written. */
  void forget() {
    source.clear();
  }

  /** Writes the section: pseudo-header fields, then these. */
  void encode(int streamId, Headers fields, ByteBuf out) {
    source.fields = fields;
    try {
      encoder.encodeHeaders(streamId, source, out);
    } catch (Http2Exception bug) {
      throw new IllegalStateException(bug);
    } finally {
      source.clear();
    }
  }

  void close() {
    encoder.close();
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

  /** Fields as Netty's encoder wants them; the same objects for all sections. */
  private static final class Source extends DefaultHttp2Headers {
    private static final int MAX_PSEUDO = 5;

    private final String[] pseudoNames = new String[MAX_PSEUDO];
    private final String[] pseudoValues = new String[MAX_PSEUDO];
    private final Cursor cursor = new Cursor(this);
    private Headers fields = new Headers();
    private int pseudoCount;
    private int pseudoBytes;

    Source() {
      super(false, 2);
    }

    void pseudo(String name, String value) {
      pseudoNames[pseudoCount] = name;
      pseudoValues[pseudoCount] = value;
      pseudoCount++;
      pseudoBytes += FIELD_BYTES + name.length() + value.length();
    }

    @Override
    public Http2Headers clear() {
      pseudoCount = 0;
      pseudoBytes = 0;
      return this;
    }

    @Override
    public Iterator<Map.Entry<CharSequence, CharSequence>> iterator() {
      cursor.rewind();
      return cursor;
    }
  }

  /** Goes over pseudo-header fields, at negative positions, and then the others. */
  private static final class Cursor
      implements Iterator<Map.Entry<CharSequence, CharSequence>>,
          Map.Entry<CharSequence, CharSequence> {
    private final Source source;
    private int position;
    private String name = "";
    private String value = "";

    Cursor(Source source) {
      this.source = source;
    }

    void rewind() {
      position = -source.pseudoCount;
      skip();
    }

    private void skip() {
      Headers fields = source.fields;
      while (position >= 0 && position < fields.size() && !stays(fields, position)) {
        position++;
      }
    }

    @Override
    public boolean hasNext() {
      return position < source.fields.size();
    }

    @Override
    public Map.Entry<CharSequence, CharSequence> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (position < 0) {
        name = source.pseudoNames[source.pseudoCount + position];
        value = clean(source.pseudoValues[source.pseudoCount + position]);
      } else {
        name = lowerCase(source.fields.name(position));
        value = clean(source.fields.value(position));
      }
      position++;
      skip();
      return this;
    }

    @Override
    public CharSequence getKey() {
      return name;
    }

    @Override
    public CharSequence getValue() {
      return value;
    }

    @Override
    public CharSequence setValue(CharSequence newValue) {
      throw new IllegalStateException("field: read only");
    }
  }
}
