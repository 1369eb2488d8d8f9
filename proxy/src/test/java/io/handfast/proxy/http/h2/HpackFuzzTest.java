package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.handfast.proxy.http.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Field blocks: decoded or refused by the typed error, within bounds; what was accepted is the same
 * after our encoder and decoder. The first byte is the length of the first of two blocks.
 */
final class HpackFuzzTest {
  private static final HeaderDecoder.Bounds BOUNDS = new HeaderDecoder.Bounds(4096, 20);

  @FuzzTest(maxDuration = "10m")
  void shouldDecodeOrRefuse(byte[] bytes) throws H2Exception {
    if (bytes.length == 0) {
      return;
    }
    HeaderDecoder decoder = new HeaderDecoder(Frames.DEFAULT_TABLE_BYTES, BOUNDS);
    int first = Math.min(bytes[0] & 0xff, bytes.length - 1);
    if (decode(decoder, bytes, 1, first)) {
      decode(decoder, bytes, 1 + first, bytes.length - 1 - first);
    }
  }

  /** Whether the connection would go on. */
  private static boolean decode(HeaderDecoder decoder, byte[] bytes, int from, int length)
      throws H2Exception {
    FieldSection section;
    try {
      section = decoder.decode(1, Unpooled.wrappedBuffer(bytes, from, length));
    } catch (H2Exception broken) {
      assertThat(broken.error()).isEqualTo(H2Error.COMPRESSION_ERROR);
      return false;
    }
    Headers fields = section.fields();
    assertThat(fields.size()).isLessThanOrEqualTo(21); // a cookie that was split is one more
    if (section.malformed() == null && !section.isTooLarge()) {
      HeaderEncoder encoder = new HeaderEncoder(Frames.DEFAULT_TABLE_BYTES);
      ByteBuf block = Unpooled.buffer();
      encoder.encode(1, fields, block);
      HeaderDecoder.Bounds wide = new HeaderDecoder.Bounds(1 << 20, 100);
      Headers again = new HeaderDecoder(Frames.DEFAULT_TABLE_BYTES, wide).decode(1, block).fields();
      // What a pseudo-header field says, or what belongs to HTTP/1.1, is not written.
      fields.remove("host");
      fields.remove("http2-settings");
      assertThat(text(again)).isEqualTo(text(fields));
      encoder.close();
    }
    return true;
  }

  private static String text(Headers fields) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < fields.size(); i++) {
      text.append(fields.name(i)).append(": ").append(fields.value(i)).append('\n');
    }
    return text.toString();
  }
}
