package io.handfast.proxy.transparency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.server.StartException;
import io.handfast.proxy.stats.HttpStats;
import io.handfast.proxy.transparency.Party.Rest;
import io.handfast.proxy.transparency.Way.Http;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * WebSockets and CONNECT, over every way: HTTP/1.1's upgrade and HTTP/2's extended CONNECT are the
 * same to client and service, and behind the answer bytes are bytes.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TunnelTest {
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
  private static final String ALL_WAYS = "io.handfast.proxy.transparency.Way#all";

  private Mesh mesh;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException, StartException {
    mesh = Mesh.start(directory);
  }

  @BeforeEach
  void reset() throws IOException {
    mesh.reset();
  }

  @AfterAll
  void stop() throws IOException {
    mesh.close();
  }

  private static void askForWebSocket(Party client, Way way, String path) {
    if (way.client() == Http.H1) {
      client.send(
          true,
          ":method",
          "GET",
          ":path",
          path,
          ":authority",
          "h.example",
          "connection",
          "Upgrade",
          "upgrade",
          "websocket",
          "sec-websocket-key",
          KEY,
          "sec-websocket-version",
          "13");
    } else {
      client.send(
          false,
          ":method",
          "CONNECT",
          ":protocol",
          "websocket",
          ":scheme",
          "http",
          ":path",
          path,
          ":authority",
          "h.example",
          "sec-websocket-version",
          "13");
    }
  }

  private static void askForConnect(Party client, String... more) {
    String[] fields = new String[4 + more.length];
    fields[0] = ":method";
    fields[1] = "CONNECT";
    fields[2] = ":authority";
    fields[3] = "far.example:443";
    System.arraycopy(more, 0, fields, 4, more.length);
    client.send(false, fields);
  }

  private static void assertAsked(Head asked, Way way) {
    assertThat(asked.value(":path")).isEqualTo("/chat");
    assertThat(asked.value(":authority")).isEqualTo("h.example");
    assertThat(asked.has("sec-websocket-version", "13")).isTrue();
    assertThat(asked.has("content-length")).isFalse();
    if (way.service() == Http.H1) {
      assertThat(asked.value(":method")).isEqualTo("GET");
      assertThat(asked.value("upgrade")).isEqualTo("websocket");
      assertThat(asked.value("connection")).isEqualTo("upgrade");
      assertThat(asked.value("sec-websocket-key")).hasSize(24);
    } else {
      assertThat(asked.value(":method")).isEqualTo("CONNECT");
      assertThat(asked.value(":protocol")).isEqualTo("websocket");
      assertThat(asked.value(":scheme")).isNotNull();
    }
  }

  private static void acceptWebSocket(Party service, Way way, Head asked) {
    if (way.service() == Http.H1) {
      String answer = WebSocketAnswer.to(asked.value("sec-websocket-key"));
      service.send(
          true,
          ":status",
          "101",
          "connection",
          "Upgrade",
          "upgrade",
          "websocket",
          "sec-websocket-accept",
          answer,
          "sec-websocket-protocol",
          "chat");
    } else {
      service.send(false, ":status", "200", "sec-websocket-protocol", "chat");
    }
    service.tunnel();
  }

  private static void assertAccepted(Head answer, Way way) {
    assertThat(answer.value("sec-websocket-protocol")).isEqualTo("chat");
    assertThat(answer.has("content-length")).isFalse();
    assertThat(answer.has("transfer-encoding")).isFalse();
    if (way.client() == Http.H1) {
      assertThat(answer.status()).isEqualTo("101");
      assertThat(answer.value("upgrade")).isEqualTo("websocket");
      assertThat(answer.value("sec-websocket-accept")).isEqualTo(ACCEPT);
    } else {
      assertThat(answer.status()).isEqualTo("200");
      assertThat(answer.has("sec-websocket-accept")).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldCarryWebSocketWhenServiceAccepts(Way way) throws IOException {
    HttpStats stats = mesh.stats(way).http("mesh");
    long before = stats.cxUpgradesTotal.value();
    try (Party client = mesh.client(way)) {
      // When
      askForWebSocket(client, way, "/chat");
      try (Party service = mesh.service(way)) {
        Head asked = service.head();
        assertAsked(asked, way);
        acceptWebSocket(service, way, asked);
        assertAccepted(client.head(), way);
        client.tunnel();

        // Then
        client.data("\u0081\u0085\u0000\r\n");
        assertThat(service.read(5)).isEqualTo("\u0081\u0085\u0000\r\n");
        service.data("0\r\n\r\n\u00ff");
        assertThat(client.read(6)).isEqualTo("0\r\n\r\n\u00ff");
        assertThat(stats.cxUpgradesTotal.value()).isEqualTo(before + 1);
        assertThat(stats.cxUpgradesActive.value()).isPositive();
        client.end();
        assertThat(service.rest()).isEqualTo(new Rest("", List.of(), false));
        if (way.endsApart()) {
          service.data("last");
        }
        service.end();
        assertThat(client.rest().body()).isEqualTo(way.endsApart() ? "last" : "");
      }
    }
    await().until(() -> stats.cxUpgradesActive.value() == 0);
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldLetClientSendOnWhenFarEndHasEnded(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // Given
      askForConnect(client);
      try (Party far = mesh.far()) {
        assertThat(client.head().status()).isEqualTo("200");
        client.tunnel();

        // When
        far.data("last");
        far.end();

        // Then
        assertThat(client.rest()).isEqualTo(new Rest("last", List.of(), false));
        if (way.endsApart()) {
          client.data("more");
          assertThat(far.read(4)).isEqualTo("more");
        }
        client.end();
        assertThat(far.rest()).isEqualTo(new Rest("", List.of(), false));
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldCarryBytesWhenConnectEndsHere(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // Given
      askForConnect(client);
      try (Party far = mesh.far()) {
        // When
        far.data("220 ready\r\n"); // it speaks first

        // Then
        Head answer = client.head();
        client.tunnel();
        assertThat(answer.status()).isEqualTo("200");
        assertThat(answer.has("content-length")).isFalse();
        assertThat(answer.has("transfer-encoding")).isFalse();
        assertThat(client.read(11)).isEqualTo("220 ready\r\n");
        client.data("GET / HTTP/1.1\r\n\r\n");
        assertThat(far.read(18)).isEqualTo("GET / HTTP/1.1\r\n\r\n");
        client.end();
        assertThat(far.rest().body()).isEmpty();
        String last = way.endsApart() ? "more" : "";
        far.data(last);
        far.end();
        assertThat(client.rest()).isEqualTo(new Rest(last, List.of(), false));
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldPassConnectOnWhenServiceIsAProxy(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      askForConnect(client, "x-pass", "1");
      try (Party proxy = mesh.service(way)) {
        Head asked = proxy.head();
        assertThat(asked.value(":method")).isEqualTo("CONNECT");
        assertThat(asked.value(way.service() == Http.H1 ? ":path" : ":authority"))
            .isEqualTo("far.example:443");
        assertThat(asked.value(":authority")).isEqualTo("far.example:443");
        assertThat(asked.has(":scheme")).isFalse();
        assertThat(asked.has("transfer-encoding")).isFalse();
        proxy.send(false, ":status", "200");
        proxy.tunnel();

        // Then
        assertThat(client.head().status()).isEqualTo("200");
        client.tunnel();
        client.data("up");
        assertThat(proxy.read(2)).isEqualTo("up");
        proxy.data("down");
        proxy.end();
        assertThat(client.rest()).isEqualTo(new Rest("down", List.of(), false));
        client.end();
        assertThat(proxy.rest().reset()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldPassRefusalOnWhenServiceDeclines(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      askForWebSocket(client, way, "/chat");
      try (Party service = mesh.service(way)) {
        service.head();
        service.send(false, ":status", "426", "content-length", "3");
        service.data("no.");
        service.end();

        // Then
        assertThat(client.head().status()).isEqualTo("426");
        assertThat(client.rest().body()).isEqualTo("no.");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.handfast.proxy.transparency.TunnelTest#serviceWithHttp1")
  void shouldNotLookAcceptedWhenServiceGoesOnWithoutUpgrade(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      askForWebSocket(client, way, "/chat");
      try (Party service = mesh.service(way)) {
        service.head();
        service.send(false, ":status", "200", "content-length", "5");
        service.data("plain");

        // Then: to HTTP/2 a 200 would be the acceptance
        boolean http2 = way.client() == Http.H2 || way.link() == Http.H2;
        assertThat(client.head().status()).isEqualTo(http2 ? "502" : "200");
        assertThat(client.rest().body()).isEqualTo("plain");
      }
    }
  }

  static Stream<Way> serviceWithHttp1() {
    return Way.withService(Http.H1);
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldAnswer403WhenRouteOpensNoTunnel(Way way) throws IOException {
    try (Party webSocket = mesh.client(way);
        Party connect = mesh.client(way)) {
      // When
      askForWebSocket(webSocket, way, "/off");
      askForConnect(connect, "x-off", "1");

      // Then
      assertThat(webSocket.head().status()).isEqualTo("403");
      assertThat(connect.head().status()).isEqualTo("403");
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldAnswer404WhenNoRouteTakesTheConnect(Way way) throws IOException {
    try (Party connect = mesh.client(way)) {
      // When: routes take every path, but a CONNECT has none
      askForConnect(connect, "x-lost", "1");

      // Then
      assertThat(connect.head().status()).isEqualTo("404");
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldResetClientWhenFarEndResets(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // Given
      askForConnect(client);
      try (Party far = mesh.far()) {
        client.head();
        client.tunnel();

        // When
        far.reset();

        // Then
        assertThat(client.rest().reset()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldResetFarEndWhenClientResets(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // Given
      askForConnect(client);
      try (Party far = mesh.far()) {
        client.head();
        client.tunnel();

        // When
        client.reset();

        // Then
        assertThat(far.rest().reset()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldKeepEarlyBytesBackUntilTunnelIsOpen(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // Given
      askForConnect(client, "x-pass", "1");
      client.tunnel();
      client.data("early");
      try (Party proxy = mesh.service(way)) {
        proxy.head();

        // When
        proxy.send(false, ":status", "200");
        proxy.tunnel();

        // Then
        assertThat(client.head().status()).isEqualTo("200");
        assertThat(proxy.read(5)).isEqualTo("early");
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldForwardNothingBehindConnectWhenProxyRefusesIt(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // Given
      askForConnect(client, "x-pass", "1");
      client.tunnel();
      client.data("GET /smuggled HTTP/1.1\r\nhost: h\r\n\r\n");
      try (Party proxy = mesh.service(way)) {
        proxy.head();

        // When
        proxy.send(true, ":status", "407", "content-length", "0");

        // Then
        assertThat(client.head().status()).isEqualTo("407");
        assertThat(client.rest().body()).isEmpty();
        assertThat(proxy.rest().body()).isEmpty();
      }
    }
  }
}
