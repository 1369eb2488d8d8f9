package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.overload.Overloads;
import java.io.UncheckedIOException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client meets while the process protects itself. */
final class OverloadTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

  private final RawService service =
      RawService.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  private final InProcessProxy proxy = InProcessProxy.to(service.port());

  @AfterEach
  void close() {
    proxy.close();
    service.close();
  }

  @Test
  void shouldCloseBehindTheAnswerWhenKeepAliveIsDisabled() {
    try (RawConnection client = proxy.connect()) {
      // Given
      client.send(GET);
      assertThat(client.readHead()).doesNotContain("connection: close");

      // When
      Overloads.disableKeepAlive(proxy.overload);
      client.send(GET);

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 200 ").contains("connection: close");
      assertThat(client.readHead()).isEmpty();
      assertThat(proxy.stats.http("test").cxOverloadDisableKeepalive.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldGoAwayBehindTheAnswerWhenKeepAliveIsDisabled() {
    try (RawHttp2 client = RawHttp2.client(proxy.port())) {
      // Given
      Overloads.disableKeepAlive(proxy.overload);

      // When
      client.get(1);

      // Then
      client.expect(RawHttp2.GOAWAY);
      assertThat(proxy.stats.http("test").cxOverloadDisableKeepalive.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldAnswer503WhenRequestsAreRefused() {
    try (RawConnection client = proxy.connect()) {
      // Given
      Overloads.refuseRequests(proxy.overload);

      // When
      client.send(GET);

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 503 ").contains("\r\nretry-after: 1\r\n");
      StreamInfo info = proxy.nextEnded();
      assertThat(info.flagsText()).isEqualTo("OM");
      assertThat(info.details()).isEqualTo("overload");
      assertThat(service.connections()).isZero();
      assertThat(proxy.stats.http("test").rqOverloadClose.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldCloseConnectionsAsTheyComeWhenTheyAreRefused() {
    // Given
    try (RawConnection before = proxy.connect()) {
      before.send(GET);
      assertThat(before.readHead()).startsWith("HTTP/1.1 200 ");
      Overloads.refuseConnections(proxy.overload);

      // When, Then
      try (RawConnection refused = proxy.connect()) {
        assertThat(refused.readToEnd()).isEmpty();
      }
      before.send(GET);
      assertThat(before.readHead()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void shouldCloseConnectionsThatAreOneTooMany() {
    // Given
    Overloads.maxConnections(proxy.overload, 1);
    try (RawConnection first = proxy.connect()) {
      first.send(GET);
      assertThat(first.readHead()).startsWith("HTTP/1.1 200 ");

      // When, Then
      try (RawConnection second = proxy.connect()) {
        assertThat(second.readToEnd()).isEmpty();
      }
    }
    // When the first has gone, there is room again
    Awaitility.await()
        .until(() -> {
          try (RawConnection third = proxy.connect()) {
            third.send(GET);
            return third.readHead().startsWith("HTTP/1.1 200 ");
          } catch (UncheckedIOException refused) {
            return false;
          }
        });
  }
}
