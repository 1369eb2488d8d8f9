package io.handfast.proxy.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * HPACK (RFC 7541) by Netty's decoder, whose fields go straight into a {@link FieldSection}: no map
 * in between. A field of the dynamic table is decoded to text once, however often it is referred
 * to. Confined to the connection's loop.
 */
final class HeaderDecoder {
  private final FieldSection section;
  private final Decoder decoder;
  private final int tableBytes;
  private boolean known;

  /**
   * @param tableBytes of the dynamic table, as the peer is told
   */
  HeaderDecoder(int tableBytes, Bounds bounds) {
    this.tableBytes = tableBytes;
    section = new FieldSection(bounds.maxFields());
    decoder = new Decoder(bounds.maxBytes(), new Sink(section));
    tableSize(Math.max(tableBytes, Frames.DEFAULT_TABLE_BYTES));
  }

  private void tableSize(int bytes) {
    try {
      decoder.maxHeaderTableSize(bytes);
    } catch (Http2Exception outOfRange) {
      throw new IllegalArgumentException(outOfRange);
    }
  }

  /** The peer has heard of our settings: until then it uses a table of the size that all have. */
  void settled() {
    if (!known) {
      known = true;
      tableSize(tableBytes);
    }
  }

  /** Decodes a whole block; valid until the next call. */
  FieldSection decode(int streamId, ByteBuf block) throws H2Exception {
    section.reset();
    try {
      decoder.decodeHeaders(streamId, block);
    } catch (Http2Exception.HeaderListSizeException tooLarge) {
      section.tooLarge();
    } catch (Http2Exception broken) {
      if (broken instanceof Http2Exception.StreamException) {
        section.malformed("fields");
      } else {
        throw H2Exception.connection(
            H2Error.COMPRESSION_ERROR, "HPACK: cannot be decoded (expected: RFC 7541)");
      }
    }
    return section;
  }

  private static final class Decoder extends DefaultHttp2HeadersDecoder {
    private final Sink sink;

    Decoder(int maxListBytes, Sink sink) {
      super(false, maxListBytes);
      this.sink = sink;
    }

    @Override
    protected Http2Headers newHeaders() {
      return sink;
    }
  }

  /** Takes each field as it is decoded, and keeps none. */
  private static final class Sink extends DefaultHttp2Headers {
    private final FieldSection section;

    Sink(FieldSection section) {
      super(false, 2);
      this.section = section;
    }

    @Override
    public Http2Headers add(CharSequence name, CharSequence value) {
      section.add(name.toString(), value.toString());
      return this;
    }
  }

  /**
   * Bounds of a received field section.
   *
   * @param maxBytes each field counted with 32 bytes on top (RFC 9113 section 6.5.2)
   * @param maxFields their number, without pseudo-header fields
   */
  record Bounds(int maxBytes, int maxFields) {}
}
