package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.Http2Options.Keepalive;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.Stats;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A connection to a service whose side the test plays, frame by frame. */
abstract class H2ClientFixture implements ClientConnection.Listener {
  static final int CONNECTION_WINDOW = 65_536;
  static final String GET = "[GET, http, h.example, /a?b]";

  final ManualDispatcher dispatcher = new ManualDispatcher();
  final ClusterStats stats = new Stats().cluster("c");
  final List<String> told = new ArrayList<>();
  H2ClientConnection connection = connection(Keepalive.NONE);
  EmbeddedChannel channel = new EmbeddedChannel();
  FrameLog peer = new FrameLog(channel);

  H2ClientConnection connection(Keepalive keepalive) {
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

  HttpStream.Client request(Events events, boolean end) {
    HttpStream.Client stream = connection.newStream(events);
    RequestHead head = RequestHead.of(end ? "GET" : "POST", "h.example", "/a?b");
    stream.sendHead(head, end);
    return stream;
  }

  static Body body(String text) {
    return Body.of(text.getBytes(StandardCharsets.US_ASCII));
  }
}
