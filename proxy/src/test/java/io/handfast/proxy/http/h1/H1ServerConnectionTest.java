package io.handfast.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("StringConcatToTextBlock") // Line ends are the subject here.
final class H1ServerConnectionTest {
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String CHUNKED =
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nX-One:  1 \r\n\r\n"
          + "3\r\nabc\r\n00a;q=\"1\"\r\n0123456789\r\n0\r\nTx-Vote: yes\r\nContent-Length: 9\r\n\r\n";

  private final ServerFixture server = new ServerFixture();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void shouldKeepConnectionWhenResponseHasKnownLength() {
    // Given
    server.wire.receive(GET);
    server.answer(0, "hello");

    // When
    server.wire.receive(GET);
    server.answer(1, "");

    // Then
    assertThat(server.wire.sent())
        .isEqualTo(
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
                + "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    assertThat(server.channel.isOpen()).isTrue();
    assertThat(server.heads.getFirst().path()).isEqualTo("/a?b=c");
    assertThat(server.heads.getFirst().authority()).isEqualTo("a");
    assertThat(server.heads.getFirst().headers().contains("host")).isFalse();
  }

  @Test
  void shouldAnswerInOrderWhenRequestsArePipelined() {
    // Given
    server.wire.receive(GET + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHo");
    assertThat(server.heads).hasSize(1);

    // When
    server.answer(0, "one");
    server.answer(1, "two");
    server.wire.receive("st: a\r\n\r\n");
    server.answer(2, "three");

    // Then
    assertThat(server.heads).extracting(RequestHead::path).containsExactly("/a?b=c", "/2", "/3");
    assertThat(server.wire.sent()).containsSubsequence("one", "two", "three");
  }

  static IntStream splits() {
    return IntStream.range(0, CHUNKED.length());
  }

  @ParameterizedTest
  @MethodSource("splits")
  void shouldReadChunkedRequestWhereverItIsCut(int at) {
    // When
    server.wire.receive(CHUNKED.substring(0, at));
    server.wire.receive(CHUNKED.substring(at) + GET);

    // Then
    Received received = server.received.getFirst();
    assertThat(received.body.toString()).isEqualTo("abc0123456789");
    assertThat(received.ends).isEqualTo(1);
    Headers trailers = received.trailers;
    assertThat(trailers).isNotNull();
    assertThat(trailers.get("tx-vote")).isEqualTo("yes");
    assertThat(trailers.contains("content-length")).isFalse();
    assertThat(server.heads.getFirst().headers().get("x-one")).isEqualTo("1");
    assertThat(server.heads.getFirst().headers().name(0)).isEqualTo("X-One");
  }

  @Test
  void shouldReadBodyByLengthWhenMoreFollows() {
    // When
    server.wire.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab");
    server.wire.receive("cGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    server.answer(0, "");

    // Then
    assertThat(server.received.getFirst().body.toString()).isEqualTo("abc");
    assertThat(server.heads.getFirst().headers().get("content-length")).isEqualTo("3");
    assertThat(server.heads).hasSize(2);
  }

  @Test
  void shouldSkipEmptyLinesWhenTheyStandBeforeRequest() {
    // When
    server.wire.receiveByteByByte("\r\n\r\n" + GET);

    // Then
    assertThat(server.heads).hasSize(1);
  }

  @Test
  void shouldRemoveHopByHopFieldsButNotProtectedOnes() {
    // When
    server.wire.receive(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Mine, tx-context, X-Forwarded-For, Host\r\n"
            + "X-Mine: 1\r\nTX-Context: 2\r\nX-Forwarded-For: 3\r\nKeep-Alive: 4\r\nTE: trailers\r\n"
            + "Upgrade: h2c\r\nHTTP2-Settings: x\r\nProxy-Connection: x\r\nX-Stays: 5\r\n\r\n");

    // Then
    Headers headers = server.heads.getFirst().headers();
    assertThat(headers.toString()).isEqualTo("[TX-Context, X-Forwarded-For, X-Stays]");
    assertThat(server.heads.getFirst().authority()).isEqualTo("a");
  }

  @Test
  void shouldLetAbsoluteFormWinOverHost() {
    // When
    server.wire.receive("GET HTTP://b:8080?x=1 HTTP/1.1\r\nHost: a\r\n\r\n");

    // Then
    assertThat(server.heads.getFirst().authority()).isEqualTo("b:8080");
    assertThat(server.heads.getFirst().path()).isEqualTo("/?x=1");
  }

  @Test
  void shouldUseDefaultHostAndCloseWhenHttp10HasNone() {
    // Given
    server.wire.receive("GET / HTTP/1.0\r\n\r\n");

    // When
    server.streams.getFirst().sendHead(ResponseHead.of(200), false);
    server.streams.getFirst().sendData(ServerFixture.body("to the end"), false);
    server.streams.getFirst().sendData(new Body(), true);

    // Then
    assertThat(server.heads.getFirst().authority()).isEqualTo("default.example");
    assertThat(server.heads.getFirst().protocol()).isEqualTo(HttpProtocol.HTTP_1_0);
    assertThat(server.wire.sent())
        .isEqualTo("HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nto the end");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void shouldKeepHttp10ConnectionWhenItAsksAndLengthIsKnown() {
    // Given
    server.wire.receive("GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n");

    // When
    server.answer(0, "x");

    // Then
    assertThat(server.wire.sent())
        .isEqualTo("HTTP/1.0 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\nx");
    assertThat(server.channel.isOpen()).isTrue();
  }

  @Test
  void shouldSendChunksAndTrailersWhenLengthIsUnknown() {
    // Given
    server.wire.receive(GET);
    Headers trailers = new Headers().add("tx-vote", "v").add("content-length", "1");

    // When
    server.streams.getFirst().sendHead(ResponseHead.of(200), false);
    server.streams.getFirst().sendData(ServerFixture.body("0123456789abcdef"), false);
    server.streams.getFirst().sendTrailers(trailers);

    // Then
    assertThat(server.wire.sent())
        .isEqualTo(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                + "10\r\n0123456789abcdef\r\n0\r\ntx-vote: v\r\n\r\n");
    assertThat(server.channel.isOpen()).isTrue();
  }

  @Test
  void shouldSendNoBodyAndKeepLengthWhenRequestIsHead() {
    // Given
    server.wire.receive("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    ResponseHead head = ResponseHead.of(200);
    head.headers().add("content-length", "1234");

    // When
    server.streams.getFirst().sendHead(head, true);

    // Then
    assertThat(server.wire.sent()).isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n");
    assertThat(server.channel.isOpen()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 304})
  void shouldSendNoBodyWhenStatusHasNone(int status) {
    // Given
    server.wire.receive(GET);

    // When
    server.streams.getFirst().sendHead(ResponseHead.of(status), false);
    server.streams.getFirst().sendData(ServerFixture.body("never"), true);

    // Then
    assertThat(server.wire.sent()).endsWith("\r\n\r\n").startsWith("HTTP/1.1 " + status);
    assertThat(server.channel.isOpen()).isTrue();
  }

  @Test
  void shouldPassInformationalResponsesBeforeFinalOne() {
    // Given
    server.wire.receive(
        "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    assertThat(server.heads.getFirst().headers().get("expect")).isEqualTo("100-continue");

    // When
    server.streams.getFirst().sendInformational(ResponseHead.of(100));
    server.wire.receive("ok");
    server.answer(0, "");

    // Then
    assertThat(server.wire.sent())
        .isEqualTo("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  }

  @Test
  void shouldCloseWhenResponseEndsBeforeRequest() {
    // Given
    server.wire.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");

    // When
    server.streams.getFirst().sendHead(ResponseHead.of(413), true);

    // Then
    assertThat(server.wire.sent())
        .isEqualTo(
            "HTTP/1.1 413 Request Entity Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void shouldSayThatItClosesWhenAResponseOfKnownLengthBeginsBeforeItsRequestHasEnded() {
    // Given
    server.wire.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");

    // When
    server.answer(0, "x");

    // Then
    assertThat(server.wire.sent())
        .isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void shouldNotLetValuesSplitTheResponse() {
    // Given
    server.wire.receive(GET);
    ResponseHead head = ResponseHead.of(200);
    head.headers().add("x", "a\r\nset-cookie: b\0");

    // When
    server.streams.getFirst().sendHead(head, true);

    // Then
    assertThat(server.wire.sent()).contains("x: a  set-cookie: b \r\n");
  }

  @Test
  void shouldCloseWhenBodyIsLongerThanItsLength() {
    // Given
    server.wire.receive(GET);
    ResponseHead head = ResponseHead.of(200);
    head.headers().add("content-length", "2");

    // When
    server.streams.getFirst().sendHead(head, false);
    server.streams.getFirst().sendData(ServerFixture.body("abc"), true);

    // Then
    assertThat(server.wire.sent()).endsWith("\r\n\r\n");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void shouldCloseWhenStreamIsReset() {
    // Given
    server.wire.receive(GET);

    // When
    server.streams.getFirst().reset(ResetReason.LOCAL_RESET);

    // Then
    assertThat(server.channel.isOpen()).isFalse();
    assertThat(server.received.getFirst().reset).isNull();
  }

  @Test
  void shouldTellStreamWhenClientDisconnects() {
    // Given
    server.wire.receive(GET);

    // When
    server.channel.close();

    // Then
    assertThat(server.received.getFirst().reset).isEqualTo(ResetReason.CONNECTION_TERMINATION);
  }

  @Test
  void shouldNotCallTruncatedBodyComplete() {
    // Given
    server.wire.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");

    // When
    server.channel.close();

    // Then
    assertThat(server.received.getFirst().ends).isZero();
    assertThat(server.received.getFirst().reset).isEqualTo(ResetReason.CONNECTION_TERMINATION);
  }

  @Test
  void shouldReleaseWhatItReadWhenALaterChunkIsMalformed() {
    // Given
    ByteBuf bytes =
        Unpooled.copiedBuffer(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n",
            StandardCharsets.US_ASCII);

    // When
    server.channel.writeInbound(bytes);

    // Then
    assertThat(server.wire.sent()).startsWith("HTTP/1.1 400 ");
    assertThat(bytes.refCnt()).isZero();
  }

  @Test
  void shouldHoldBodyBackWhileReadingIsStopped() {
    // Given
    server.wire.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n");
    server.streams.getFirst().stopReading();

    // When
    server.wire.receive("abcdef");

    // Then
    assertThat(server.connection.wantsRead()).isFalse();
    assertThat(server.received.getFirst().body.toString()).isEmpty();
    server.streams.getFirst().resumeReading();
    assertThat(server.received.getFirst().body.toString()).isEqualTo("abcdef");
    assertThat(server.received.getFirst().ends).isEqualTo(1);
  }

  @Test
  void shouldStopReadingWhenTooMuchIsPipelined() {
    // Given
    server.wire.receive(GET);
    assertThat(server.connection.wantsRead()).isTrue();

    // When
    server.wire.receive("x".repeat(H1ServerConnection.PIPELINED_BYTES));

    // Then
    assertThat(server.connection.wantsRead()).isFalse();
  }

  @Test
  void shouldAnswer408WhenHeadIsSlow() {
    // Given
    server.wire.receive("GET / HT");
    server.dispatcher.advance(Duration.ofSeconds(14));
    server.wire.receive("TP/1.1\r\n");

    // When
    server.dispatcher.advance(Duration.ofSeconds(1));

    // Then
    assertThat(server.wire.sent()).startsWith("HTTP/1.1 408 ").contains("connection: close");
    assertThat(server.channel.isOpen()).isFalse();
    assertThat(server.refused).containsExactly(408);
  }

  @Test
  void shouldNotTimeHeadOutWhenItIsComplete() {
    // Given
    server.wire.receive("GET / HT");
    server.wire.receive("TP/1.1\r\nHost: a\r\n\r\n");

    // When
    server.dispatcher.advance(Duration.ofSeconds(60));

    // Then
    assertThat(server.refused).isEmpty();
    assertThat(server.channel.isOpen()).isTrue();
  }

  @Test
  void shouldDoNothingWhenEndedStreamIsUsed() {
    // Given
    server.wire.receive(GET);
    server.answer(0, "x");
    server.wire.sent();

    // When
    server.streams.getFirst().sendHead(ResponseHead.of(500), true);
    server.streams.getFirst().sendData(ServerFixture.body("y"), true);
    server.streams.getFirst().reset(ResetReason.LOCAL_RESET);

    // Then
    assertThat(server.wire.sent()).isEmpty();
    assertThat(server.channel.isOpen()).isTrue();
  }
}
