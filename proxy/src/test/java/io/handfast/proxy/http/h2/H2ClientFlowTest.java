package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.Http2Options.Keepalive;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.Stats;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How much an endpoint may send to clients that do not read. */
final class H2ClientFlowTest implements ClientConnection.Listener {
  private static final int WINDOW = 65_536;
  private static final String QUARTER = "x".repeat(WINDOW / 4);

  private final H2ClientConnection connection =
      new H2ClientConnection(
          this, new ManualDispatcher(), options(), new Stats().cluster("up"), 1 << 20);
  private final EmbeddedChannel channel = new EmbeddedChannel(connection);
  private final FrameLog peer = new FrameLog(channel);
  private final List<HttpStream.Client> streams = new ArrayList<>();

  private static Http2Options options() {
    Http2Options defaults = Http2Options.DEFAULTS;
    return new Http2Options(
        defaults.hpackTableBytes(),
        3,
        defaults.initialStreamWindowBytes(),
        WINDOW,
        defaults.maxOutboundFrames(),
        defaults.maxOutboundControlFrames(),
        defaults.maxConsecutiveEmptyFrames(),
        defaults.maxPriorityFramesPerStream(),
        defaults.maxWindowUpdatesPerDataFrame(),
        false,
        Keepalive.NONE);
  }

  @BeforeEach
  void open() {
    peer.settings();
    for (int id = 1; id <= 5; id += 2) {
      HttpStream.Client stream = connection.newStream(new Events());
      stream.sendHead(RequestHead.of("GET", "h.example", "/"), true);
      stream.stopReading();
      streams.add(stream);
      peer.headers(id, false, ":status", "200");
    }
    peer.frames();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Override
  public void onAvailable(ClientConnection available) {}

  @Override
  public void onClosed(ClientConnection closed) {}

  @Test
  void shouldHoldFourWindowsBeyondTheOneThatIsOpenWhenNobodyReads() {
    // When
    for (int i = 0; i < 16; i++) {
      peer.data(i % 2 == 0 ? 1 : 3, false, QUARTER);
    }
    List<String> opened = peer.frames();
    for (int i = 0; i < 3; i++) {
      peer.data(5, false, QUARTER);
    }

    // Then
    assertThat(opened).hasSize(8).allMatch(("WINDOW_UPDATE 0 " + WINDOW / 2)::equals);
    assertThat(peer.frames()).isEmpty();
  }

  @Test
  void shouldOpenTheWindowAsItIsTakenWhenTooMuchHasWaited() {
    // Given
    for (int i = 0; i < 19; i++) {
      peer.data(i % 2 == 0 ? 1 : 3, false, QUARTER);
    }
    peer.frames();

    // When
    streams.getFirst().resumeReading();

    // Then
    assertThat(peer.frames()).contains("WINDOW_UPDATE 0 " + WINDOW / 2);
    peer.data(5, false, QUARTER);
    peer.data(5, false, QUARTER);
    assertThat(channel.isOpen()).isTrue();
  }
}
