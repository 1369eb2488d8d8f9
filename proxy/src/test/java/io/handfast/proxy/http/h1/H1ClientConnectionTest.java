package io.handfast.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.stats.Stats;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("StringConcatToTextBlock") // Line ends are the subject here.
final class H1ClientConnectionTest implements ClientConnection.Listener {
  private static final String CHUNKED =
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
          + "Connection: X-Hop\r\nX-Hop: 1\r\nServer: s\r\n\r\n5\r\nhello\r\n0\r\ntx-vote: v\r\n\r\n";

  private final H1ClientConnection connection =
      new H1ClientConnection(this, new Stats().cluster("test"), false);
  private final EmbeddedChannel channel = new EmbeddedChannel(connection);
  private final Wire wire = new Wire(channel);
  private final Received received = new Received();
  private int available;
  private int closed;

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Override
  public void onAvailable(ClientConnection free) {
    available++;
  }

  @Override
  public void onClosed(ClientConnection gone) {
    closed++;
  }

  private HttpStream.Client get() {
    HttpStream.Client stream = connection.newStream(received);
    stream.sendHead(RequestHead.of("GET", "a", "/x"), true);
    return stream;
  }

  @Test
  void shouldTakeOneStreamAtATime() {
    // When
    get();

    // Then
    assertThat(connection.openStreams()).isEqualTo(1);
    assertThat(connection.freeStreams()).isZero();
    wire.receive("HTTP/1.1 204 No Content\r\n\r\n");
    assertThat(connection.openStreams()).isZero();
    assertThat(connection.freeStreams()).isEqualTo(1);
  }

  @Test
  void shouldCloseAfterTheStreamWhenItDrains() {
    // Given
    get();

    // When
    connection.drain();

    // Then
    assertThat(channel.isOpen()).isTrue();
    wire.receive("HTTP/1.1 204 No Content\r\n\r\n");
    assertThat(received.reset).isNull();
    assertThat(available).isZero();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void shouldCloseAtOnceWhenItDrainsWithoutAStream() {
    // When
    connection.drain();

    // Then
    assertThat(connection.freeStreams()).isZero();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void shouldWriteHostFirstAndNoHopByHopFields() {
    // Given
    RequestHead head = RequestHead.of("GET", "a:80", "/x?y");
    head.headers().add("X-One", "1").add("connection", "X-Two").add("X-Two", "2");

    // When
    connection.newStream(received).sendHead(head, true);

    // Then
    assertThat(wire.sent()).isEqualTo("GET /x?y HTTP/1.1\r\nhost: a:80\r\nX-One: 1\r\n\r\n");
  }

  @Test
  void shouldSendChunksAndTrailersWhenLengthIsUnknown() {
    // Given
    HttpStream.Client stream = connection.newStream(received);

    // When
    stream.sendHead(RequestHead.of("POST", "a", "/"), false);
    stream.sendData(ServerFixture.body("abc"), false);
    stream.sendTrailers(new Headers().add("x", "y").add("Host", "b").add("content-length", "1"));

    // Then: what came over HTTP/2, say, is held to the rules here
    assertThat(wire.sent())
        .endsWith("transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: y\r\n\r\n");
  }

  @Test
  void shouldSayLengthZeroWhenPostHasNoBody() {
    // When
    connection.newStream(received).sendHead(RequestHead.of("POST", "a", "/"), true);

    // Then
    assertThat(wire.sent()).endsWith("host: a\r\ncontent-length: 0\r\n\r\n");
  }

  @Test
  void shouldResetWhenRequestIsShorterThanItsLength() {
    // Given
    RequestHead head = RequestHead.of("POST", "a", "/");
    head.headers().add("content-length", "5");
    HttpStream.Client stream = connection.newStream(received);

    // When
    stream.sendHead(head, false);
    stream.sendData(ServerFixture.body("abc"), true);

    // Then
    assertThat(received.reset).isEqualTo(ResetReason.PROTOCOL_ERROR);
    assertThat(channel.isOpen()).isFalse();
  }

  static IntStream splits() {
    return IntStream.range(0, CHUNKED.length());
  }

  @ParameterizedTest
  @MethodSource("splits")
  void shouldReadChunkedResponseWhereverItIsCut(int at) {
    // Given
    get();

    // When
    wire.receive(CHUNKED.substring(0, at));
    wire.receive(CHUNKED.substring(at));

    // Then
    assertThat(received.informational).containsExactly(103);
    assertThat(received.head().status()).isEqualTo(200);
    assertThat(received.head().headers().toString()).isEqualTo("[Server]");
    assertThat(received.body.toString()).isEqualTo("hello");
    assertThat(received.trailers).isNotNull();
    assertThat(received.ends).isEqualTo(1);
    assertThat(available).isEqualTo(1);
  }

  @Test
  void shouldBeUsedAgainWhenBothMessagesHaveEnded() {
    // Given
    get();
    wire.receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    // When
    get();
    wire.receive("HTTP/1.1 204\r\n\r\n");

    // Then
    assertThat(available).isEqualTo(2);
    assertThat(received.ends).isEqualTo(2);
    assertThat(received.body.toString()).isEqualTo("ok");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore",
        "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
      })
  void shouldNotBeUsedAgainWhenResponseForbidsIt(String response) {
    // Given
    get();

    // When
    wire.receive(response);

    // Then
    assertThat(received.ends).isEqualTo(1);
    assertThat(received.reset).isNull();
    assertThat(available).isZero();
    assertThat(closed).isEqualTo(1);
  }

  @Test
  void shouldNotBeUsedAgainWhenResponseEndsBeforeRequest() {
    // Given
    HttpStream.Client stream = connection.newStream(received);
    stream.sendHead(RequestHead.of("POST", "a", "/"), false);

    // When
    wire.receive("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");

    // Then
    assertThat(received.ends).isEqualTo(1);
    assertThat(available).isZero();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void shouldEndBodyAtCloseWhenItHasNoFraming() {
    // Given
    get();
    wire.receive("HTTP/1.1 200 OK\r\n\r\nall of it");
    assertThat(received.ends).isZero();

    // When
    channel.close();

    // Then
    assertThat(received.body.toString()).isEqualTo("all of it");
    assertThat(received.ends).isEqualTo(1);
    assertThat(received.reset).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"
      })
  void shouldResetWhenResponseIsTruncated(String response) {
    // Given
    get();
    wire.receive(response);

    // When
    channel.close();

    // Then
    assertThat(received.reset).isEqualTo(ResetReason.PROTOCOL_ERROR);
    assertThat(received.ends).isZero();
    assertThat(closed).isEqualTo(1);
  }

  @Test
  void shouldTellTerminationWhenConnectionClosesWithoutAByteOfAnswer() {
    // Given
    get();

    // When
    channel.close();

    // Then
    assertThat(received.reset).isEqualTo(ResetReason.CONNECTION_TERMINATION);
    assertThat(closed).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
        "HTTP/1.1 200 OK\nX: a\n\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n"
      })
  void shouldResetWhenResponseBreaksTheProtocol(String response) {
    // Given
    get();

    // When
    wire.receive(response);

    // Then
    assertThat(received.reset).isEqualTo(ResetReason.PROTOCOL_ERROR);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void shouldResetWhenHeadIsTooLarge() {
    // Given
    get();

    // When
    wire.receive("HTTP/1.1 200 OK\r\nX: " + "a".repeat(61 << 10));

    // Then
    assertThat(received.reset).isEqualTo(ResetReason.PROTOCOL_ERROR);
  }

  @Test
  void shouldExpectNoBodyWhenRequestIsHead() {
    // Given
    connection.newStream(received).sendHead(RequestHead.of("HEAD", "a", "/"), true);

    // When
    wire.receive("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");

    // Then
    assertThat(received.ends).isEqualTo(1);
    assertThat(received.head().headers().get("content-length")).isEqualTo("1000");
    assertThat(available).isEqualTo(1);
  }

  @Test
  void shouldCloseWhenBytesComeUnasked() {
    // When
    wire.receive("HTTP/1.1 200 OK\r\n\r\n");

    // Then
    assertThat(channel.isOpen()).isFalse();
    assertThat(closed).isEqualTo(1);
  }

  @Test
  void shouldStillDeliverWhenConnectionClosesWhileReadingIsStopped() {
    // Given
    HttpStream.Client stream = get();
    wire.receive("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n");
    stream.stopReading();
    wire.receive("abcdef");
    channel.close();
    assertThat(received.body.toString()).isEmpty();
    assertThat(received.reset).isNull();

    // When
    stream.resumeReading();

    // Then
    assertThat(received.body.toString()).isEqualTo("abcdef");
    assertThat(received.ends).isEqualTo(1);
  }

  @Test
  void shouldTellTruncationOnceReadingResumes() {
    // Given
    HttpStream.Client stream = get();
    wire.receive("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    stream.stopReading();
    wire.receive("abc");
    channel.close();

    // When
    stream.resumeReading();

    // Then
    assertThat(received.body.toString()).isEqualTo("abc");
    assertThat(received.reset).isEqualTo(ResetReason.PROTOCOL_ERROR);
  }

  @Test
  void shouldDropForeignTrailersUnlessTheyAreEnabled() {
    // Given
    get();

    // When
    wire.receive("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nx-checksum: 1\r\n\r\n");

    // Then
    assertThat(received.trailers).isNull();
    assertThat(received.ends).isEqualTo(1);
  }

  @Test
  void shouldCloseWithoutTellingWhenStreamIsResetByUs() {
    // Given
    HttpStream.Client stream = get();

    // When
    stream.reset(ResetReason.CANCELLED);
    stream.sendData(new Body(), true);

    // Then
    assertThat(received.reset).isNull();
    assertThat(closed).isEqualTo(1);
  }
}
