package io.handfast.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In which pieces an answer goes to its socket. */
final class OutputTest {
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
  private final ServerFixture server = new ServerFixture();

  @BeforeEach
  void request() {
    server.channel.config().setAllocator(allocator);
    server.wire.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }

  private static ByteBuf bytes(int count) {
    return Unpooled.directBuffer(count).writeZero(count);
  }

  private static Body body(ByteBuf slice) {
    Body body = new Body();
    body.add(slice);
    return body;
  }

  private void head(int length) {
    ResponseHead head = ResponseHead.of(200);
    if (length >= 0) {
      head.headers().add("content-length", Integer.toString(length));
    }
    server.streams.getFirst().sendHead(head, false);
  }

  private List<ByteBuf> pieces() {
    server.channel.runPendingTasks();
    List<ByteBuf> pieces = new ArrayList<>();
    for (ByteBuf out = server.channel.readOutbound();
        out != null;
        out = server.channel.readOutbound()) {
      pieces.add(out);
    }
    return pieces;
  }

  private void assertNothingLeft(List<ByteBuf> pieces) {
    pieces.forEach(ByteBuf::release);
    server.close();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @Test
  void shouldSendASmallBodyInOnePieceWithItsHead() {
    // Given
    ByteBuf small = bytes(1024);

    // When
    head(1024);
    server.streams.getFirst().sendData(body(small), true);

    // Then
    List<ByteBuf> pieces = pieces();
    assertThat(pieces).hasSize(1);
    String sent = pieces.getFirst().toString(StandardCharsets.ISO_8859_1);
    assertThat(sent).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\n" + "\0".repeat(1024));
    assertThat(small.refCnt()).isZero();
    assertNothingLeft(pieces);
  }

  @Test
  void shouldSendALargeBodyBesideItsHeadAsItCame() {
    // Given
    ByteBuf large = bytes(4096);

    // When
    head(4096);
    server.streams.getFirst().sendData(body(large), true);

    // Then
    List<ByteBuf> pieces = pieces();
    assertThat(pieces).hasSize(2);
    assertThat(pieces.getLast()).isSameAs(large);
    assertNothingLeft(pieces);
  }

  @Test
  void shouldSendASmallBodyOfUnknownLengthInOnePiece() {
    // When
    head(-1);
    server.streams.getFirst().sendData(ServerFixture.body("abc"), false);
    server.streams.getFirst().sendData(ServerFixture.body("de"), true);

    // Then
    List<ByteBuf> pieces = pieces();
    assertThat(pieces).hasSize(1);
    assertThat(pieces.getFirst().toString(StandardCharsets.ISO_8859_1))
        .endsWith("\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    assertNothingLeft(pieces);
  }

  @Test
  void shouldKeepTheOrderWhenSmallAndLargeChunksFollowEachOther() {
    // Given
    String large = "x".repeat(5000);

    // When
    head(-1);
    for (String chunk : List.of("abc", large, "de", large, large, "f")) {
      server.streams.getFirst().sendData(ServerFixture.body(chunk), false);
    }
    server.streams.getFirst().sendData(new Body(), true);

    // Then
    String whole = "1388\r\n" + large + "\r\n";
    assertThat(server.wire.sent())
        .endsWith(
            "\r\n\r\n3\r\nabc\r\n" + whole + "2\r\nde\r\n" + whole + whole + "1\r\nf\r\n0\r\n\r\n");
    assertNothingLeft(List.of());
  }

  @Test
  void shouldTellOfDeliveryBehindWhatWasWrittenBefore() {
    // Given
    List<Boolean> told = new ArrayList<>();

    // When
    head(3);
    server.streams.getFirst().sendData(ServerFixture.body("abc"), true);
    server.streams.getFirst().whenDelivered(told::add);

    // Then
    assertThat(told).isEmpty();
    List<ByteBuf> pieces = pieces();
    assertThat(pieces.getFirst().toString(StandardCharsets.ISO_8859_1)).endsWith("\r\n\r\nabc");
    assertThat(told).containsExactly(true);
    assertNothingLeft(pieces);
  }

  @Test
  void shouldLetGoOfAHeadWhenTheConnectionClosesBeforeItIsSent() {
    // When
    head(3);
    server.channel.close();
    server.channel.runPendingTasks();

    // Then
    assertNothingLeft(List.of());
  }
}
