package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.Http2Options.Keepalive;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.runtime.ManualDispatcher;
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
import org.junit.jupiter.params.provider.ValueSource;

final class H2ServerConnectionTest implements RequestHandler {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int STREAM_WINDOW = 65_535;
  private static final int BUFFER_LIMIT = 1 << 20;

  private final ManualDispatcher dispatcher = new ManualDispatcher();
  private final List<RequestHead> heads = new ArrayList<>();
  private final List<HttpStream.Server> streams = new ArrayList<>();
  private final List<Events> events = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();
  private final Stats stats = new Stats();
  private H2ServerConnection connection = connection(BUFFER_LIMIT, Keepalive.NONE);
  private EmbeddedChannel channel = new EmbeddedChannel();
  private FrameLog peer = new FrameLog(channel);

  private H2ServerConnection connection(int bufferLimit, Keepalive keepalive) {
    return connection(bufferLimit, keepalive, Http2Options.DEFAULTS.hpackTableBytes());
  }

  private H2ServerConnection connection(int bufferLimit, Keepalive keepalive, int tableBytes) {
    HttpConnectionManagerConfig plain =
        HttpConnectionManagerConfig.of(
            "test",
            new RouteTable(List.of()),
            List.of(new HttpFilterConfig("router", "router", "", false)));
    Http2Options defaults = Http2Options.DEFAULTS;
    Http2Options options =
        new Http2Options(
            tableBytes,
            2,
            STREAM_WINDOW,
            2 * STREAM_WINDOW,
            defaults.maxOutboundFrames(),
            defaults.maxOutboundControlFrames(),
            defaults.maxConsecutiveEmptyFrames(),
            defaults.maxPriorityFramesPerStream(),
            defaults.maxWindowUpdatesPerDataFrame(),
            true,
            keepalive);
    HttpConnectionManagerConfig config =
        new HttpConnectionManagerConfig(
            plain.statPrefix(),
            plain.codecType(),
            plain.routes(),
            plain.httpFilters(),
            plain.timeouts(),
            plain.limits(),
            plain.http1(),
            options,
            plain.forwarding(),
            plain.paths(),
            plain.serverName(),
            plain.accessLogs());
    return new H2ServerConnection(
        new H2ServerConfig(config, this, dispatcher, stats.http("test"), bufferLimit));
  }

  @BeforeEach
  void open() {
    channel.finishAndReleaseAll();
    channel = new EmbeddedChannel(connection);
    peer = new FrameLog(channel);
    peer.send(PREFACE);
    peer.settings();
    assertThat(peer.frames())
        .containsExactly("SETTINGS", "WINDOW_UPDATE 0 " + STREAM_WINDOW, "SETTINGS ack");
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Override
  public HttpStream.ServerEvents onRequest(
      HttpStream.Server stream, RequestHead head, boolean endStream) {
    heads.add(head);
    streams.add(stream);
    events.add(new Events());
    return events.getLast();
  }

  @Override
  public void onRefused(HttpProtocol protocol, int status, String details) {
    refused.add(protocol + " " + status);
  }

  private void answer(int index, boolean end) {
    streams.get(index).sendHead(ResponseHead.of(200), end);
  }

  private static Body body(String text) {
    return Body.of(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static Body body(int bytes) {
    return body("x".repeat(bytes));
  }

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

  private static ByteBuf zeros(int stream, boolean end) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.head(out, 10_000, Frames.DATA, end ? Frames.END_STREAM : 0, stream);
    return out.writeZero(10_000);
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
