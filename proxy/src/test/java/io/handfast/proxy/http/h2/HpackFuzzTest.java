package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.frame.Payload;
import io.handfast.proxy.http.h2.hpack.FieldSection;
import io.handfast.proxy.http.h2.hpack.HeaderDecoder;
import io.handfast.proxy.http.h2.hpack.HeaderEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Field blocks: decoded or refused by the typed error, within bounds, as Netty's decoder does; what
 * was accepted is the same after our encoder and decoder. The first byte is the length of the first
 * of two blocks.
 */
final class HpackFuzzTest {
  private static final HeaderDecoder.Bounds BOUNDS = new HeaderDecoder.Bounds(4096, 20);

  @FuzzTest(maxDuration = "10m")
  void shouldDecodeOrRefuse(byte[] bytes) throws H2Exception {
    if (bytes.length == 0) {
      return;
    }
    HeaderDecoder decoder = new HeaderDecoder(Frames.DEFAULT_TABLE_BYTES, BOUNDS);
    DefaultHttp2HeadersDecoder netty = new DefaultHttp2HeadersDecoder(false, 1 << 20);
    int first = Math.min(bytes[0] & 0xff, bytes.length - 1);
    if (decode(decoder, netty, bytes, 1, first)) {
      decode(decoder, netty, bytes, 1 + first, bytes.length - 1 - first);
    }
  }

  /** Whether the connection would go on. */
  private static boolean decode(
      HeaderDecoder decoder, DefaultHttp2HeadersDecoder netty, byte[] bytes, int from, int length)
      throws H2Exception {
    Http2Headers reference = reference(netty, Unpooled.wrappedBuffer(bytes, from, length));
    FieldSection section;
    try {
      section = decoder.decode(Payload.of(Unpooled.wrappedBuffer(bytes, from, length)));
    } catch (H2Exception broken) {
      assertThat(broken.error()).isEqualTo(H2Error.COMPRESSION_ERROR);
      assertThat(reference).isNull();
      return false;
    }
    assertThat(reference).isNotNull();
    Headers fields = section.fields();
    assertThat(fields.size()).isLessThanOrEqualTo(21); // a cookie that was split is one more
    if (section.malformed() == null && !section.isTooLarge() && reference != null) {
      assertThat(text(fields)).isEqualTo(text(reference));
      Headers again = again(fields);
      // What a pseudo-header field says, or what belongs to HTTP/1.1, is not written.
      fields.remove("host");
      fields.remove("http2-settings");
      assertThat(text(again)).isEqualTo(text(fields));
    }
    return true;
  }

  /** Twice through the encoder: the second section refers to the first. */
  private static Headers again(Headers fields) throws H2Exception {
    HeaderEncoder encoder = new HeaderEncoder(Frames.DEFAULT_TABLE_BYTES);
    HeaderDecoder.Bounds wide = new HeaderDecoder.Bounds(1 << 20, 100);
    HeaderDecoder decoder = new HeaderDecoder(Frames.DEFAULT_TABLE_BYTES, wide);
    String first = text(decoder.decode(Payload.of(block(encoder, fields))).fields());
    String second = text(decoder.decode(Payload.of(block(encoder, fields))).fields());
    Headers third = decoder.decode(Payload.of(block(encoder, fields))).fields();
    assertThat(second).isEqualTo(first);
    assertThat(text(third)).isEqualTo(first);
    return third;
  }

  private static ByteBuf block(HeaderEncoder encoder, Headers fields) {
    int bytes = encoder.encode(fields);
    return Unpooled.copiedBuffer(encoder.section(), 0, bytes);
  }

  /** What Netty's decoder says; null: not HPACK. */
  private static @Nullable Http2Headers reference(DefaultHttp2HeadersDecoder netty, ByteBuf block) {
    try {
      return netty.decodeHeaders(1, block);
    } catch (Http2Exception broken) {
      return null;
    }
  }

  /** Without pseudo-header fields; a cookie that was split is one again, and the last. */
  private static String text(Http2Headers headers) {
    Headers fields = new Headers();
    StringBuilder cookies = new StringBuilder();
    boolean cookie = false;
    for (Map.Entry<CharSequence, CharSequence> each : headers) {
      String name = each.getKey().toString();
      String value = each.getValue().toString();
      if (name.equals("cookie")) {
        boolean joins = cookie && !value.isEmpty() && !cookies.isEmpty();
        cookies.append(joins ? "; " : "").append(value);
        cookie = true;
      } else if (!name.startsWith(":")) {
        fields.add(name, value);
      }
    }
    if (cookie) {
      fields.add("cookie", cookies.toString());
    }
    return text(fields);
  }

  private static String text(Headers fields) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < fields.size(); i++) {
      text.append(fields.name(i)).append(": ").append(fields.value(i)).append('\n');
    }
    return text.toString();
  }
}
