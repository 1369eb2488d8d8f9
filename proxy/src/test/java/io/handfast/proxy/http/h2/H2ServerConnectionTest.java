package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.Http2Options.Keepalive;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests, responses and the end of a connection. */
final class H2ServerConnectionTest extends H2ServerFixture {
  @Test
  void shouldHandRequestOn() {
    // When
    peer.request(1, false, "x-a", "1", "cookie", "a=b", "cookie", "c=d", "te", "trailers");
    peer.data(1, false, "ab");
    peer.headers(1, true, "x-trailer", "t");

    // Then
    RequestHead head = heads.getFirst();
    assertThat(head).hasToString("POST h/ HTTP/2");
    assertThat(head.headers().get("cookie")).isEqualTo("a=b; c=d");
    assertThat(head.headers().get("te")).isEqualTo("trailers");
    assertThat(events.getFirst().told).containsExactly("data ab", "trailers [x-trailer]");
  }

  @Test
  void shouldTakeFieldsOfClientThatDoesNotKnowTheTableSizeYet() {
    // Given
    connection = connection(BUFFER_LIMIT, Keepalive.NONE, 0);
    open();

    // When
    peer.request(1, true, "x-a", "1");
    peer.request(3, true, "x-a", "1");

    // Then
    assertThat(heads).hasSize(2);
    assertThat(heads.getLast().headers().get("x-a")).isEqualTo("1");

    // When: from here on the client must have heard of it.
    peer.frame(Frames.SETTINGS, Frames.ACK, 0);
    peer.frame(Frames.HEADERS, Frames.END_HEADERS | Frames.END_STREAM, 5, (byte) 0xbe);

    // Then
    assertThat(peer.frames()).last().isEqualTo("GOAWAY 3 COMPRESSION_ERROR");
  }

  @Test
  void shouldWriteResponse() {
    // Given
    peer.request(1, true);
    Headers trailers =
        new Headers().add("Grpc-Status", "0").add("Content-Length", "2").add("connection", "x");

    // When
    streams.getFirst().sendInformational(ResponseHead.of(103));
    ResponseHead head = ResponseHead.of(200);
    head.headers().add("X-Upper", "v").add("connection", "x").add("x-break", "a\r\nb: c");
    streams.getFirst().sendHead(head, false);
    streams.getFirst().sendData(body("ok"), false);
    streams.getFirst().sendTrailers(trailers);

    // Then
    assertThat(peer.frames())
        .containsExactly(
            "HEADERS 1 [103]",
            "HEADERS 1 [200, x-upper: v, x-break: a  b: c]",
            "DATA 1 ok",
            "HEADERS 1 end [grpc-status: 0]");
  }

  @ParameterizedTest
  @CsvSource({"DATA, 4", "DATA, 6", "HEADERS, 4", "HEADERS, 6"})
  void shouldResetStreamWhenBodyIsNotAsLongAsItsLength(String end, int length) {
    // Given
    peer.request(1, false, "content-length", "5");
    peer.data(1, false, "ab");

    // When
    peer.data(1, end.equals("DATA"), "x".repeat(length - 2));
    if (end.equals("HEADERS")) {
      peer.headers(1, true, "x-trailer", "t");
    }

    // Then
    assertThat(peer.frames()).containsExactly("RST_STREAM 1 PROTOCOL_ERROR");
    assertThat(events.getFirst().told).last().isEqualTo("reset PROTOCOL_ERROR");
    assertThat(events.getFirst().told).noneMatch(told -> told.endsWith(" end"));
  }

  @Test
  void shouldAskForNoMoreWhenResponseEndsBeforeRequest() {
    // Given
    peer.request(1, false);

    // When
    answer(0, true);
    peer.data(1, true, "late");

    // Then
    assertThat(peer.frames()).containsExactly("HEADERS 1 end [200]", "RST_STREAM 1 NO_ERROR");
    assertThat(events.getFirst().told).isEmpty();
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void shouldRefuseStreamBeyondItsLimit() {
    // When
    peer.request(1, true);
    peer.request(3, true);
    peer.request(5, true);

    // Then
    assertThat(peer.frames()).containsExactly("RST_STREAM 5 REFUSED_STREAM");
    assertThat(heads).hasSize(2);

    // When
    answer(0, true);
    peer.request(7, true);

    // Then
    assertThat(heads).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({
    "CANCEL, REMOTE_CANCELLED",
    "INTERNAL_ERROR, REMOTE_RESET",
    "REFUSED_STREAM, REMOTE_RESET",
    "NO_ERROR, REMOTE_RESET"
  })
  void shouldTellOwnerWhenPeerResets(H2Error error, ResetReason reason) {
    // Given
    peer.request(1, false);

    // When
    peer.reset(1, error);

    // Then
    assertThat(events.getFirst().told).containsExactly("reset " + reason);
    streams.getFirst().sendHead(ResponseHead.of(200), true);
    assertThat(peer.frames()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "CANCELLED, CANCEL",
    "REMOTE_CANCELLED, CANCEL",
    "TIMEOUT, CANCEL",
    "OVERFLOW, ENHANCE_YOUR_CALM",
    "LOCAL_RESET, INTERNAL_ERROR",
    "REMOTE_RESET, INTERNAL_ERROR",
    "CONNECTION_TERMINATION, INTERNAL_ERROR",
    "PROTOCOL_ERROR, PROTOCOL_ERROR",
    "REMOTE_REFUSED, REFUSED_STREAM"
  })
  void shouldTellPeerWhenOwnerResets(ResetReason reason, H2Error error) {
    // Given
    peer.request(1, false);

    // When
    streams.getFirst().reset(reason);
    peer.data(1, true, "in flight");
    peer.headers(1, true, "x", "in flight too");

    // Then
    assertThat(peer.frames()).containsExactly("RST_STREAM 1 " + error);
    assertThat(events.getFirst().told).isEmpty();
  }

  @Test
  void shouldDrainWithTwoGoAways() {
    // Given
    peer.request(1, true);

    // When
    connection.drain();
    peer.request(3, true);

    // Then: the client may not have known, and is served.
    List<String> announced = peer.frames();
    assertThat(announced).hasSize(2);
    assertThat(announced.getFirst()).isEqualTo("GOAWAY " + Integer.MAX_VALUE + " NO_ERROR");
    assertThat(heads).hasSize(2);

    // When
    peer.ping(Long.parseLong(announced.get(1).substring("PING ".length())), true);
    answer(0, true);
    peer.request(5, true);

    // Then
    assertThat(peer.frames())
        .containsExactly("GOAWAY 3 NO_ERROR", "HEADERS 1 end [200]", "RST_STREAM 5 REFUSED_STREAM");
    assertThat(channel.isOpen()).isTrue();

    // When
    answer(1, true);

    // Then
    assertThat(peer.frames()).containsExactly("HEADERS 3 end [200]");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void shouldDrainWhenClientAnswersNoPing() {
    // When
    connection.drain();
    dispatcher.advance(H2ServerConnection.DRAIN_GRACE);

    // Then
    assertThat(peer.frames()).last().isEqualTo("GOAWAY 0 NO_ERROR");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void shouldCloseWhenKeepaliveIsNotAnswered() {
    // Given
    connection =
        connection(
            BUFFER_LIMIT,
            new Keepalive(Duration.ofSeconds(30), Duration.ofSeconds(5), 0, Duration.ZERO));
    open();
    peer.request(1, false);
    dispatcher.advance(Duration.ofSeconds(30));
    String ping = peer.frames().getLast();
    assertThat(ping).startsWith("PING ");

    // When
    peer.ping(Long.parseLong(ping.substring("PING ".length())), true);
    dispatcher.advance(Duration.ofSeconds(29));

    // Then
    assertThat(channel.isOpen()).isTrue();

    // When
    dispatcher.advance(Duration.ofSeconds(6));

    // Then
    assertThat(channel.isOpen()).isFalse();
    assertThat(events.getFirst().told).containsExactly("reset CONNECTION_TERMINATION");
    assertThat(stats.http("test").http2.keepaliveTimeout.value()).isEqualTo(1);
  }

  @Test
  void shouldCloseWhenIdleForTooLong() {
    // Given
    peer.request(1, true);
    dispatcher.advance(Duration.ofMinutes(59));
    answer(0, true);
    peer.frames();

    // When
    dispatcher.advance(Duration.ofMinutes(59));
    boolean openBefore = peer.frames().isEmpty();
    dispatcher.advance(Duration.ofMinutes(1));

    // Then
    assertThat(openBefore).isTrue();
    assertThat(peer.frames()).last().isEqualTo("GOAWAY 1 NO_ERROR");
    assertThat(stats.http("test").cxIdleTimeout.value()).isEqualTo(1);
  }

  @Test
  void shouldAnswer431AndGoOnWhenFieldsAreTooMany() {
    // Given
    String[] many = new String[202];
    for (int i = 0; i < many.length; i += 2) {
      many[i] = "x-" + i;
      many[i + 1] = "v";
    }

    // When
    peer.request(1, true, many);
    peer.request(3, true);

    // Then
    assertThat(refused).containsExactly("HTTP_2 431");
    assertThat(peer.frames().getFirst()).startsWith("HEADERS 1 end [431, ");
    assertThat(heads).hasSize(1);
  }

  @Test
  void shouldResetStreamsWhenConnectionCloses() {
    // Given
    peer.request(1, false);

    // When
    channel.close();

    // Then
    assertThat(events.getFirst().told).containsExactly("reset CONNECTION_TERMINATION");
    streams.getFirst().sendHead(ResponseHead.of(200), false);
    streams.getFirst().sendData(body("nobody reads it"), true);
    assertThat(dispatcher.timers()).isZero();
  }

  @Test
  void shouldLogMalformedRequest() {
    // When
    peer.request(1, true, "bad name", "x");

    // Then
    assertThat(peer.frames()).containsExactly("RST_STREAM 1 PROTOCOL_ERROR");
    assertThat(refused).containsExactly("HTTP_2 0");
    assertThat(stats.http("test").http2.rxMessagingError.value()).isEqualTo(1);
  }
}
