package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.Http2Options.Keepalive;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Flow control: who may send how much, and what is given back. */
final class H2ServerFlowTest extends H2ServerFixture {
  @Test
  void shouldGiveWindowBackOnlyForWhatWasTaken() {
    // Given
    peer.request(1, false);
    streams.getFirst().stopReading();

    // When
    String part = "x".repeat(16_384);
    peer.data(1, false, part);
    peer.data(1, false, part);
    peer.data(1, false, part);

    // Then
    assertThat(events.getFirst().told).isEmpty();
    assertThat(peer.frames()).isEmpty();

    // When
    streams.getFirst().resumeReading();

    // Then: half of the stream's window, but not yet half of the connection's twice as large one.
    assertThat(events.getFirst().told).isNotEmpty().allMatch(each -> each.startsWith("data x"));
    assertThat(peer.frames()).hasSize(1).allMatch(each -> each.startsWith("WINDOW_UPDATE 1 "));
  }

  /** A frame of one byte, and so much padding that the window is used up by it. */
  @Test
  void shouldGiveWindowBackForPadding() {
    // Given
    peer.request(1, false);
    byte[] padded = new byte[257];
    padded[0] = (byte) 255;
    padded[1] = 'x';

    // When
    for (int i = 0; i <= STREAM_WINDOW / 2 / padded.length; i++) {
      peer.frame(Frames.DATA, Frames.PADDED, 1, padded);
    }

    // Then
    assertThat(peer.frames()).singleElement().asString().startsWith("WINDOW_UPDATE 1 ");
  }

  @Test
  void shouldGiveConnectionWindowBackForWhatComesBehindAReset() {
    // Given
    peer.request(1, false);
    streams.getFirst().reset(ResetReason.CANCELLED);
    peer.frames();

    // When
    for (int i = 0; i < 4; i++) {
      peer.data(1, false, "x".repeat(16_384));
    }

    // Then
    assertThat(peer.frames()).containsExactly("WINDOW_UPDATE 0 " + 4 * 16_384);
  }

  @Test
  void shouldEndStreamWhenPeerSendsBeyondItsWindow() {
    // Given
    peer.request(1, false);
    streams.getFirst().stopReading();

    // When
    for (int i = 0; i < 5; i++) {
      peer.data(1, false, "x".repeat(16_384));
    }

    // Then
    assertThat(peer.frames()).contains("RST_STREAM 1 FLOW_CONTROL_ERROR");
    assertThat(events.getFirst().told).containsExactly("reset PROTOCOL_ERROR");
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void shouldEndConnectionWhenPeerSendsBeyondItsWindow() {
    // Given
    peer.request(1, false);
    peer.request(3, false);
    streams.forEach(HttpStream::stopReading);

    // When: 3 and 5 times 16 KiB each fit neither into the stream's nor the connection's window.
    for (int i = 0; i < 4; i++) {
      peer.data(1, false, "x".repeat(16_383));
    }
    for (int i = 0; i < 5; i++) {
      peer.data(3, false, "x".repeat(16_383));
    }

    // Then
    assertThat(peer.frames()).last().isEqualTo("GOAWAY 3 FLOW_CONTROL_ERROR");
  }

  @Test
  void shouldSendNoMoreThanWindowsLetThrough() {
    // Given
    peer.settings(Frames.INITIAL_WINDOW_SIZE, 5);
    peer.request(1, true);
    answer(0, false);
    peer.frames();

    // When
    streams.getFirst().sendData(body("0123456789"), true);

    // Then
    assertThat(peer.frames()).containsExactly("DATA 1 01234");

    // When
    peer.window(1, 2);
    peer.settings(Frames.INITIAL_WINDOW_SIZE, 6);
    peer.window(1, 100);

    // Then
    assertThat(peer.frames())
        .containsExactly("DATA 1 56", "SETTINGS ack", "DATA 1 7", "DATA 1 end 89");
  }

  @Test
  void shouldShareConnectionWindowAmongStreams() {
    // Given
    peer.settings(Frames.INITIAL_WINDOW_SIZE, 1 << 20);
    peer.request(1, true);
    peer.request(3, true);
    answer(0, false);
    answer(1, false);
    streams.get(0).sendData(body(65_535), false);
    peer.frames();

    // When
    streams.get(0).sendData(body(40_000), true);
    streams.get(1).sendData(body(40_000), true);
    peer.window(0, 100_000);

    // Then: in turn, a frame each
    assertThat(peer.frames().stream().map(frame -> frame.substring(0, 6)))
        .containsExactly("DATA 1", "DATA 3", "DATA 1", "DATA 3", "DATA 1", "DATA 3");
  }

  @Test
  void shouldTellOwnerWhenItMaySendAgain() {
    // Given
    peer.settings(Frames.INITIAL_WINDOW_SIZE, 0);
    peer.request(1, true);
    answer(0, false);

    // When
    streams.getFirst().sendData(body(SendQueue.HIGH_WATERMARK), false);

    // Then
    assertThat(streams.getFirst().isWritable()).isFalse();
    assertThat(events.getFirst().told).isEmpty();

    // When
    peer.window(1, SendQueue.HIGH_WATERMARK / 2);

    // Then
    assertThat(events.getFirst().told).containsExactly("writable true");
    assertThat(streams.getFirst().isWritable()).isTrue();
  }

  @Test
  void shouldLeaveEachStreamItsShareWhenTooMuchWaitsOnOne() {
    // Given
    connection = connection(1000, Keepalive.NONE);
    open();
    peer.settings(Frames.INITIAL_WINDOW_SIZE, 0);
    peer.request(1, true);
    peer.request(3, true);
    answer(0, false);
    answer(1, false);

    // When
    streams.get(0).sendData(body(1000), false);

    // Then
    assertThat(streams.get(0).isWritable()).isFalse();
    assertThat(streams.get(1).isWritable()).isTrue();

    // When
    streams.get(1).sendData(body(100), false);

    // Then
    assertThat(streams.get(1).isWritable()).isFalse();

    // When
    peer.window(3, 99);

    // Then
    assertThat(events.get(1).told).isEmpty();

    // When
    peer.window(3, 1);

    // Then
    assertThat(events.get(1).told).containsExactly("writable true");
    assertThat(streams.get(1).isWritable()).isTrue();

    // When
    streams.get(1).sendData(body(10), false);
    assertThat(streams.get(1).isWritable()).isFalse();
    peer.window(1, 600);

    // Then: there is room for all again
    assertThat(events.get(1).told).containsExactly("writable true", "writable true");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldResetResponseWhenClientDoesNotTakeItsRest(boolean trailers) {
    // Given
    peer.settings(Frames.INITIAL_WINDOW_SIZE, 0);
    peer.request(1, true);
    answer(0, false);
    streams.getFirst().sendData(body("rest"), !trailers);
    if (trailers) {
      streams.getFirst().sendTrailers(new Headers().add("x", "y"));
    }
    peer.frames();

    // When
    dispatcher.advance(Duration.ofMinutes(5));

    // Then
    assertThat(peer.frames()).contains("RST_STREAM 1 INTERNAL_ERROR");
    assertThat(stats.http("test").http2.txFlushTimeout.value()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"answered", "closed", "cancelled", "broken"})
  void shouldLetGoOfRequestThatNobodyTakes(String end) {
    // Given
    peer.request(1, false);
    streams.getFirst().stopReading();
    ByteBuf body = zeros(1, end.equals("answered"));
    peer.send(body);

    // When
    switch (end) {
      case "answered" -> answer(0, true);
      case "closed" -> channel.close();
      case "cancelled" -> peer.reset(1, H2Error.CANCEL);
      default -> peer.data(9, false, "on an idle stream");
    }

    // Then
    assertThat(body.refCnt()).isZero();
  }

  @Test
  void shouldOpenConnectionWindowWhenRequestsAreAnsweredUnread() {
    // When
    for (int i = 0; i < 10; i++) {
      peer.request(1 + 2 * i, false);
      streams.get(i).stopReading();
      peer.send(zeros(1 + 2 * i, true));
      answer(i, true);
    }

    // Then
    assertThat(peer.frames()).contains("WINDOW_UPDATE 0 70000");
  }
}
