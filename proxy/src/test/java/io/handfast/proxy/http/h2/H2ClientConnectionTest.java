package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.Http2Options.Keepalive;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.h2.frame.FrameWriter;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class H2ClientConnectionTest implements ClientConnection.Listener {
  private static final int CONNECTION_WINDOW = 65_536;
  private static final String GET = "[GET, http, h.example, /a?b]";

  private final ManualDispatcher dispatcher = new ManualDispatcher();
  private final ClusterStats stats = new Stats().cluster("c");
  private final List<String> told = new ArrayList<>();
  private H2ClientConnection connection = connection(Keepalive.NONE);
  private EmbeddedChannel channel = new EmbeddedChannel();
  private FrameLog peer = new FrameLog(channel);

  private H2ClientConnection connection(Keepalive keepalive) {
    Http2Options defaults = Http2Options.DEFAULTS;
    Http2Options options =
        new Http2Options(
            defaults.hpackTableBytes(),
            3,
            defaults.initialStreamWindowBytes(),
            CONNECTION_WINDOW,
            defaults.maxOutboundFrames(),
            defaults.maxOutboundControlFrames(),
            defaults.maxConsecutiveEmptyFrames(),
            defaults.maxPriorityFramesPerStream(),
            defaults.maxWindowUpdatesPerDataFrame(),
            false,
            keepalive);
    return new H2ClientConnection(this, dispatcher, options, stats, 1 << 20);
  }

  @BeforeEach
  void open() {
    channel.finishAndReleaseAll();
    told.clear();
    channel = new EmbeddedChannel(connection);
    peer = new FrameLog(channel);
    assertThat(connection.freeStreams()).isZero();
    peer.settings();
    assertThat(peer.frames()).startsWith("SETTINGS").endsWith("SETTINGS ack");
    assertThat(told).containsExactly("available");
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Override
  public void onAvailable(ClientConnection available) {
    told.add("available");
  }

  @Override
  public void onClosed(ClientConnection closed) {
    told.add("closed");
  }

  private HttpStream.Client request(Events events, boolean end) {
    HttpStream.Client stream = connection.newStream(events);
    RequestHead head = RequestHead.of(end ? "GET" : "POST", "h.example", "/a?b");
    stream.sendHead(head, end);
    return stream;
  }

  private static Body body(String text) {
    return Body.of(text.getBytes(StandardCharsets.US_ASCII));
  }

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
