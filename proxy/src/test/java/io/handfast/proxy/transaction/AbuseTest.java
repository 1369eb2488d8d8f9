package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.OddCallsRig.BRANCH;
import static io.handfast.proxy.transaction.OddCallsRig.TX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hostile or broken neighbour does to a whole sidecar, over real sockets. */
class AbuseTest {
  @TempDir private Path directory;
  private OddCallsRig sidecar;

  @BeforeEach
  void start() throws Exception {
    sidecar = new OddCallsRig(directory.resolve("journal"));
  }

  @AfterEach
  void stop() {
    sidecar.close();
  }

  @Test
  void shouldStayInDoubtWhenAStrangerListensAtTheCoordinatorsAddressT13() throws Exception {
    try (Stranger stranger = new Stranger()) {
      // When
      String answer = sidecar.inbound(stranger.context(2_000));
      await().atMost(60, TimeUnit.SECONDS).until(() -> stranger.asked() >= 2);

      // Then
      assertThat(answer).startsWith("HTTP/1.1 200 ").contains("tx-vote: " + BRANCH + ";v=prepared");
      assertThat(sidecar.seen)
          .as("neither confirmed nor undone")
          .containsExactly("POST /reservations");
      assertThat(sidecar.admin("/transactions"))
          .contains(TX)
          .containsPattern("\"inDoubt\"\\s*:\\s*1");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1_025, 20_000})
  void shouldRefuseAContextThatIsTooLong(int length) throws Exception {
    // Given
    String header = sidecar.context(5_000) + ";x=";
    int missing = length - (header.length() - "tx-context: ".length());

    // When
    String answer = sidecar.inbound(header + "y".repeat(missing));

    // Then
    assertThat(answer)
        .startsWith("HTTP/1.1 400 ")
        .contains("malformed-context")
        .contains("1024")
        .hasSizeLessThan(2_000);
    assertThat(sidecar.seen).isEmpty();
  }

  @Test
  void shouldRefuseHeadersThatNoBufferIsFor() throws Exception {
    // When
    String answer = sidecar.inbound("baggage: tx-context=" + "y".repeat(200_000));

    // Then
    assertThat(answer).startsWith("HTTP/1.1 431 ");
    assertThat(sidecar.seen).isEmpty();
    assertThat(sidecar.inbound(sidecar.context(60_000))).startsWith("HTTP/1.1 200 ");
  }

  /** Takes connections where a control service is expected, and speaks something else. */
  private static final class Stranger implements AutoCloseable {
    private static final byte[] HELLO =
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger asked = new AtomicInteger();

    Stranger() throws IOException {
      Thread.ofVirtual().start(this::listen);
    }

    private void listen() {
      while (true) {
        try (Socket socket = server.accept()) {
          asked.incrementAndGet();
          socket.getOutputStream().write(HELLO);
        } catch (SocketException e) {
          if (server.isClosed()) {
            return;
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }

    int asked() {
      return asked.get();
    }

    String context(long remainingMs) {
      String authority = "127.0.0.1:" + server.getLocalPort();
      return "tx-context: 00-%s-%s-00;d=j.elsewhere@%s;v=%s;t=%d"
          .formatted(TX, BRANCH, authority, authority, remainingMs);
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
