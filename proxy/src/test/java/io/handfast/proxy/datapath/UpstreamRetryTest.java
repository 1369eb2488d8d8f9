package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.HttpFilter;
import io.handfast.proxy.http.HttpFilterFactory;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.StreamInfo;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is sent again, and what is not for want of room. */
final class UpstreamRetryTest extends UpstreamFixture {
  @ParameterizedTest
  @CsvSource({
    "GET, false, 200", // sent again on another connection
    "GET, true, 503",
    "POST, false, 503" // not idempotent
  })
  void shouldRetryOnADeadKeptConnectionOnlyWhenItMay(String method, boolean forbidden, int status) {
    // Given
    BlockingQueue<String> answers = new LinkedBlockingQueue<>(List.of(OK, "", OK));
    RawService service =
        kept(
            RawService.running(connection -> {
              for (String head = connection.readHead();
                  !head.isEmpty();
                  head = connection.readHead()) {
                String answer = answers.remove();
                if (answer.isEmpty()) {
                  return;
                }
                connection.send(answer);
              }
            }));
    HttpFilterFactory filter =
        context ->
            new HttpFilter() {
              @Override
              public FilterStatus onRequestHead(RequestHead head, boolean endStream) {
                if (forbidden) {
                  context.forbidRetry();
                }
                return FilterStatus.CONTINUE;
              }
            };
    InProcessProxy proxy =
        kept(
            InProcessProxy.running(
                Configs.forward(1), List.of(Configs.cluster(service.port())), filter));
    RawConnection client = client(proxy);
    client.send(method + " / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    client.readHead();
    client.readExactly(2);
    proxy.nextEnded();

    // When
    client.send(method + " / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");

    // Then
    assertThat(client.readHead()).startsWith("HTTP/1.1 " + status + " ");
    StreamInfo info = proxy.nextEnded();
    assertThat(info.flagsText()).isEqualTo(status == 200 ? "-" : "UC");
    assertThat(info.attempts()).isEqualTo(status == 200 ? 2 : 1);
    assertThat(service.connections()).isEqualTo(status == 200 ? 2 : 1);
  }

  @Test
  void shouldNotRetryWhenTheServiceHasBegunToAnswer() {
    // Given
    BlockingQueue<String> answers =
        new LinkedBlockingQueue<>(List.of(OK, "HTTP/1.1 103 Early Hints\r\n\r\n", OK));
    InProcessProxy proxy =
        proxy(connection -> {
          while (!connection.readHead().isEmpty()) {
            String answer = answers.remove();
            connection.send(answer);
            if (answer.contains("103")) {
              return;
            }
          }
        });
    RawConnection client = client(proxy);
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    client.readHead();
    client.readExactly(2);

    // When: it dies on a kept connection, but has seen the request.
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

    // Then
    assertThat(client.readHead()).startsWith("HTTP/1.1 103 ");
    assertThat(client.readHead()).startsWith("HTTP/1.1 503 ");
    assertThat(answers).containsExactly(OK);
  }

  @ParameterizedTest
  @CsvSource({"0, 9, 9", "9, 0, 9", "9, 9, 0"})
  void shouldAnswer503UOWhenACircuitBreakerIsOpen(int connections, int pending, int requests) {
    // Given
    InProcessProxy proxy =
        proxy(
            ForwardOptions.DEFAULTS,
            Configs.cluster(
                new CircuitBreakers(connections, pending, requests, 3), Duration.ofSeconds(5), 1));
    RawConnection client = client(proxy);

    // When
    client.send(GET);

    // Then
    assertThat(client.readHead())
        .startsWith("HTTP/1.1 503 ")
        .contains("\r\nx-envoy-overloaded: true\r\n");
    assertLogged(proxy, 503, "UO", "upstream_reset_before_response_started{overflow}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|3|UF|reset reason",
        "2|3|URX,UF|retried and the latest reset reason",
        "2|0|UO,UF|reset reason",
      })
  void shouldCountRetriesAgainstTheirBounds(
      int numRetries, int maxRetries, String flags, String words) throws Exception {
    // Given
    InProcessProxy proxy =
        proxy(
            Configs.options(Duration.ofSeconds(15), new RetryPolicy(numRetries > 0, numRetries)),
            Configs.cluster(
                new CircuitBreakers(9, 9, 9, maxRetries),
                Duration.ofSeconds(5),
                kept(new ClosedPort()).number()));
    RawConnection client = client(proxy);

    for (int i = 0; i < 2; i++) { // what a retry took it gives back
      // When
      client.send(GET);

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 503 ");
      String body = ERROR + words + ": remote connection failure";
      assertThat(client.readExactly(body.length())).isEqualTo(body);
      assertLogged(
          proxy,
          503,
          flags,
          "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}");
    }
    assertThat(proxy.stats.counter("cluster.service.upstream_rq_retry").value())
        .isEqualTo(maxRetries == 0 ? 0 : 2L * numRetries);
    assertThat(proxy.stats.counter("cluster.service.upstream_rq_retry_overflow").value())
        .isEqualTo(maxRetries == 0 ? 2 : 0);
  }
}
