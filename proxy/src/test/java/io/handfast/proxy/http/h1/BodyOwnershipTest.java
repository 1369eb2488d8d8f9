package io.handfast.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.HttpStats;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The bytes of a body belong to whoever gets them: a codec that gives its receive buffer away never
 * touches it again, and whoever has a buffer alone may write behind its end, as TLS does.
 */
@SuppressWarnings("StringConcatToTextBlock") // Line ends are the subject here.
final class BodyOwnershipTest {
  private static final String REQUESTS =
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
          + "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "3\r\nabc\r\n4\r\ndefg\r\n0\r\ntx-vote: v\r\n\r\n"
          + "POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\ngoodbye";
  private static final String RESPONSE =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "5\r\nhello\r\n7\r\ngoodbye\r\n0\r\n\r\n";
  private static final String ENDLESS = "HTTP/1.1 200 OK\r\n\r\nhellogoodbye";

  private static final Stats STATS = new Stats(); // to make one costs more than a case
  private static final HttpStats HTTP = STATS.http("test");
  private static final ClusterStats CLUSTER = STATS.cluster("test");

  /** Behind the bytes of a buffer that was received. */
  private static final int ROOM = 32;

  /** Two cuts are less than so many bytes apart: further ones are as two cuts of one. */
  private static final int NEAR = 24;

  private final List<ByteBuf> received = new ArrayList<>();

  /** Keeps the slices of a body beyond the call that brought them, and uses what is its own. */
  private static final class Keeper implements HttpStream.ServerEvents, HttpStream.ClientEvents {
    private final List<ByteBuf> slices = new ArrayList<>();
    boolean ended;

    @Override
    public void onInformational(ResponseHead head) {
      throw new AssertionError("informational: " + head.status() + " (expected: none)");
    }

    @Override
    public void onHead(ResponseHead head, boolean endStream) {
      ended = endStream;
    }

    @Override
    public void onData(Body data, boolean endStream) {
      for (ByteBuf slice = data.poll(); slice != null; slice = data.poll()) {
        slices.add(slice);
        if (slice.refCnt() == 1 && slice.isWritable()) {
          int end = slice.writerIndex();
          slice.writeZero(slice.writableBytes()).writerIndex(end);
        }
      }
      ended |= endStream;
    }

    @Override
    public void onTrailers(Headers trailers) {
      ended = true;
    }

    @Override
    public void onReset(ResetReason reason) {
      throw new AssertionError("reset: " + reason + " (expected: none)");
    }

    @Override
    public void onWritabilityChanged(boolean writable) {
      // Nothing is written here.
    }

    /** What was received, which is let go. */
    String body() {
      StringBuilder text = new StringBuilder();
      for (ByteBuf slice : slices) {
        text.append(slice.toString(StandardCharsets.ISO_8859_1));
        slice.release();
      }
      return text.toString();
    }
  }

  /** Takes requests, and answers each that is whole. */
  private static final class Server implements RequestHandler {
    final List<Keeper> keepers = new ArrayList<>();
    final List<HttpStream.Server> streams = new ArrayList<>();
    private int answered;

    @Override
    public HttpStream.ServerEvents onRequest(
        HttpStream.Server stream, RequestHead head, boolean endStream) {
      streams.add(stream);
      keepers.add(new Keeper());
      return keepers.getLast();
    }

    @Override
    public void onRefused(HttpProtocol protocol, int status, String details) {
      throw new AssertionError("refused: " + details);
    }

    void answer() {
      while (answered < keepers.size() && keepers.get(answered).ended) {
        ResponseHead head = ResponseHead.of(204);
        HttpStream.Server stream = streams.get(answered);
        answered++;
        stream.sendHead(head, true); // which may bring the next request
      }
    }
  }

  private enum Unheard implements ClientConnection.Listener {
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

  private ByteBuf buffer(String text) {
    ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(text.length() + ROOM);
    bytes.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    received.add(bytes);
    return bytes;
  }

  private void receive(EmbeddedChannel channel, @Nullable Server server, String text, int... cuts) {
    int[] ends = Arrays.copyOf(cuts, cuts.length + 1);
    ends[cuts.length] = text.length();
    int from = 0;
    for (int end : ends) {
      if (end > from) {
        channel.writeInbound(buffer(text.substring(from, end)));
        if (server != null) {
          server.answer();
        }
      }
      from = end;
    }
  }

  private List<String> requestsCutAt(int... cuts) {
    Server server = new Server();
    EmbeddedChannel channel =
        new EmbeddedChannel(ServerFixture.connection(ServerFixture.LENIENT, server, HTTP));
    receive(channel, server, REQUESTS, cuts);
    channel.finishAndReleaseAll();
    return server.keepers.stream().map(Keeper::body).toList();
  }

  private String responseCutAt(String response, int... cuts) {
    H1ClientConnection connection = new H1ClientConnection(Unheard.LISTENER, CLUSTER, false);
    EmbeddedChannel channel = new EmbeddedChannel(connection);
    Keeper keeper = new Keeper();
    connection.newStream(keeper).sendHead(RequestHead.of("GET", "a", "/"), true);
    receive(channel, null, response, cuts);
    channel.finishAndReleaseAll();
    return keeper.body();
  }

  private void assertAllReleased(String where) {
    assertThat(received).as(where).allMatch(bytes -> bytes.refCnt() == 0);
    received.clear();
  }

  @Test
  void shouldLeaveBodiesOfRequestsAloneWhereverTheyAreCut() {
    for (int first = 1; first < REQUESTS.length(); first++) {
      for (int second = first; second < Math.min(first + NEAR, REQUESTS.length()); second++) {
        // When
        List<String> bodies = requestsCutAt(first, second);

        // Then
        String where = first + ", " + second;
        assertThat(bodies).as(where).containsExactly("hello", "abcdefg", "goodbye");
        assertAllReleased(where);
      }
    }
  }

  @Test
  void shouldLeaveBodiesOfResponsesAloneWhereverTheyAreCut() {
    for (String response : List.of(RESPONSE, ENDLESS)) {
      for (int first = 1; first < response.length(); first++) {
        for (int second = first; second < Math.min(first + NEAR, response.length()); second++) {
          // When
          String body = responseCutAt(response, first, second);

          // Then
          String where = first + ", " + second;
          assertThat(body).as(where).isEqualTo("hellogoodbye");
          assertAllReleased(where);
        }
      }
    }
  }

  @Test
  void shouldGiveTheBufferItselfWhenABodyIsItsLast() {
    // Given
    Server server = new Server();
    EmbeddedChannel channel =
        new EmbeddedChannel(ServerFixture.connection(ServerFixture.LENIENT, server, HTTP));

    // When
    receive(channel, server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");

    // Then
    List<ByteBuf> slices = server.keepers.getFirst().slices;
    assertThat(slices).hasSize(1);
    assertThat(slices.getFirst()).isSameAs(received.getFirst());
    channel.finishAndReleaseAll();
    assertThat(server.keepers.getFirst().body()).isEqualTo("hello");
    assertAllReleased("at the end");
  }

  @Test
  void shouldGiveASliceWhenAnotherIsStillOnItsWay() {
    // Given: of the first request's body, which is sent on, say, and not all in the socket
    Server server = new Server();
    EmbeddedChannel channel =
        new EmbeddedChannel(ServerFixture.connection(ServerFixture.LENIENT, server, HTTP));
    String request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";

    // When
    receive(channel, server, String.join("", Collections.nCopies(2, request)));

    // Then: or whoever has the second would take the buffer for theirs alone
    ByteBuf last = server.keepers.getLast().slices.getFirst();
    assertThat(last).isNotSameAs(received.getFirst());
    assertThat(last.isWritable()).isFalse();
    channel.finishAndReleaseAll();
    assertThat(server.keepers.stream().map(Keeper::body)).containsExactly("hello", "hello");
    assertAllReleased("at the end");
  }
}
