package io.handfast.proxy.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The JDK's WebSocket client through a sidecar to a service that sends its messages back. */
@SuppressWarnings("StringConcatToTextBlock") // Line ends are the subject here.
final class WebSocketTest {
  private static final Pattern KEY = Pattern.compile("(?i)sec-websocket-key: (\\S+)");
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int CLOSE = 0x8;

  @Test
  void shouldCarryWebSocketOfTheJdk() throws Exception {
    try (UpgradeProxy proxy = UpgradeProxy.start();
        HttpClient http = HttpClient.newHttpClient()) {
      // Given
      Thread.ofVirtual().start(() -> serve(proxy));
      Messages messages = new Messages();
      WebSocket socket =
          http.newWebSocketBuilder()
              .buildAsync(URI.create("ws://127.0.0.1:" + proxy.port("on") + "/chat"), messages)
              .get(10, TimeUnit.SECONDS);
      String large = "0123456789".repeat(7_000);

      // When
      socket.sendText("hello", true).get(10, TimeUnit.SECONDS);
      socket.sendText(large, true).get(10, TimeUnit.SECONDS);
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "done").get(10, TimeUnit.SECONDS);

      // Then
      assertThat(messages.closed.get(10, TimeUnit.SECONDS)).isEqualTo("hello" + large + "1000");
    }
  }

  private static final class Messages implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<String> closed = new CompletableFuture<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      closed.complete(text.toString() + status);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      closed.completeExceptionally(error);
    }
  }

  /** Accepts one WebSocket and sends back every frame without its mask, the close included. */
  private static void serve(UpgradeProxy proxy) {
    try (Peer peer = proxy.accept()) {
      Matcher key = KEY.matcher(head(peer));
      assertThat(key.find()).isTrue();
      peer.send(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Accept: "
              + accept(key.group(1))
              + "\r\n\r\n");
      while (echo(peer) != CLOSE) {
        // The next frame.
      }
    } catch (IOException gone) {
      // The client sees it.
    }
  }

  /** In the case that it came in: the key is compared. */
  private static String head(Peer peer) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) peer.read());
    }
    return head.toString();
  }

  private static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int echo(Peer peer) throws IOException {
    byte[] start = peer.read(2);
    int length = start[1] & 0x7f;
    byte[] more = peer.read(length == 126 ? 2 : length == 127 ? 8 : 0);
    for (int i = 0; i < more.length; i++) {
      length = (i == 0 ? 0 : length << 8) | (more[i] & 0xff);
    }
    byte[] mask = peer.read(4);
    byte[] payload = peer.read(length);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i & 3];
    }
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(start[0]);
    frame.write(start[1] & 0x7f);
    frame.writeBytes(more);
    frame.writeBytes(payload);
    peer.send(frame.toByteArray());
    return start[0] & 0xf;
  }
}
