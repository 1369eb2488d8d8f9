package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.Http2Options.Keepalive;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.h2.frame.FrameWriter;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class H2ClientConnectionTest extends H2ClientFixture {
  @Test
  void shouldSendRequestAndTellResponse() {
    // Given
    Events events = new Events();

    // When
    HttpStream.Client stream = request(events, false);
    stream.sendData(body("abc"), false);
    stream.sendTrailers(new Headers().add("x-t", "1").add("Content-Length", "3"));
    peer.headers(1, false, ":status", "103");
    peer.headers(1, false, ":status", "200", "content-length", "2");
    peer.data(1, false, "ok");
    peer.headers(1, true, "grpc-status", "0");

    // Then
    assertThat(connection.protocol()).isEqualTo(HttpProtocol.HTTP_2);
    assertThat(peer.frames())
        .containsExactly(
            "HEADERS 1 [POST, http, h.example, /a?b]", "DATA 1 abc", "HEADERS 1 end [x-t: 1]");
    assertThat(events.told)
        .containsExactly("informational 103", "head 200", "data ok", "trailers [grpc-status]");
    assertThat(connection.openStreams()).isZero();
  }

  @Test
  void shouldTakeAsManyStreamsAsBothSidesAllow() {
    // When
    peer.settings(Frames.MAX_CONCURRENT_STREAMS, 2);

    // Then
    assertThat(connection.freeStreams()).isEqualTo(2);

    // When
    request(new Events(), true);
    request(new Events(), true);

    // Then
    assertThat(connection.freeStreams()).isZero();

    // When
    told.clear();
    peer.headers(1, true, ":status", "200");

    // Then
    assertThat(told).containsExactly("available");
    assertThat(connection.freeStreams()).isEqualTo(1);

    // When
    peer.settings(Frames.MAX_CONCURRENT_STREAMS, 1000);

    // Then
    assertThat(connection.freeStreams()).isEqualTo(2);
  }

  @Test
  void shouldRefuseStreamsThatGoAwayDidNotCount() {
    // Given
    Events counted = new Events();
    Events uncounted = new Events();
    request(counted, true);
    request(uncounted, true);
    peer.frames();

    // When
    peer.goAway(1);

    // Then
    assertThat(uncounted.told).containsExactly("reset REMOTE_REFUSED");
    assertThat(counted.told).isEmpty();
    assertThat(connection.freeStreams()).isZero();
    assertThat(channel.isOpen()).isTrue();

    // When
    peer.headers(1, true, ":status", "200");
    channel.runPendingTasks();

    // Then
    assertThat(counted.told).containsExactly("head 200 end");
    assertThat(channel.isOpen()).isFalse();
    assertThat(told).last().isEqualTo("closed");
    assertThat(stats.cxCloseNotify.value()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "REFUSED_STREAM, REMOTE_REFUSED",
    "CANCEL, REMOTE_CANCELLED",
    "NO_ERROR, REMOTE_RESET",
    "INTERNAL_ERROR, REMOTE_RESET"
  })
  void shouldTellOwnerWhenPeerResets(H2Error error, ResetReason reason) {
    // Given
    Events events = new Events();
    HttpStream.Client stream = request(events, false);

    // When
    peer.reset(1, error);
    stream.sendData(body("late"), true);

    // Then
    assertThat(events.told).containsExactly("reset " + reason);
    assertThat(connection.openStreams()).isZero();
  }

  @Test
  void shouldKeepWholeResponseWhenPeerWantsNoMoreOfRequest() {
    // Given
    Events events = new Events();
    HttpStream.Client stream = request(events, false);
    stream.stopReading();

    // When
    peer.headers(1, false, ":status", "200");
    peer.data(1, true, "whole");
    peer.reset(1, H2Error.NO_ERROR);

    // Then
    assertThat(events.told).containsExactly("head 200");

    // When
    stream.resumeReading();

    // Then
    assertThat(events.told).containsExactly("head 200", "data whole end");
  }

  @Test
  void shouldKeepWholeResponseWhenConnectionCloses() {
    // Given
    Events events = new Events();
    HttpStream.Client stream = request(events, true);
    stream.stopReading();
    peer.headers(1, false, ":status", "200");
    peer.data(1, true, "whole");

    // When
    channel.close();
    stream.resumeReading();

    // Then
    assertThat(events.told).containsExactly("head 200", "data whole end");
  }

  @Test
  void shouldTellOwnerWhenConnectionCloses() {
    // Given
    Events events = new Events();
    request(events, true);

    // When
    channel.close();

    // Then
    assertThat(events.told).containsExactly("reset CONNECTION_TERMINATION");
    assertThat(told).last().isEqualTo("closed");
    assertThat(connection.freeStreams()).isZero();
  }

  @Test
  void shouldCancelWhenOwnerDoes() {
    // Given
    Events events = new Events();
    HttpStream.Client stream = request(events, true);
    peer.frames();

    // When
    stream.reset(ResetReason.CANCELLED);
    peer.headers(1, false, ":status", "200");
    peer.data(1, true, "in flight");

    // Then
    assertThat(peer.frames()).containsExactly("RST_STREAM 1 CANCEL");
    assertThat(events.told).isEmpty();
    assertThat(connection.openStreams()).isZero();
  }

  @Test
  void shouldCloseWhenDrainedAndDone() {
    // Given
    Events events = new Events();
    request(events, true);

    // When
    connection.drain();

    // Then
    assertThat(connection.freeStreams()).isZero();
    assertThat(channel.isOpen()).isTrue();

    // When
    peer.headers(1, true, ":status", "204");
    channel.runPendingTasks();

    // Then
    assertThat(events.told).containsExactly("head 204 end");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void shouldAskConnectionThatWasSilentBeforeItsNextStream() {
    // Given
    connection =
        connection(new Keepalive(Duration.ZERO, Duration.ofSeconds(5), 0, Duration.ofMinutes(1)));
    open();
    dispatcher.advance(Duration.ofMinutes(2));

    // When
    request(new Events(), true);

    // Then
    List<String> frames = peer.frames();
    assertThat(frames).hasSize(2).last().isEqualTo("HEADERS 1 end " + GET);
    assertThat(frames.getFirst()).startsWith("PING ");

    // When
    dispatcher.advance(Duration.ofSeconds(5));

    // Then
    assertThat(channel.isOpen()).isFalse();
    assertThat(stats.http2.keepaliveTimeout.value()).isEqualTo(1);
  }

  @Test
  void shouldOpenConnectionWindowForOthersWhenOneResponseIsNotRead() {
    // Given
    request(new Events(), true).stopReading();
    peer.headers(1, false, ":status", "200");
    peer.frames();

    // When
    peer.data(1, false, "x".repeat(CONNECTION_WINDOW / 4));
    peer.data(1, false, "x".repeat(CONNECTION_WINDOW / 4));

    // Then
    assertThat(peer.frames()).containsExactly("WINDOW_UPDATE 0 " + CONNECTION_WINDOW / 2);
  }

  @Test
  void shouldLetGoOfResponseThatIsCutOff() {
    // Given
    Events events = new Events();
    HttpStream.Client stream = request(events, true);
    stream.stopReading();
    peer.headers(1, false, ":status", "200");
    ByteBuf begin = Unpooled.buffer();
    FrameWriter.head(begin, 10_000, Frames.DATA, 0, 1);
    peer.send(begin.writeZero(10_000));

    // When
    channel.close();

    // Then
    assertThat(events.told).containsExactly("head 200", "reset CONNECTION_TERMINATION");
    assertThat(begin.refCnt()).isZero();
  }

  @Test
  void shouldBearLateResponseWhenManyOthersEndedMeanwhile() {
    // Given
    request(new Events(), true).reset(ResetReason.CANCELLED);
    request(new Events(), false).reset(ResetReason.CANCELLED);
    for (int id = 5; id < 600; id += 2) {
      HttpStream.Client next = request(new Events(), true);
      if (id % 4 == 1) {
        peer.headers(id, true, ":status", "200");
      } else {
        next.reset(ResetReason.CANCELLED);
      }
    }
    peer.frames();

    // When
    peer.headers(1, false, ":status", "200");
    peer.data(3, true, "late");

    // Then
    assertThat(peer.frames()).isEmpty();
    assertThat(channel.isOpen()).isTrue();
  }
}
