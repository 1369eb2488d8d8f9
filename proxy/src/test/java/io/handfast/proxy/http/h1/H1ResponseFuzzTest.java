package io.handfast.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.logging.BugWatch;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

/**
 * Bytes of a service: however they are cut they say the same, and a response ends once. The first
 * byte chooses the request.
 */
final class H1ResponseFuzzTest implements ClientConnection.Listener {
  private static final int MAX_INPUT = 8 << 10;
  private static final ClusterStats STATS = // to make one costs more than a case
      new Stats().cluster("fuzz");

  @Override
  public void onAvailable(ClientConnection connection) {
    // No second request.
  }

  @Override
  public void onClosed(ClientConnection connection) {
    // The channel says so.
  }

  @FuzzTest(maxDuration = "10m")
  void shouldReadTheSameHoweverItIsCut(byte[] bytes) {
    if (bytes.length < 2 || bytes.length > MAX_INPUT) {
      return;
    }
    try (BugWatch _ = new BugWatch()) {
      assertThat(read(bytes, 1)).isEqualTo(read(bytes, bytes.length));
    }
  }

  private String read(byte[] bytes, int step) {
    H1ClientConnection connection = new H1ClientConnection(this, STATS, (bytes[0] & 8) != 0);
    EmbeddedChannel channel = new EmbeddedChannel(connection);
    Transcript transcript = new Transcript();
    HttpStream.Client stream = connection.newStream(transcript);
    RequestHead head = RequestHead.of((bytes[0] & 1) != 0 ? "HEAD" : "GET", "h", "/");
    head.upgrade((bytes[0] & 2) != 0 ? "websocket" : null);
    stream.sendHead(head, (bytes[0] & 2) == 0);
    for (int from = 1; from < bytes.length && channel.isOpen(); from += step) {
      int length = Math.min(step, bytes.length - from);
      channel.writeInbound(Unpooled.copiedBuffer(bytes, from, length));
      channel.runPendingTasks();
    }
    boolean open = channel.isOpen();
    channel.finishAndReleaseAll();
    return transcript + (open ? " open" : " closed");
  }
}
