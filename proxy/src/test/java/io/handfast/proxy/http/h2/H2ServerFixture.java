package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.Http2Options.Keepalive;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.h2.frame.FrameWriter;
import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server's connection of HTTP/2, whose client speaks in frames. */
abstract class H2ServerFixture implements RequestHandler {
  static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  static final int STREAM_WINDOW = 65_535;
  static final int BUFFER_LIMIT = 1 << 20;

  final ManualDispatcher dispatcher = new ManualDispatcher();
  final List<RequestHead> heads = new ArrayList<>();
  final List<HttpStream.Server> streams = new ArrayList<>();
  final List<Events> events = new ArrayList<>();
  final List<String> refused = new ArrayList<>();
  final Stats stats = new Stats();
  H2ServerConnection connection = connection(BUFFER_LIMIT, Keepalive.NONE);
  EmbeddedChannel channel = new EmbeddedChannel();
  FrameLog peer = new FrameLog(channel);

  H2ServerConnection connection(int bufferLimit, Keepalive keepalive) {
    return connection(bufferLimit, keepalive, Http2Options.DEFAULTS.hpackTableBytes());
  }

  H2ServerConnection connection(int bufferLimit, Keepalive keepalive, int tableBytes) {
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

  void answer(int index, boolean end) {
    streams.get(index).sendHead(ResponseHead.of(200), end);
  }

  static Body body(String text) {
    return Body.of(text.getBytes(StandardCharsets.US_ASCII));
  }

  static Body body(int bytes) {
    return body("x".repeat(bytes));
  }

  static ByteBuf zeros(int stream, boolean end) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.head(out, 10_000, Frames.DATA, end ? Frames.END_STREAM : 0, stream);
    return out.writeZero(10_000);
  }
}
