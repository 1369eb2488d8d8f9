package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.HeaderMutations.HeaderSet;
import io.handfast.proxy.config.HeaderMutations.IfPresent;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable.Route;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a client is told, and the access log, when the service or the client does not do its part:
 * statuses, flags and details as Envoy 1.40 gives them.
 */
final class UpstreamFailureTest extends UpstreamFixture {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|503|UC|connection termination",
        "HTTP/1.1 200 OK#Content-Le|502|UPE|protocol error",
        "SPEAKS SOMETHING ELSE##|502|UPE|protocol error",
        "HTTP/1.1 200 OK#Content-Length: 1#Transfer-Encoding: chunked##|502|UPE|protocol error",
      })
  void shouldAnswerWhenTheServiceClosesOrMumbles(
      String bytes, int status, String flags, String reason) {
    // Given
    InProcessProxy proxy =
        proxy(connection -> {
          connection.readHead();
          connection.send(bytes.replace("#", "\r\n"));
        });
    RawConnection client = client(proxy);

    // When
    client.send(GET);

    // Then
    String body = ERROR + "reset reason: " + reason;
    assertThat(client.readHead())
        .startsWith("HTTP/1.1 " + status + " ")
        .contains("\r\ncontent-length: " + body.length() + "\r\n", "\r\ndate: ")
        .doesNotContain("connection: close");
    assertThat(client.readExactly(body.length())).isEqualTo(body);
    assertLogged(
        proxy,
        status,
        flags,
        "upstream_reset_before_response_started{" + reason.replace(' ', '_') + "}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Content-Length: 20##abc",
        "Transfer-Encoding: chunked##3#abc#",
        "Transfer-Encoding: chunked##3#abc#0#X: y"
      })
  void shouldBreakTheAnswerOffWhenTheServiceDoes(String bytes) {
    // Given
    InProcessProxy proxy =
        proxy(connection -> {
          connection.readHead();
          connection.send("HTTP/1.1 200 OK\r\n" + bytes.replace("#", "\r\n"));
        });
    RawConnection client = client(proxy);

    // When
    client.send(GET);

    // Then
    assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
    assertThat(client.readToEnd()).contains("abc").doesNotContain("\r\n0\r\n");
    assertLogged(proxy, 200, "UPE", "upstream_reset_after_response_started{protocol_error}");
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void shouldBreakTheRequestOffWhenTheClientDoes(boolean chunked) throws InterruptedException {
    // Given
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    InProcessProxy proxy =
        proxy(connection -> {
          connection.readHead();
          seen.add(connection.readUntil("hello"));
          seen.add(connection.readToEnd());
        });
    RawConnection client = client(proxy);
    String framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: 50";
    client.send("POST / HTTP/1.1\r\nHost: h\r\n" + framing + "\r\n\r\n");
    client.send(chunked ? "5\r\nhello\r\n" : "hello");
    assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo(chunked ? "5\r\nhello" : "hello");

    // When
    client.finishSending();

    // Then
    assertThat(client.readToEnd()).isEmpty();
    assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo(chunked ? "\r\n" : "");
    assertLogged(proxy, 0, "DC", "downstream_remote_disconnect");
  }

  /** Envoy 1.40 takes it for a disconnect too: nobody may be there to read the answer. */
  @Test
  void shouldEndTheRequestWhenTheClientHasClosedItsSideAndWaits() throws InterruptedException {
    // Given
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    InProcessProxy proxy =
        proxy(connection -> {
          seen.add(connection.readHead());
          seen.add(connection.readToEnd());
        });
    RawConnection client = client(proxy);
    client.send(GET);
    assertThat(seen.poll(20, TimeUnit.SECONDS)).startsWith("GET / ");

    // When
    client.finishSending();

    // Then
    assertThat(client.readToEnd()).isEmpty();
    assertThat(seen.poll(20, TimeUnit.SECONDS)).isEmpty();
    assertLogged(proxy, 0, "DC", "downstream_remote_disconnect");
  }

  @Test
  void shouldPassTheAnswerOnWhenTheServiceClosesItsSideBehindIt() {
    // Given
    InProcessProxy proxy =
        proxy(connection -> {
          connection.readHead();
          connection.send(OK);
          connection.finishSending();
          connection.readToEnd();
        });
    RawConnection client = client(proxy);

    for (int i = 0; i < 2; i++) {
      // When
      client.send(GET);

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
      assertThat(client.readExactly(2)).isEqualTo("ok");
      assertLogged(proxy, 200, "-", "via_upstream");
    }
  }

  @Test
  void shouldEndTheBodyWhereTheServiceClosesItsSide() {
    // Given
    InProcessProxy proxy =
        proxy(connection -> {
          connection.readHead();
          connection.send("HTTP/1.1 200 OK\r\n\r\nabc");
          connection.finishSending();
          connection.readToEnd();
        });
    RawConnection client = client(proxy);

    // When
    client.send(GET);

    // Then
    assertThat(client.readHead()).contains("\r\ntransfer-encoding: chunked\r\n");
    assertThat(client.readUntil("0\r\n\r\n")).isEqualTo("3\r\nabc\r\n0\r\n\r\n");
    assertLogged(proxy, 200, "-", "via_upstream");
  }

  @Test
  void shouldAnswer503UFWhenConnectingTakesTooLong() throws IOException {
    // Given a socket that accepts nobody, and whose backlog is full
    try (ServerSocketChannel full = ServerSocketChannel.open()) {
      full.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
      InetSocketAddress address = (InetSocketAddress) full.getLocalAddress();
      for (int i = 0; i < 4; i++) {
        SocketChannel waiting = kept(SocketChannel.open());
        waiting.setOption(StandardSocketOptions.TCP_NODELAY, true);
        waiting.configureBlocking(false);
        waiting.connect(address);
      }
      InProcessProxy proxy =
          proxy(
              ForwardOptions.DEFAULTS,
              Configs.cluster(CircuitBreakers.DEFAULTS, Duration.ofMillis(50), address.getPort()));
      RawConnection client = client(proxy);

      // When
      client.send(GET);

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 503 ");
      assertLogged(proxy, 503, "UF", "upstream_reset_before_response_started{connection_timeout}");
      assertThat(proxy.stats.counter("cluster.service.upstream_cx_connect_timeout").value())
          .isEqualTo(1);
    }
  }

  @Test
  void shouldBreakTheAnswerOffWhenItTakesTooLong() {
    // Given
    RawService service =
        kept(
            RawService.running(connection -> {
              connection.readHead();
              connection.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nabc");
              connection.readToEnd();
            }));
    InProcessProxy proxy =
        proxy(
            Configs.options(Duration.ofMillis(200), RetryPolicy.NONE),
            Configs.cluster(service.port()));
    RawConnection client = client(proxy);

    // When
    client.send(GET);

    // Then
    client.readHead();
    assertThat(client.readToEnd()).isEqualTo("abc");
    assertLogged(proxy, 200, "UT", "response_timeout");
  }

  @Test
  void shouldDateResponsesUnlessTheServiceDid() {
    // Given
    BlockingQueue<String> answers =
        new LinkedBlockingQueue<>(
            List.of(OK, "HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n"));
    InProcessProxy proxy =
        proxy(connection -> {
          while (!connection.readHead().isEmpty()) {
            connection.send(answers.remove());
          }
        });
    RawConnection client = client(proxy);

    // When
    client.send(GET);
    String ours = client.readHead();
    client.readExactly(2);
    client.send(GET);
    String theirs = client.readHead();
    client.send("NONSENSE\r\n\r\n");
    String refusal = client.readHead();

    // Then
    assertThat(date(ours).getYear()).isGreaterThan(2000);
    assertThat(theirs).containsOnlyOnce("date: ").contains("date: Thu, 01 Jan 1970 00:00:00 GMT");
    assertThat(refusal).startsWith("HTTP/1.1 400 ");
    assertThat(date(refusal).getYear()).isGreaterThan(2000);
  }

  @Test
  void shouldChangeHeadersOfLocalRepliesAsTheRouteSays() {
    // Given
    HeaderMutations mutations =
        new HeaderMutations(
            List.of(),
            List.of(),
            List.of("x-envoy-overloaded"),
            List.of(new HeaderSet("x-added", "1", IfPresent.APPEND)));
    Route direct =
        new Route(
            "",
            RouteMatch.prefix("/direct"),
            new RouteAction.DirectResponse(200, "hi"),
            mutations,
            PerFilterConfigs.NONE);
    Route full =
        new Route(
            "",
            RouteMatch.prefix("/"),
            new RouteAction.Forward("service", ForwardOptions.DEFAULTS),
            mutations,
            PerFilterConfigs.NONE);
    InProcessProxy proxy =
        kept(
            InProcessProxy.running(
                Configs.http(0, direct, full),
                List.of(
                    Configs.cluster(new CircuitBreakers(9, 9, 0, 0), Duration.ofSeconds(5), 1))));
    RawConnection client = client(proxy);

    // When
    client.send("HEAD /direct HTTP/1.1\r\nHost: h\r\n\r\n");
    String answered = client.readHead();
    client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    String refused = client.readHead();

    // Then
    assertThat(answered).contains("\r\nx-added: 1\r\n", "\r\ncontent-length: 2\r\n");
    assertThat(refused)
        .startsWith("HTTP/1.1 503 ")
        .contains("\r\nx-added: 1\r\n")
        .doesNotContain("x-envoy-overloaded");
  }

  static ZonedDateTime date(String head) {
    String value = head.replaceFirst("(?s).*\r\ndate: ([^\r]*)\r\n.*", "$1");
    return ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME);
  }
}
