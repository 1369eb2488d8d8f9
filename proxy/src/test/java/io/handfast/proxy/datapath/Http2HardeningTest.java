package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig.EscapedSlashes;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.config.HttpConnectionManagerConfig.PathOptions;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.stats.Counter;
import io.handfast.proxy.stats.HttpStats;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stranger can send in HTTP/2, and what it costs: one row of the table of threats each. */
final class Http2HardeningTest {
  private static final int PROTOCOL_ERROR = 1;
  private static final int FLOW_CONTROL_ERROR = 3;
  private static final int STREAM_CLOSED = 5;
  private static final int ENHANCE_YOUR_CALM = 11;

  private RawService service;
  private InProcessProxy proxy;
  private RawHttp2 client;

  @BeforeEach
  void start() {
    service = RawService.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    proxy = InProcessProxy.running(Configs.forward(0), List.of(Configs.cluster(service.port())));
    client = RawHttp2.client(proxy.port());
  }

  @AfterEach
  void close() {
    client.close();
    proxy.close();
    service.close();
  }

  private void assertCalmed(Function<HttpStats, Counter> counter) {
    assertThat(client.expectGoAway()).isEqualTo(ENHANCE_YOUR_CALM);
    assertThat(counter.apply(proxy.stats.http("test")).value()).isEqualTo(1);
    assertOthersServed();
  }

  private void assertOthersServed() {
    try (RawHttp2 other = RawHttp2.client(proxy.port())) {
      other.get(1);
      assertThat(other.fields(other.expect(RawHttp2.HEADERS))).contains(":status: 200");
    }
  }

  @Test
  void shouldCalmClientWhenItResetsWhatItBegins() {
    // When
    int[] stream = {-1};
    client.flood(
        4000,
        () -> {
          stream[0] += 2;
          client.get(stream[0]).number(RawHttp2.RST_STREAM, stream[0], 8);
        });

    // Then
    assertCalmed(stats -> stats.http2.inboundResetFlood);
  }

  @Test
  void shouldCalmClientWhenItMakesUsReset() {
    // When: a window update of 0 is an error of the stream, which we reset.
    int[] stream = {-1};
    client.flood(
        4000,
        () -> {
          stream[0] += 2;
          client.post(stream[0]).number(RawHttp2.WINDOW_UPDATE, stream[0], 0);
        });

    // Then
    assertCalmed(stats -> stats.http2.inboundResetFlood);
  }

  @Test
  void shouldBearClientThatCancelsAllItHasOpen() {
    // Given
    RawService silent = RawService.running(connection -> connection.readToEnd());
    InProcessProxy waiting =
        InProcessProxy.running(Configs.forward(0), List.of(Configs.cluster(silent.port())));
    RawHttp2 hasty = RawHttp2.client(waiting.port());

    // When
    for (int stream = 1; stream < 400; stream += 2) {
      hasty.get(stream);
    }
    for (int stream = 1; stream < 400; stream += 2) {
      hasty.number(RawHttp2.RST_STREAM, stream, 8);
    }
    hasty.ping(7);

    // Then
    assertThat(hasty.expect(RawHttp2.PING).flags()).isEqualTo(RawHttp2.ACK);
    hasty.close();
    waiting.close();
    silent.close();
  }

  @Test
  void shouldCalmClientWhenContinuationsNeverEnd() {
    // When
    byte[] block = client.encode(1, RawHttp2.request("GET"));
    client.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, block);
    client.flood(100, () -> client.frame(RawHttp2.CONTINUATION, 0, 1, new byte[] {(byte) 0x82}));

    // Then
    assertThat(client.expectGoAway()).isEqualTo(ENHANCE_YOUR_CALM);
    assertOthersServed();
  }

  @Test
  void shouldCalmClientWhenContinuationsGrowTooLarge() {
    // When
    byte[] part = new byte[16_384];
    Arrays.fill(part, (byte) 0x82);
    client.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, part);
    client.flood(20, () -> client.frame(RawHttp2.CONTINUATION, 0, 1, part));

    // Then
    assertThat(client.expectGoAway()).isEqualTo(ENHANCE_YOUR_CALM);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "9, 0"})
  void shouldCalmClientWhenFramesCarryNothing(int type, int flags) {
    // When
    if (type == RawHttp2.CONTINUATION) {
      client.frame(RawHttp2.HEADERS, 0, 1, client.encode(1, RawHttp2.request("GET")));
    } else {
      client.post(1);
    }
    client.flood(3, () -> client.frame(type, flags, 1));

    // Then
    assertCalmed(stats -> stats.http2.inboundEmptyFramesFlood);
  }

  @Test
  void shouldCalmClientWhenItPingsAllTheTime() {
    // When
    client.flood(20_000, () -> client.ping(1));

    // Then
    assertCalmed(stats -> stats.http2.inboundControlFramesFlood);
  }

  @Test
  void shouldCalmClientWhenItSettlesAllTheTime() {
    // When
    client.flood(20_000, () -> client.settings(4, 70_000));

    // Then
    assertCalmed(stats -> stats.http2.inboundControlFramesFlood);
  }

  @Test
  void shouldCalmClientWhenItSendsUnknownFramesAllTheTime() {
    // When
    client.flood(20_000, () -> client.frame(0xbe, 0, 0));

    // Then
    assertCalmed(stats -> stats.http2.inboundControlFramesFlood);
  }

  @Test
  void shouldCalmClientWhenItReprioritisesAllTheTime() {
    // When
    client.flood(200, () -> client.frame(RawHttp2.PRIORITY, 0, 1, new byte[] {0, 0, 0, 3, 9}));

    // Then
    assertCalmed(stats -> stats.http2.inboundPriorityFramesFlood);
  }

  @Test
  void shouldCalmClientWhenItOpensWindowsAllTheTime() {
    // When
    client.flood(200, () -> client.number(RawHttp2.WINDOW_UPDATE, 0, 1));

    // Then
    assertCalmed(stats -> stats.http2.inboundWindowUpdateFramesFlood);
  }

  @ParameterizedTest
  @CsvSource({"0", "1"})
  void shouldRefuseWindowBeyondItsLargestSize(int stream) {
    // Given
    client.post(1);

    // When
    client
        .number(RawHttp2.WINDOW_UPDATE, stream, Integer.MAX_VALUE)
        .number(RawHttp2.WINDOW_UPDATE, stream, Integer.MAX_VALUE);

    // Then
    int code = stream == 0 ? client.expectGoAway() : client.expectReset(1);
    assertThat(code).isEqualTo(FLOW_CONTROL_ERROR);
  }

  @Test
  void shouldAnswer431WhenFieldsGrowByReference() {
    // Given: a field of 4 KB goes into the table and is referred to by one byte each time.
    String large = "x".repeat(3900);
    byte[] once = client.encode(1, RawHttp2.request("GET", "bomb", large));
    byte[] bomb = Arrays.copyOf(once, once.length + 4000);
    Arrays.fill(bomb, once.length, bomb.length, (byte) (0x80 | 62));

    // When
    client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, bomb);

    // Then
    assertThat(client.fields(client.expect(RawHttp2.HEADERS))).contains(":status: 431");
    assertThat(proxy.stats.http("test").http2.headerOverflow.value()).isEqualTo(1);
    assertThat(proxy.nextEnded().status()).isEqualTo(431);
    client.get(3);
    assertThat(client.fields(client.expect(RawHttp2.HEADERS))).contains(":status: 200");
  }

  @Test
  void shouldAnswer431WhenThereAreTooManyFields() {
    // Given
    String[] many = new String[202];
    for (int i = 0; i < many.length; i += 2) {
      many[i] = "x-" + i;
      many[i + 1] = "v";
    }

    // When
    client.get(1, many);

    // Then
    assertThat(client.fields(client.expect(RawHttp2.HEADERS))).contains(":status: 431");
  }

  @Test
  void shouldAnswer404ToConnectWhenNoRouteTakesIt() {
    // When
    client.headers(1, false, ":method", "CONNECT", ":authority", "h:80");

    // Then
    assertThat(client.fields(client.expect(RawHttp2.HEADERS))).contains(":status: 404");
    assertThat(client.expectReset(1)).isZero();
    assertThat(proxy.nextEnded().details()).isEqualTo("route_not_found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"h", "h:", "h:0", "h:65536"})
  void shouldAnswer400ToConnectWhenItNamesNoPort(String authority) {
    // When
    client.headers(1, false, ":method", "CONNECT", ":authority", authority);

    // Then
    assertThat(client.fields(client.expect(RawHttp2.HEADERS))).contains(":status: 400");
    assertThat(proxy.nextEnded().details()).isEqualTo("http2.bad_target");
  }

  @ParameterizedTest
  @CsvSource({
    "transfer-encoding, chunked",
    "connection, close",
    "keep-alive, x",
    "proxy-connection, x",
    "upgrade, h2c",
    "te, gzip",
    "X-Upper, v",
    "bad name, v",
    "x-bad, 'a\rb'",
    "x-bad, 'a\nb'",
    "x-bad, 'a\0b'",
    "x-bad, ' a'",
    "x-bad, 'a '",
    "host, other.example",
    "content-length, +1",
    "content-length, '1,1'",
    "content-length, 5",
    ":method, GET",
    ":protocol, websocket",
    ":unknown, x"
  })
  void shouldResetStreamWhenRequestIsMalformed(String name, String value) {
    // When
    client.get(1, name, value);

    // Then
    assertThat(client.expectReset(1)).isEqualTo(PROTOCOL_ERROR);
    client.get(3);
    assertThat(client.fields(client.expect(RawHttp2.HEADERS))).contains(":status: 200");
    assertThat(service.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, http, '', h",
    "GET, http, a, h",
    "GET, http, *, h",
    "GET, http, '/a b', h",
    "GET, http, '/a\rb', h",
    "GET, ftp, /, h",
    "'G T', http, /, h",
    "'GET\r\n', http, /, h",
    "GET, http, /, 'h/x'",
    "GET, http, /, 'u@h'",
    "GET, http, /, 'a b'",
    "GET, http, /, h:1:2",
    "GET, http, /, h:99999999",
    "GET, http, /, '[::1'",
    "GET, http, /, 'h|x'",
    "GET, http, '/a#b', h",
    "GET, http, /, ''"
  })
  void shouldResetStreamWhenTargetIsMalformed(
      String method, String scheme, String path, String authority) {
    // When
    client.headers(
        1, true, ":method", method, ":scheme", scheme, ":path", path, ":authority", authority);

    // Then
    assertThat(client.expectReset(1)).isEqualTo(PROTOCOL_ERROR);
    assertThat(service.connections()).isZero();
  }

  /** What is in the way of a policy in HTTP/1.1 (the corpus) is so in HTTP/2. */
  @ParameterizedTest
  @CsvSource({
    "/secret/x, 403",
    "/a/../secret, 403",
    "/a/%2E%2e/secret, 403",
    "/./secret, 403",
    "/a/.., 200"
  })
  void shouldNormalisePathsBeforeARouteIsChosen(String path, int status) {
    // Given
    HttpConnectionManagerConfig http =
        Configs.paths(
            Configs.http(
                0,
                Route.of(RouteMatch.prefix("/secret"), new RouteAction.DirectResponse(403, "no")),
                Route.of(
                    RouteMatch.prefix("/"),
                    new RouteAction.Forward("service", RouteAction.ForwardOptions.DEFAULTS))),
            new PathOptions(true, false, EscapedSlashes.KEEP));
    try (InProcessProxy normal =
            InProcessProxy.running(http, List.of(Configs.cluster(service.port())));
        RawHttp2 sly = RawHttp2.client(normal.port())) {
      // When
      sly.headers(
          1, true, ":method", "GET", ":scheme", "http", ":path", path, ":authority", "h.example");

      // Then
      assertThat(sly.fields(sly.expect(RawHttp2.HEADERS))).contains(":status: " + status);
    }
  }

  @Test
  void shouldResetStreamWhenItDependsOnItself() {
    // When
    byte[] block = client.encode(1, RawHttp2.request("GET"));
    byte[] payload = new byte[5 + block.length];
    payload[3] = 1;
    System.arraycopy(block, 0, payload, 5, block.length);
    client.frame(
        RawHttp2.HEADERS,
        RawHttp2.END_HEADERS | RawHttp2.END_STREAM | RawHttp2.PRIORITIZED,
        1,
        payload);

    // Then
    assertThat(client.expectReset(1)).isEqualTo(PROTOCOL_ERROR);
  }

  @Test
  void shouldEndConnectionWhenDataExceedsItsWindow() {
    // Given: a service that takes nothing, and does not answer
    CountDownLatch over = new CountDownLatch(1);
    try (RawService silent = RawService.running(connection -> awaitQuietly(over));
        InProcessProxy waiting =
            InProcessProxy.running(Configs.forward(0), List.of(Configs.cluster(silent.port())));
        RawHttp2 greedy = RawHttp2.client(waiting.port())) {
      greedy.post(1);
      byte[] data = new byte[16_384];

      // When
      greedy.flood(4000, () -> greedy.frame(RawHttp2.DATA, 0, 1, data));

      // Then: the stream has no window any more, and then the connection neither
      assertThat(greedy.expectReset(1)).isEqualTo(FLOW_CONTROL_ERROR);
      over.countDown();
    }
    assertOthersServed();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldResetStreamWhenDataComesBehindItsEnd() {
    // Given
    client.post(1);
    client.data(1, true, "");

    // When
    client.data(1, false, "more");

    // Then
    assertThat(client.expectReset(1)).isEqualTo(STREAM_CLOSED);
  }

  @Test
  void shouldCloseWhenFieldSectionTakesTooLong() {
    // Given
    HttpTimeouts plain = HttpTimeouts.DEFAULTS;
    HttpTimeouts hasty =
        new HttpTimeouts(
            plain.streamIdle(),
            plain.request(),
            Duration.ofMillis(50),
            plain.connectionIdle(),
            plain.delayedClose());
    Route route =
        Route.of(
            RouteMatch.prefix("/"),
            new RouteAction.Forward("service", RouteAction.ForwardOptions.DEFAULTS));
    InProcessProxy strict =
        InProcessProxy.running(
            Configs.http(0, hasty, route), List.of(Configs.cluster(service.port())));
    RawHttp2 slow = RawHttp2.client(strict.port());
    slow.expect(RawHttp2.SETTINGS);

    // When
    slow.frame(RawHttp2.HEADERS, 0, 1, slow.encode(1, RawHttp2.request("GET"))).flush();

    // Then
    assertThat(slow.expectGoAway()).isEqualTo(ENHANCE_YOUR_CALM);
    assertThat(strict.stats.http("test").rqHeaderTimeout.value()).isEqualTo(1);
    slow.close();
    strict.close();
  }

  @Test
  void shouldCloseWhenClientDoesNotReadWhatItAsksFor() {
    // When: answers pile up, for nobody reads them.
    client.flood(2_000_000, () -> client.ping(1));
    client.readToEnd();

    // Then: GOAWAY may be lost, for we do not read for ever what such a client still sends.
    HttpStats stats = proxy.stats.http("test");
    assertThat(
            stats.http2.outboundControlFlood.value()
                + stats.http2.inboundControlFramesFlood.value())
        .isEqualTo(1);
  }
}
