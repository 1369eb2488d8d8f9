package io.handfast.proxy.http.h1;

import io.handfast.proxy.config.Http1Options;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.HttpStats;
import io.handfast.proxy.stats.Stats;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A server connection on an embedded channel, with a handler that keeps what comes and answers when
 * it is told.
 */
final class ServerFixture implements RequestHandler, AutoCloseable {
  static final Http1Options LENIENT = new Http1Options(true, true, "default.example", true);

  final ManualDispatcher dispatcher = new ManualDispatcher();
  final List<RequestHead> heads = new ArrayList<>();
  final List<HttpStream.Server> streams = new ArrayList<>();
  final List<Received> received = new ArrayList<>();
  final List<Integer> refused = new ArrayList<>();
  final H1ServerConnection connection;
  final EmbeddedChannel channel;
  final Wire wire;

  ServerFixture() {
    this(LENIENT);
  }

  ServerFixture(Http1Options http1) {
    connection = connection(http1, this, dispatcher, new Stats().http("test"));
    channel = new EmbeddedChannel(connection);
    wire = new Wire(channel);
  }

  static H1ServerConnection connection(
      Http1Options http1, RequestHandler handler, HttpStats stats) {
    return connection(http1, handler, new ManualDispatcher(), stats);
  }

  private static H1ServerConnection connection(
      Http1Options http1, RequestHandler handler, ManualDispatcher dispatcher, HttpStats stats) {
    HttpConnectionManagerConfig plain =
        HttpConnectionManagerConfig.of(
            "test",
            new RouteTable(List.of()),
            List.of(new HttpFilterConfig("router", "router", "", false)));
    HttpConnectionManagerConfig config =
        new HttpConnectionManagerConfig(
            plain.statPrefix(),
            plain.codecType(),
            plain.routes(),
            plain.httpFilters(),
            plain.timeouts(),
            plain.limits(),
            http1,
            plain.http2(),
            plain.forwarding(),
            plain.paths(),
            plain.serverName(),
            plain.accessLogs());
    return new H1ServerConnection(new H1ServerConfig(config, handler, dispatcher, stats));
  }

  @Override
  public HttpStream.ServerEvents onRequest(
      HttpStream.Server stream, RequestHead head, boolean endStream) {
    Received events = new Received();
    events.ends = endStream ? 1 : 0;
    heads.add(head);
    streams.add(stream);
    received.add(events);
    return events;
  }

  @Override
  public void onRefused(HttpProtocol protocol, int status, String details) {
    refused.add(status);
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }

  /** Answers with a body of known length. */
  void answer(int index, String body) {
    ResponseHead head = ResponseHead.of(200);
    head.headers().add("content-length", Integer.toString(body.length()));
    streams.get(index).sendHead(head, body.isEmpty());
    if (!body.isEmpty()) {
      streams.get(index).sendData(body(body), true);
    }
  }

  static Body body(String text) {
    return Body.of(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
