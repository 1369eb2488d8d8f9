package io.handfast.proxy.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.server.StartException;
import java.io.IOException;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Upgrades on raw sockets: who may, who may not, and that bytes are bytes behind the 101. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("StringConcatToTextBlock") // Line ends are the subject here.
final class UpgradeTest {
  private static final String FIELDS = "connection: Upgrade\r\nupgrade: websocket\r\n";
  private static final String ACCEPT =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  private static final int LARGE = 4 << 20;

  private final UpgradeProxy proxy;

  UpgradeTest() throws IOException, StartException {
    proxy = UpgradeProxy.start();
  }

  @AfterAll
  void stop() throws IOException {
    proxy.close();
  }

  private static String request(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + FIELDS + "\r\n";
  }

  private record Tunnel(Peer client, Peer service) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      client.close();
      service.close();
    }
  }

  private Tunnel tunnel(String listener, String path) throws IOException {
    Peer client = proxy.connect(listener).send(request(path));
    Peer service = proxy.accept();
    service.readHead();
    service.send(ACCEPT);
    assertThat(client.readHead()).startsWith("http/1.1 101 ");
    return new Tunnel(client, service);
  }

  @Test
  void shouldWriteUpgradeAnewWhenItPasses() throws IOException {
    try (Peer client = proxy.connect("on")) {
      // When
      client.send(
          "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade, X-Hop\r\nX-Hop: 1\r\n"
              + "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

      // Then
      try (Peer service = proxy.accept()) {
        assertThat(service.readHead())
            .startsWith("get /chat http/1.1\r\nhost: a\r\n")
            .contains(FIELDS.toLowerCase(java.util.Locale.ROOT), "sec-websocket-key: ")
            .doesNotContain("x-hop", "keep-alive", "transfer-encoding", "content-length");
        service.send(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
                + "Content-Length: 0\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
        assertThat(client.readHead())
            .startsWith("http/1.1 101 switching protocols\r\n")
            .contains(FIELDS.toLowerCase(java.util.Locale.ROOT), "sec-websocket-accept: ")
            .doesNotContain("content-length", "transfer-encoding");
      }
    }
  }

  static Stream<Arguments> frames() {
    return Stream.of(
        frame("a text", 0x81, 0x05, 'H', 'e', 'l', 'l', 'o'),
        frame("a masked text", 0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58),
        frame("a fragmented text", 0x01, 0x03, 'H', 'e', 'l', 0x80, 0x02, 'l', 'o'),
        frame("a ping between fragments", 0x01, 0x01, 'H', 0x89, 0x01, 'p', 0x80, 0x01, 'i'),
        frame("a ping", 0x89, 0x05, 'H', 'e', 'l', 'l', 'o'),
        frame("a masked pong", 0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58),
        frame("an empty text", 0x81, 0x00),
        frame("an empty binary", 0x82, 0x00),
        frame("a close", 0x88, 0x02, 0x03, 0xe8),
        frame("a close without status", 0x88, 0x00),
        frame("a reserved bit", 0xc1, 0x01, 'x'),
        frame("a reserved opcode", 0x83, 0x00),
        frame("a length in 16 bits", 0x82, 0x7e, 0x01, 0x00, 256),
        frame("a length in 64 bits", 0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0, 65_536),
        frame("text that is no UTF-8", 0x81, 0x02, 0xc3, 0x28),
        frame("what looks like HTTP", 'G', 'E', 'T', ' ', '/', '\r', '\n', '\r', '\n'),
        frame("line ends", '\r', '\n', '\r', '\n', '0', '\r', '\n', '\r', '\n'));
  }

  /** A number above 255 stands for so many bytes. */
  private static Arguments frame(String name, int... parts) {
    int fill = parts[parts.length - 1] > 255 ? parts[parts.length - 1] : 0;
    int head = fill > 0 ? parts.length - 1 : parts.length;
    byte[] bytes = new byte[head + fill];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i < head ? parts[i] : i);
    }
    return Arguments.argumentSet(name, (Object) bytes);
  }

  @ParameterizedTest
  @MethodSource("frames")
  void shouldPassFrameAsItIsWhenUpgraded(byte[] frame) throws IOException {
    // Given
    try (Tunnel tunnel = tunnel("on", "/")) {
      // When
      tunnel.client.send(frame);
      tunnel.service.send(frame);

      // Then
      assertThat(tunnel.service.read(frame.length)).isEqualTo(frame);
      assertThat(tunnel.client.read(frame.length)).isEqualTo(frame);
      tunnel.client.finishSending();
      tunnel.service.finishSending();
      assertThat(tunnel.service.read()).isEqualTo(-1);
      assertThat(tunnel.client.read()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("frames")
  void shouldPassFirstFrameWhenItComesWithThe101(byte[] frame) throws IOException {
    try (Peer client = proxy.connect("on").send(request("/"));
        Peer service = proxy.accept()) {
      // Given
      service.readHead();
      byte[] answer = ACCEPT.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      byte[] both = Arrays.copyOf(answer, answer.length + frame.length);
      System.arraycopy(frame, 0, both, answer.length, frame.length);

      // When
      service.send(both);

      // Then
      assertThat(client.readHead()).startsWith("http/1.1 101 ");
      assertThat(client.read(frame.length)).isEqualTo(frame);
    }
  }

  @Test
  void shouldPassMuchBothWaysAtOnceWhenUpgraded() throws Exception {
    // Given
    byte[] up = random(1);
    byte[] down = random(2);
    try (Tunnel tunnel = tunnel("on", "/")) {
      // When
      CompletableFuture<Peer> sentUp = async(() -> tunnel.client.send(up));
      CompletableFuture<Peer> sentDown = async(() -> tunnel.service.send(down));
      CompletableFuture<byte[]> gotUp = async(() -> tunnel.service.read(LARGE));

      // Then
      assertThat(Arrays.equals(tunnel.client.read(LARGE), down)).isTrue();
      assertThat(Arrays.equals(gotUp.get(), up)).isTrue();
      assertThat(List.of(sentUp.get(), sentDown.get())).hasSize(2);
    }
  }

  private interface Io<T> {
    T run() throws IOException;
  }

  private static <T> CompletableFuture<T> async(Io<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            done.complete(work.run());
          } catch (IOException e) {
            done.completeExceptionally(new ExecutionException(e));
          }
        });
    return done;
  }

  private static byte[] random(long seed) {
    byte[] bytes = new byte[LARGE];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void shouldLetServiceSendOnWhenClientHasEnded() throws IOException {
    // Given
    try (Tunnel tunnel = tunnel("on", "/")) {
      // When
      tunnel.client.send("last").finishSending();

      // Then
      assertThat(tunnel.service.readText(4)).isEqualTo("last");
      assertThat(tunnel.service.read()).isEqualTo(-1);
      tunnel.service.send("more");
      assertThat(tunnel.client.readText(4)).isEqualTo("more");
      tunnel.service.close();
      assertThat(tunnel.client.read()).isEqualTo(-1);
    }
  }

  @Test
  void shouldLetClientSendOnWhenServiceHasEnded() throws IOException {
    // Given
    try (Tunnel tunnel = tunnel("on", "/")) {
      // When
      tunnel.service.send("last").finishSending();

      // Then
      assertThat(tunnel.client.readText(4)).isEqualTo("last");
      assertThat(tunnel.client.read()).isEqualTo(-1);
      tunnel.client.send("more");
      assertThat(tunnel.service.readText(4)).isEqualTo("more");
      tunnel.client.close();
      assertThat(tunnel.service.read()).isEqualTo(-1);
    }
  }

  @Test
  void shouldResetClientWhenServiceResets() throws IOException {
    // Given
    try (Tunnel tunnel = tunnel("on", "/")) {
      // When
      tunnel.service.reset();

      // Then
      assertThatThrownBy(tunnel.client::read).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void shouldResetServiceWhenClientResets() throws IOException {
    // Given
    try (Tunnel tunnel = tunnel("on", "/")) {
      // When
      tunnel.client.reset();

      // Then
      assertThatThrownBy(tunnel.service::read).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void shouldEndBothWhenNothingMoves() throws IOException {
    // Given
    try (Tunnel tunnel = tunnel("idle", "/")) {
      // When / Then
      assertThatThrownBy(tunnel.client::read).isInstanceOf(SocketException.class);
      assertThatThrownBy(tunnel.service::read).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void shouldTimeOutWhenServiceDoesNotAnswerTheUpgrade() throws IOException {
    try (Peer client = proxy.connect("on").send(request("/short"));
        Peer service = proxy.accept()) {
      // Given
      service.readHead();

      // When / Then
      assertThat(client.readHead()).startsWith("http/1.1 504 ");
    }
  }

  /** As in Envoy 1.40. */
  @Test
  void shouldEndBothWhenAStreamMayTakeNoLonger() throws IOException {
    // Given
    try (Tunnel tunnel = tunnel("on", "/limited")) {
      // When / Then
      assertThatThrownBy(tunnel.client::read).isInstanceOf(SocketException.class);
      assertThatThrownBy(tunnel.service::read).isInstanceOf(SocketException.class);
    }
  }

  /** The timeout of a later request, which has none, tells that the tunnel's is over too. */
  @Test
  void shouldStayOpenBeyondTheTimeForTheAnswer() throws IOException {
    // Given
    try (Tunnel tunnel = tunnel("on", "/short");
        Peer later = proxy.connect("on").send(request("/short"));
        Peer service = proxy.accept()) {
      service.readHead();
      assertThat(later.readHead()).startsWith("http/1.1 504 ");

      // When
      tunnel.client.send("still");

      // Then
      assertThat(tunnel.service.readText(5)).isEqualTo("still");
    }
  }

  @Test
  void shouldHoldClientsBytesUntilServiceAccepts() throws IOException {
    try (Peer client = proxy.connect("on").send(request("/") + "early");
        Peer service = proxy.accept()) {
      // Given
      service.readHead();
      assertThat(service.available()).isZero();

      // When
      service.send(ACCEPT);

      // Then
      assertThat(service.readText(5)).isEqualTo("early");
      assertThat(client.readHead()).startsWith("http/1.1 101 ");
    }
  }

  @Test
  void shouldGoOnWithHttpWhenServiceDoesNotUpgrade() throws IOException {
    try (Peer client =
            proxy.connect("on").send(request("/") + "GET /next HTTP/1.1\r\nHost: b\r\n\r\n");
        Peer service = proxy.accept()) {
      // Given
      service.readHead();
      assertThat(service.available()).isZero();

      // When
      service.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno");

      // Then
      assertThat(client.readHead()).startsWith("http/1.1 400 ");
      assertThat(client.readText(2)).isEqualTo("no");
      assertThat(service.readHead()).startsWith("get /next http/1.1\r\nhost: b\r\n");
      service.send("HTTP/1.1 204 No Content\r\n\r\n");
      assertThat(client.readHead()).startsWith("http/1.1 204 ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"on /off", "off /", "off /other"})
  void shouldRefuseWhenUpgradeIsNotAllowed(String where) throws IOException {
    String listener = where.substring(0, where.indexOf(' '));
    String path = where.substring(where.indexOf(' ') + 1);
    try (Peer client = proxy.connect(listener)) {
      // When
      client.send(request(path) + "GET /plain HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");

      // Then
      assertThat(client.readHead()).startsWith("http/1.1 403 ");
      try (Peer service = proxy.accept()) {
        assertThat(service.readHead()).startsWith("get /plain ");
      }
    }
  }

  @Test
  void shouldUpgradeWhenOnlyRouteAllowsIt() throws IOException {
    try (Tunnel tunnel = tunnel("off", "/on")) {
      // When
      tunnel.client.send("x");

      // Then
      assertThat(tunnel.service.readText(1)).isEqualTo("x");
    }
  }

  @Test
  void shouldUpgradeToAnyProtocolThatIsAllowed() throws IOException {
    try (Peer client = proxy.connect("on")) {
      // When
      client.send(
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: upgrade\r\n"
              + "Upgrade: h2c, TLS/1.3, Tunnel/1\r\n\r\n");

      // Then
      try (Peer service = proxy.accept()) {
        assertThat(service.readHead()).contains("upgrade: tunnel/1\r\n");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: TLS/1.2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
            + "Content-Length: 1\r\n\r\nx"
      })
  void shouldIgnoreUpgradeThatIsNone(String request) throws IOException {
    try (Peer client = proxy.connect("on").send(request);
        Peer service = proxy.accept()) {
      // When
      String head = service.readHead();

      // Then
      assertThat(head).doesNotContain("upgrade");
      service.send("HTTP/1.1 204 No Content\r\n\r\n");
      assertThat(client.readHead()).startsWith("http/1.1 204 ");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n",
        "HTTP/1.1 101 X\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n\r\n"
      })
  void shouldAnswer502WhenServiceUpgradesToSomethingElse(String answer) throws IOException {
    try (Peer client = proxy.connect("on").send(request("/"));
        Peer service = proxy.accept()) {
      // Given
      service.readHead();

      // When
      service.send(answer);

      // Then
      assertThat(client.readHead()).startsWith("http/1.1 502 ");
      assertThat(service.read()).isEqualTo(-1);
    }
  }
}
