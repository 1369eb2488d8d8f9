package io.handfast.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.logging.BugWatch;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.HttpStats;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

/**
 * Bytes of a client: however they are cut they say the same, and what is passed on of them is one
 * request for the next reader, and the same one.
 */
final class H1RequestFuzzTest {
  private static final int MAX_INPUT = 8 << 10;
  private static final Stats STATS = new Stats(); // to make one costs more than a case
  private static final HttpStats HTTP = STATS.http("fuzz");
  private static final ClusterStats CLUSTER = STATS.cluster("fuzz");

  @FuzzTest(maxDuration = "10m")
  void shouldReadTheSameHoweverItIsCut(byte[] bytes) {
    if (bytes.length > MAX_INPUT) {
      return;
    }
    try (BugWatch _ = new BugWatch()) {
      RequestReader whole = new RequestReader(HTTP);
      whole.read(bytes, MAX_INPUT);
      RequestReader cut = new RequestReader(HTTP);
      cut.read(bytes, 1);
      String told = whole.close();
      assertThat(cut.close()).isEqualTo(told);
      for (int i = 0; i < whole.heads.size(); i++) {
        Transcript stream = whole.streams.get(i);
        if (stream.ended && whole.heads.get(i).upgrade() == null) {
          passOn(whole.heads.get(i), stream.body());
        }
      }
    }
  }

  private static void passOn(RequestHead head, byte[] body) {
    String method = head.method();
    String path = head.path();
    String authority = head.authority();
    byte[] written = write(head, body);
    RequestReader next = new RequestReader(HTTP);
    next.read(written, written.length);
    String told = next.close();
    assertThat(next.heads).as(told).hasSize(1);
    assertThat(told).endsWith("open").doesNotContain("refused");
    assertThat(next.heads.getFirst().method()).isEqualTo(method);
    assertThat(next.heads.getFirst().path()).isEqualTo(path);
    assertThat(next.heads.getFirst().authority()).isEqualTo(authority);
    assertThat(next.streams.getFirst().body()).isEqualTo(body);
    assertThat(next.streams.getFirst().ended).isTrue();
  }

  private static byte[] write(RequestHead head, byte[] body) {
    H1ClientConnection connection = new H1ClientConnection(Ignored.LISTENER, CLUSTER, true);
    EmbeddedChannel channel = new EmbeddedChannel(connection);
    HttpStream.Client stream = connection.newStream(new Transcript());
    stream.sendHead(head, body.length == 0);
    if (body.length > 0) {
      stream.sendData(Body.of(body), true);
    }
    channel.runPendingTasks();
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      all.writeBytes(out);
      out.release();
    }
    byte[] bytes = new byte[all.readableBytes()];
    all.readBytes(bytes);
    channel.finishAndReleaseAll();
    return bytes;
  }

  /** Of no interest here. */
  private enum Ignored implements ClientConnection.Listener {
    LISTENER;

    @Override
    public void onAvailable(ClientConnection connection) {
      // There is one request.
    }

    @Override
    public void onClosed(ClientConnection connection) {
      // The test closes.
    }
  }
}
