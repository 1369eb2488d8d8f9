package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.Policies.MESH;
import static io.handfast.proxy.transaction.Policies.callback;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Boundary;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is sent twice is two branches (T2), so a sidecar sends nothing again by itself: not even a
 * GET on a kept connection that has died, which it repeats for everybody else.
 */
class RetriedCallsTest {
  private static final Duration SOON = Duration.ofSeconds(2);

  @TempDir private Path directory;

  private static RoutePolicy boundary() {
    return new RoutePolicy(
        Propagation.REQUIRED,
        new Boundary(SOON, Duration.ofSeconds(1), 1 << 20, false, false),
        callback(),
        false);
  }

  @Test
  void shouldRepeatWhatIsInNoTransaction() throws Exception {
    try (Dying service = new Dying();
        SidecarRig rig = new SidecarRig("front", directory, new Neighbours(), exchange -> {})) {
      // Given
      int port = rig.inbound(RoutePolicy.NONE, service.port(), false);
      assertThat(SidecarRig.send(port, "GET", "").statusCode()).isEqualTo(200);
      rig.awaitStreamEnd(port);

      // When
      int status = SidecarRig.send(port, "GET", "").statusCode();

      // Then: so that the others are right for the right reason
      assertThat(status).isEqualTo(200);
      assertThat(service.requests.get()).isEqualTo(3);
    }
  }

  @Test
  void shouldNotRepeatARequestToItsServiceT2() throws Exception {
    try (Dying service = new Dying();
        SidecarRig rig = new SidecarRig("front", directory, new Neighbours(), exchange -> {})) {
      // Given
      int port = rig.inbound(boundary(), service.port(), false);
      assertThat(SidecarRig.send(port, "GET", "").statusCode()).isEqualTo(200);
      rig.awaitStreamEnd(port);

      // When
      int status = SidecarRig.send(port, "GET", "").statusCode();

      // Then
      assertThat(status).isBetween(500, 599);
      assertThat(service.requests.get()).isEqualTo(2);
    }
  }

  @Test
  void shouldNotRepeatACallToAnotherServiceT2() throws Exception {
    CompletableFuture<Integer> outbound = new CompletableFuture<>();
    try (Dying peer = new Dying();
        SidecarRig rig =
            new SidecarRig(
                "front",
                directory,
                new Neighbours(),
                exchange ->
                    SidecarRig.answer(
                        exchange,
                        SidecarRig.send(outbound.join(), "GET", "", SidecarRig.carried(exchange))
                            .statusCode(),
                        ""))) {
      // Given: it has no sidecar, and so no vote
      outbound.complete(rig.outbound(RoutePolicy.NONE, peer.port(), MESH));
      int port = rig.inbound(boundary(), false);
      SidecarRig.send(port, "POST", "{}");
      rig.awaitStreamEnd(outbound.join());
      assertThat(peer.requests.get()).isEqualTo(1);

      // When
      SidecarRig.send(port, "POST", "{}");

      // Then
      assertThat(peer.requests.get()).isEqualTo(2);
    }
  }

  /** Answers, but for the second request, at which it closes the connection. */
  private static final class Dying implements AutoCloseable {
    final AtomicInteger requests = new AtomicInteger();
    private final ServerSocket socket = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());

    Dying() throws IOException {
      Thread.ofVirtual().start(this::acceptAll);
    }

    int port() {
      return socket.getLocalPort();
    }

    private void acceptAll() {
      while (!socket.isClosed()) {
        try {
          Socket connection = socket.accept();
          Thread.ofVirtual().start(() -> serve(connection));
        } catch (IOException closed) {
          return;
        }
      }
    }

    private void serve(Socket connection) {
      try (connection) {
        while (readHead(connection.getInputStream()) && requests.incrementAndGet() != 2) {
          connection
              .getOutputStream()
              .write(
                  "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
                      .getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException gone) {
        // The sidecar has closed it.
      }
    }

    /** False at the end of the connection. */
    private static boolean readHead(InputStream in) throws IOException {
      StringBuilder head = new StringBuilder();
      for (int c = in.read(); c >= 0; c = in.read()) {
        head.append((char) c);
        if (head.toString().endsWith("\r\n\r\n")) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void close() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
