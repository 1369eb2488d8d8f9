package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.h2.frame.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a service must not send, and a client not ask for. */
final class H2ClientViolationsTest extends H2ClientFixture {
  @ParameterizedTest
  @CsvSource({
    "abc, 'x', 'y'",
    "99, 'x', 'y'",
    "101, 'x', 'y'",
    "600, 'x', 'y'",
    "3.0, 'x', 'y'",
    "2/0, 'x', 'y'",
    "200, 'bad name', 'x'",
    "200, 'content-length', '7'",
    "200, ':path', '/'"
  })
  void shouldTellProtocolErrorWhenResponseIsMalformed(String status, String name, String value) {
    // Given
    Events events = new Events();
    request(events, true);
    peer.frames();

    // When
    peer.headers(1, true, ":status", status, name, value);

    // Then
    assertThat(events.told).containsExactly("reset PROTOCOL_ERROR");
    assertThat(peer.frames()).containsExactly("RST_STREAM 1 PROTOCOL_ERROR");
    assertThat(channel.isOpen()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"101, 1", "1, 62000"})
  void shouldTellProtocolErrorWhenHeadIsTooLarge(int fields, int bytes) {
    // Given
    Events events = new Events();
    request(events, true);
    peer.frames();
    String[] all = new String[2 + 2 * fields];
    all[0] = ":status";
    all[1] = "200";
    for (int i = 2; i < all.length; i += 2) {
      all[i] = "x-" + i;
      all[i + 1] = "v".repeat(bytes);
    }

    // When
    peer.headers(1, true, all);

    // Then
    assertThat(events.told).containsExactly("reset PROTOCOL_ERROR");
    assertThat(peer.frames()).containsExactly("RST_STREAM 1 PROTOCOL_ERROR");
    assertThat(stats.http2.headerOverflow.value()).isEqualTo(1);
    assertThat(channel.isOpen()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"DATA, 4", "DATA, 6", "HEADERS, 4", "HEADERS, 6"})
  void shouldTellProtocolErrorWhenBodyIsNotAsLongAsItsLength(String end, int length) {
    // Given
    Events events = new Events();
    request(events, true);
    peer.headers(1, false, ":status", "200", "content-length", "5");
    peer.data(1, false, "ab");
    peer.frames();

    // When
    peer.data(1, end.equals("DATA"), "x".repeat(length - 2));
    if (end.equals("HEADERS")) {
      peer.headers(1, true, "x-trailer", "t");
    }

    // Then
    assertThat(peer.frames()).containsExactly("RST_STREAM 1 PROTOCOL_ERROR");
    assertThat(events.told).last().isEqualTo("reset PROTOCOL_ERROR");
    assertThat(events.told).noneMatch(told -> told.endsWith(" end"));
  }

  @Test
  void shouldTellProtocolErrorWhenHeadHasBody() {
    // Given
    Events events = new Events();
    HttpStream.Client stream = connection.newStream(events);
    stream.sendHead(RequestHead.of("HEAD", "h", "/"), true);

    // When
    peer.headers(1, false, ":status", "200", "content-length", "3");
    peer.data(1, true, "abc");

    // Then
    assertThat(events.told).containsExactly("head 200", "reset PROTOCOL_ERROR");
  }

  @Test
  void shouldRefuseUpgrade() {
    // Given
    Events events = new Events();
    RequestHead head = RequestHead.of("GET", "h", "/");
    head.upgrade("websocket");

    // When
    connection.newStream(events).sendHead(head, false);

    // Then
    assertThat(events.told).containsExactly("reset PROTOCOL_ERROR");
    assertThat(peer.frames()).isEmpty();
    assertThat(connection.openStreams()).isZero();
  }

  @Test
  void shouldNotTakePush() {
    // When
    peer.frame(Frames.PUSH_PROMISE, Frames.END_HEADERS, 1, (byte) 0, (byte) 0, (byte) 0, (byte) 2);

    // Then
    assertThat(peer.frames()).last().isEqualTo("GOAWAY 0 PROTOCOL_ERROR");
    assertThat(stats.cxProtocolError.value()).isEqualTo(1);
  }

  @Test
  void shouldNotTakeStreamThatPeerBegins() {
    // When
    peer.headers(2, true, ":status", "200");

    // Then
    assertThat(peer.frames()).last().isEqualTo("GOAWAY 0 PROTOCOL_ERROR");
  }
}
