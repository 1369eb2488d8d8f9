package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.frame.Payload;
import io.handfast.proxy.http.h2.hpack.FieldSection;
import io.handfast.proxy.http.h2.hpack.HeaderDecoder;
import io.handfast.proxy.http.h2.hpack.HeaderEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HPACK, held against the examples of RFC 7541 and against Netty's. */
final class HpackTest {
  private static final HeaderDecoder.Bounds WIDE = new HeaderDecoder.Bounds(1 << 20, 1000);
  private static final String[] NAMES = {
    "accept",
    "content-type",
    "grpc-status",
    "x-request-id",
    "x",
    "cookie-like",
    "user-agent",
    "date"
  };

  private final HeaderDecoder decoder = new HeaderDecoder(Frames.DEFAULT_TABLE_BYTES, WIDE);
  private final HeaderEncoder encoder = new HeaderEncoder(Frames.DEFAULT_TABLE_BYTES);

  /** RFC 7541 appendix C.4. */
  @Test
  void shouldDecodeRequestsInHuffmanCode() throws H2Exception {
    FieldSection first = decode("828684418cf1e3c2e5f23a6ba0ab90f4ff");
    assertThat(first.authority()).isEqualTo("www.example.com");
    assertThat(first.method()).isEqualTo("GET");

    FieldSection second = decode("828684be5886a8eb10649cbf");
    assertThat(second.authority()).isEqualTo("www.example.com");
    assertThat(second.fields().get("cache-control")).isEqualTo("no-cache");

    FieldSection third = decode("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf");
    assertThat(third.path()).isEqualTo("/index.html");
    assertThat(third.fields().get("custom-key")).isEqualTo("custom-value");
  }

  /** RFC 7541 appendix C.6, whose table has 256 bytes. */
  @Test
  void shouldForgetTheOldestFields() throws H2Exception {
    FieldSection first =
        decode(
            "3fe101488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad17"
                + "1863c78f0b97c8e9ae82ae43d3");
    assertThat(first.status()).isEqualTo("302");
    assertThat(first.fields().get("location")).isEqualTo("https://www.example.com");

    FieldSection second = decode("4883640effc1c0bf");
    assertThat(second.status()).isEqualTo("307");
    assertThat(second.fields().get("date")).isEqualTo("Mon, 21 Oct 2013 20:13:21 GMT");

    FieldSection third =
        decode(
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335"
                + "dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007");
    assertThat(third.status()).isEqualTo("200");
    assertThat(third.fields().get("set-cookie"))
        .isEqualTo("foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80", // field 0
        "be", // a field that the table does not have
        "40", // no name
        "400161", // no value
        "40016105", // a value that is not there
        "7fffffffffff7f", // a number beyond all bounds
        "4001618160", // a code with zeros behind it
        "400161860000000000ff", // the same, of many bytes
        "40016184ffffffff", // the end of all strings
        "3fe21f", // a table larger than ours
        "8220" // another size behind a field
      })
  void shouldRefuseWhatIsNotHpack(String block) {
    assertThatThrownBy(() -> decode(block))
        .isInstanceOfSatisfying(
            H2Exception.class,
            broken -> {
              assertThat(broken.streamId()).isZero();
              assertThat(broken.error()).isEqualTo(H2Error.COMPRESSION_ERROR);
            });
  }

  @Test
  void shouldWantToHearOfASmallerTable() throws H2Exception {
    HeaderDecoder small = new HeaderDecoder(64, WIDE);
    small.decode(Payload.of(bytes("8286")));
    small.settled();

    assertThatThrownBy(() -> small.decode(Payload.of(bytes("8286"))))
        .isInstanceOf(H2Exception.class);
    assertThat(small.decode(Payload.of(bytes("3f2182"))).method()).isEqualTo("GET");
  }

  @Test
  void shouldTellThePeerOfASmallerTable() throws Http2Exception {
    DefaultHttp2HeadersDecoder netty = new DefaultHttp2HeadersDecoder(false, 1 << 20);
    Headers fields = new Headers().add("a", "b").add("c", "d");
    for (long size : new long[] {4096, 0, 4096, 100, 70}) {
      encoder.tableSize(size / 2);
      encoder.tableSize(size);
      for (int i = 0; i < 3; i++) {
        assertThat(text(netty.decodeHeaders(1, block(fields)))).isEqualTo("a: b\nc: d\n");
      }
    }
  }

  /** RFC 7541 section 6.2.3. */
  @Test
  void shouldKeepAFieldNeverIndexedThatCameSo() throws H2Exception {
    String indexed = "4003782d6b0173"; // x-k: s
    String never = "1003782d6b0173";
    for (String block : List.of(indexed, indexed, indexed, never, never, indexed)) {
      Headers fields = decode(block).fields().copy();
      encoder.encode(fields);

      boolean literal = (encoder.section()[0] & 0xf0) == 0x10;
      assertThat(literal).as(block).isEqualTo(block.equals(never));
    }
  }

  /** RFC 7541 section 4.2: of two sizes at once the peer wants to hear of the least. */
  @Test
  void shouldKnowTheLeastOfTheSizesThatSettingsGive() throws H2Exception {
    PeerSettings settings = new PeerSettings(false);
    settings.read(Payload.of(bytes("000100000000" + "000100001000")));

    assertThat(settings.leastTableBytes()).isZero();
    assertThat(settings.tableBytes()).isEqualTo(4096);
  }

  @Test
  void shouldRememberOnlyWhatComesAgain() {
    Headers fields = new Headers().add("x-known", "same each time").add("x-id", "1");
    int first = encoder.encode(fields);
    fields.set("x-id", "2");
    int second = encoder.encode(fields);
    fields.set("x-id", "3");
    int third = encoder.encode(fields);

    assertThat(second).isEqualTo(first);
    assertThat(third).isEqualTo(1 + 2 + 2); // one number, and the number of a name with its value
  }

  @Test
  void shouldSayWhatNettyDecodes() throws Http2Exception {
    DefaultHttp2HeadersDecoder netty = new DefaultHttp2HeadersDecoder(false, 1 << 20);
    Random random = new Random(1);
    for (int i = 0; i < 5000; i++) {
      Headers fields = draw(random);
      assertThat(text(netty.decodeHeaders(1, block(fields)))).isEqualTo(text(fields));
    }
  }

  @Test
  void shouldDecodeWhatNettySays() throws Http2Exception, H2Exception {
    DefaultHttp2HeadersEncoder netty =
        new DefaultHttp2HeadersEncoder((name, value) -> value.length() % 7 == 0, false, 16, 0);
    Random random = new Random(2);
    for (int i = 0; i < 5000; i++) {
      Headers fields = draw(random);
      Http2Headers same = new DefaultHttp2Headers(false);
      for (int at = 0; at < fields.size(); at++) {
        same.add(fields.name(at), fields.value(at));
      }
      ByteBuf block = Unpooled.buffer();
      netty.encodeHeaders(1, same, block);
      assertThat(text(decoder.decode(Payload.of(block)).fields())).isEqualTo(text(same));
    }
    netty.close();
  }

  private static Headers draw(Random random) {
    Headers fields = new Headers();
    List<String> names = new ArrayList<>(List.of(NAMES));
    for (int count = random.nextInt(NAMES.length); count > 0; count--) {
      String name = names.remove(random.nextInt(names.size()));
      fields.add(name, random.nextInt(3) > 0 ? name + random.nextInt(5) : text(random));
    }
    return fields;
  }

  /** Any bytes of a value, seldom many of them. */
  private static String text(Random random) {
    int length = random.nextInt(50) == 0 ? random.nextInt(3000) : random.nextInt(60);
    StringBuilder text = new StringBuilder("v");
    for (int i = 0; i < length; i++) {
      int c = random.nextInt(256);
      text.append(c < ' ' || c == 0x7f ? 'z' : (char) c);
    }
    return text.append('v').toString();
  }

  private FieldSection decode(String hex) throws H2Exception {
    return decoder.decode(Payload.of(bytes(hex)));
  }

  private static ByteBuf bytes(String hex) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
  }

  private ByteBuf block(Headers fields) {
    int bytes = encoder.encode(fields);
    return Unpooled.copiedBuffer(encoder.section(), 0, bytes);
  }

  private static String text(Http2Headers headers) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<CharSequence, CharSequence> each : headers) {
      text.append(each.getKey()).append(": ").append(each.getValue()).append('\n');
    }
    return text.toString();
  }

  private static String text(Headers fields) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < fields.size(); i++) {
      text.append(fields.name(i)).append(": ").append(fields.value(i)).append('\n');
    }
    return text.toString();
  }
}
