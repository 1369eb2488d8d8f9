package io.handfast.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.handfast.proxy.config.Http1Options;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.logging.BugWatch;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.HttpStats;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes of a client: however they are cut they say the same, and what is passed on of them is one
 * request for the next reader, and the same one.
 */
final class H1RequestFuzzTest {
  private static final int MAX_INPUT = 8 << 10;
  private static final Stats STATS = new Stats(); // to make one costs more than a case
  private static final HttpStats HTTP = STATS.http("fuzz");
  private static final ClusterStats CLUSTER = STATS.cluster("fuzz");

  /** Keeps requests, and answers each that has ended. */
  private static final class Reader implements RequestHandler {
    final List<RequestHead> heads = new ArrayList<>();
    final List<Transcript> streams = new ArrayList<>();
    final StringBuilder told = new StringBuilder();
    private final List<HttpStream.Server> open = new ArrayList<>();
    private final EmbeddedChannel channel;

    Reader(Http1Options options) {
      channel = new EmbeddedChannel(ServerFixture.connection(options, this, HTTP));
    }

    @Override
    public HttpStream.ServerEvents onRequest(
        HttpStream.Server stream, RequestHead head, boolean endStream) {
      Transcript transcript = new Transcript();
      transcript.end(endStream);
      told.append(head).append(' ').append(head.authority()).append(' ');
      told.append(Transcript.fields(head.headers())).append(head.upgrade()).append('\n');
      heads.add(head);
      streams.add(transcript);
      open.add(stream);
      return transcript;
    }

    @Override
    public void onRefused(HttpProtocol protocol, int status, String details) {
      told.append("refused ").append(status).append(' ').append(details).append('\n');
    }

    void read(byte[] bytes, int step) {
      for (int from = 0; from < bytes.length && channel.isOpen(); from += step) {
        int length = Math.min(step, bytes.length - from);
        channel.writeInbound(Unpooled.copiedBuffer(bytes, from, length));
        answer();
      }
    }

    private void answer() {
      for (int i = 0; i < open.size(); i++) { // an answer may bring the next request
        if (streams.get(i).ended && !streams.get(i).reset) {
          ResponseHead head = ResponseHead.of(200);
          head.headers().add("content-length", "0");
          open.get(i).sendHead(head, true);
        }
        channel.runPendingTasks();
      }
    }

    String close() {
      boolean open = channel.isOpen();
      channel.finishAndReleaseAll();
      streams.forEach(stream -> told.append(stream).append('\n'));
      return told + (open ? "open" : "closed");
    }
  }

  @FuzzTest(maxDuration = "10m")
  void shouldReadTheSameHoweverItIsCut(byte[] bytes) {
    if (bytes.length > MAX_INPUT) {
      return;
    }
    try (BugWatch _ = new BugWatch()) {
      Reader whole = new Reader(ServerFixture.LENIENT);
      whole.read(bytes, MAX_INPUT);
      Reader cut = new Reader(ServerFixture.LENIENT);
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
    Reader next = new Reader(ServerFixture.LENIENT);
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
