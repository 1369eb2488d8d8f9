package io.handfast.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.http.ResponseHead;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a connection of HTTP/1.1 ends that nothing is wrong with. */
final class H1DrainTest {
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n";

  private final ServerFixture server = new ServerFixture();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void shouldCloseWhenConnectionIsIdleSinceItsLastStream() {
    // Given
    server.dispatcher.advance(Duration.ofMinutes(40));
    server.wire.receive(GET);
    server.dispatcher.advance(Duration.ofMinutes(40));
    server.answer(0, "");

    // When
    server.dispatcher.advance(Duration.ofMinutes(59));
    boolean openBefore = server.channel.isOpen();
    server.dispatcher.advance(Duration.ofMinutes(2));

    // Then
    assertThat(openBefore).isTrue();
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void shouldAnnounceCloseWhenDraining() {
    // Given
    server.wire.receive(GET);

    // When
    server.connection.drain();
    server.answer(0, "x");

    // Then
    assertThat(server.wire.sent())
        .isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void shouldCloseAfterTheGraceWhenIdleConnectionDrains() {
    // When
    server.connection.drain();
    server.dispatcher.advance(H1ServerConnection.DRAIN_GRACE.minusMillis(1));
    boolean openBefore = server.channel.isOpen();
    server.dispatcher.advance(Duration.ofMillis(1));

    // Then
    assertThat(openBefore).isTrue();
    assertThat(server.channel.isOpen()).isFalse();
    assertThat(server.dispatcher.timers()).isZero();
  }

  @Test
  void shouldAnswerTheRequestThatWasOnItsWayWhenItDrainsW8() {
    // Given
    server.connection.drain();

    // When
    server.wire.receive(GET);
    server.dispatcher.advance(H1ServerConnection.DRAIN_GRACE);
    server.answer(0, "x");

    // Then
    assertThat(server.wire.sent())
        .isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void shouldAnswerTheRequestWhoseHeadIsArrivingWhenTheGraceEndsW8() {
    // Given
    server.connection.drain();
    server.wire.receive(GET.substring(0, 10));

    // When
    server.dispatcher.advance(H1ServerConnection.DRAIN_GRACE);
    server.wire.receive(GET.substring(10));
    server.answer(0, "x");

    // Then
    assertThat(server.wire.sent())
        .isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void shouldAnswerTheNextRequestWhenItDrainsAfterAHeadWasSentW8() {
    // Given
    server.wire.receive(GET);
    server.streams.getFirst().sendHead(ResponseHead.of(204), false);
    server.connection.drain();
    server.streams.getFirst().sendData(ServerFixture.body(""), true);
    server.wire.sent();

    // When
    server.wire.receive(GET);
    server.answer(1, "x");

    // Then
    assertThat(server.wire.sent()).contains("connection: close");
    assertThat(server.channel.isOpen()).isFalse();
  }
}
