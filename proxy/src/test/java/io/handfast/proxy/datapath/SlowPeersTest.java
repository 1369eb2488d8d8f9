package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable.Route;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Peers that begin and do not go on: each is let go by the timeout that is for it. */
final class SlowPeersTest {
  private static final Duration SOON = Duration.ofMillis(50);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "head|GET / HTTP/1.1#Host: h#X-Slow: |408",
        "idle|POST / HTTP/1.1#Host: h#Content-Length: 10##abc|408",
        "idle|POST / HTTP/1.1#Host: h#Transfer-Encoding: chunked##3#ab|408",
        "request|POST / HTTP/1.1#Host: h#Content-Length: 10##abc|408",
        "idle|GET / HTTP/1.1#Host: h##|504",
      })
  void shouldAnswerAndCloseWhenNothingMoves(String timeout, String bytes, int status) {
    // Given: a service that never answers
    HttpTimeouts plain = HttpTimeouts.DEFAULTS;
    HttpTimeouts hasty =
        new HttpTimeouts(
            timeout.equals("idle") ? SOON : plain.streamIdle(),
            timeout.equals("request") ? SOON : plain.request(),
            timeout.equals("head") ? SOON : plain.requestHeaders(),
            plain.connectionIdle(),
            plain.delayedClose());
    Route route =
        Route.of(
            RouteMatch.prefix("/"),
            new RouteAction.Forward("service", RouteAction.ForwardOptions.DEFAULTS));
    try (RawService silent = RawService.running(RawConnection::readToEnd);
        InProcessProxy proxy =
            InProcessProxy.running(
                Configs.http(0, hasty, route), List.of(Configs.cluster(silent.port())));
        RawConnection client = proxy.connect()) {
      // When
      client.send(bytes.replace("#", "\r\n"));

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 " + status + " ");
    }
  }

  @Test
  void shouldCloseBehindRefusalWhenNobodyIsToBeWaitedFor() {
    // Given
    HttpTimeouts plain = HttpTimeouts.DEFAULTS;
    HttpTimeouts hasty =
        new HttpTimeouts(
            plain.streamIdle(),
            plain.request(),
            plain.requestHeaders(),
            plain.connectionIdle(),
            Duration.ZERO);
    try (InProcessProxy proxy = InProcessProxy.running(Configs.http(0, hasty), List.of());
        RawConnection client = proxy.connect()) {
      // When
      client.send("nonsense\r\n\r\n");

      // Then: the client has not closed, nor will it.
      assertThat(client.readHead()).startsWith("HTTP/1.1 400 ");
      await().until(() -> proxy.stats.http("test").cxActive.value() == 0);
    }
  }
}
