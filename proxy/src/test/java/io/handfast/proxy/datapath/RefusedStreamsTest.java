package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An endpoint with HTTP/2 that refuses streams: one that was not looked at is sent again, whatever
 * it is; any other is not.
 */
final class RefusedStreamsTest {
  /** As often as one request is sent again at most. */
  private static final int MAX_REFUSALS = 3;

  private final AtomicInteger seen = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private ServerSocket socket;
  private InProcessProxy proxy;
  private RawConnection client;

  /** What the endpoint does with a request; the number of it counts from 1. */
  private interface Script {
    void answer(RawHttp2 peer, int stream, int number);
  }

  @BeforeEach
  void start() throws IOException {
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    proxy =
        InProcessProxy.running(
            Configs.forward(0),
            List.of(
                Configs.speaking(Configs.cluster(socket.getLocalPort()), UpstreamProtocol.HTTP2)));
    client = proxy.connect();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    proxy.close();
    socket.close();
  }

  private void serve(Script script) {
    Thread.startVirtualThread(() -> {
      while (!socket.isClosed()) {
        try {
          Socket accepted = socket.accept();
          connections.incrementAndGet();
          Thread.startVirtualThread(() -> serve(accepted, script));
        } catch (IOException closed) {
          return;
        }
      }
    });
  }

  private void serve(Socket accepted, Script script) {
    try (RawHttp2 peer = RawHttp2.server(accepted)) {
      while (true) {
        RawHttp2.Frame frame = peer.expectMessage();
        if (frame.type() < 0 || frame.type() == RawHttp2.GOAWAY) {
          return;
        }
        if (frame.type() == RawHttp2.HEADERS) {
          script.answer(peer, frame.stream(), seen.incrementAndGet());
          peer.flush();
        }
      }
    } catch (UncheckedIOException gone) {
      // What the client sees is what is tested.
    }
  }

  private static void ok(RawHttp2 peer, int stream) {
    peer.headers(stream, true, ":status", "204");
  }

  private String answer() {
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    return client.readHead();
  }

  @Test
  void shouldSendAgainElsewhereWhenGoAwayDidNotCountTheStream() {
    // Given
    serve((peer, stream, number) -> {
      if (number == 1) {
        peer.frame(RawHttp2.GOAWAY, RawHttp2.NONE, 0, new byte[8]);
      } else {
        ok(peer, stream);
      }
    });

    // When
    String answer = answer();

    // Then
    assertThat(answer).startsWith("HTTP/1.1 204 ");
    assertThat(connections).hasValue(2);
    assertThat(proxy.nextEnded().attempts()).isEqualTo(2);
  }

  @Test
  void shouldNotSendAgainWhatGoAwayCounted() {
    // Given
    serve((peer, stream, number) -> {
      peer.frame(RawHttp2.GOAWAY, RawHttp2.NONE, 0, new byte[] {0, 0, 0, 1, 0, 0, 0, 0});
      peer.flush();
      peer.close();
    });

    // When
    String answer = answer();

    // Then
    assertThat(answer).startsWith("HTTP/1.1 503 ");
    assertThat(seen).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({"7, 204, 2", "0, 503, 1", "2, 503, 1", "8, 503, 1", "11, 503, 1"})
  void shouldSendAgainOnlyWhatWasRefused(int code, int status, int times) {
    // Given
    serve((peer, stream, number) -> {
      if (number == 1) {
        peer.number(RawHttp2.RST_STREAM, stream, code);
      } else {
        ok(peer, stream);
      }
    });

    // When
    String answer = answer();

    // Then
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
    assertThat(seen).hasValue(times);
    assertThat(connections).hasValue(1);
  }

  /** Of its body no copy is kept. */
  @Test
  void shouldNotSendAgainWhatHasABody() {
    // Given
    serve((peer, stream, number) -> peer.number(RawHttp2.RST_STREAM, stream, 7));

    // When
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");

    // Then
    assertThat(client.readHead()).startsWith("HTTP/1.1 503 ");
    assertThat(seen).hasValue(1);
  }

  @Test
  void shouldGiveUpWhenItIsRefusedAgainAndAgain() {
    // Given
    serve((peer, stream, number) -> peer.number(RawHttp2.RST_STREAM, stream, 7));

    // When
    String answer = answer();

    // Then
    assertThat(answer).startsWith("HTTP/1.1 503 ");
    assertThat(seen).hasValue(1 + MAX_REFUSALS);
  }
}
