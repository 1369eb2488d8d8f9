package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client and a service say to each other arrives as it was said. */
@SuppressWarnings("StringConcatToTextBlock") // Line ends are the subject here.
final class TransparencyTest {
  private static final String GET = "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private AutoCloseable[] open = {};

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private RawConnection client(RawService service) {
    InProcessProxy proxy =
        InProcessProxy.running(Configs.forward(0), List.of(Configs.cluster(service.port())));
    RawConnection client = proxy.connect();
    open = new AutoCloseable[] {client, proxy, service};
    return client;
  }

  private String seen() throws InterruptedException {
    String next = seen.poll(20, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  private RawService service(String response) {
    return RawService.running(connection -> {
      for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
        seen.add(head);
        connection.send(response);
      }
    });
  }

  @Test
  void shouldPassRequestAndResponseOnWhenLengthIsKnown() throws InterruptedException {
    // Given
    RawConnection client = client(service(OK));

    // When
    client.send(
        "GET /a%20b?c=d HTTP/1.1\r\nHost: h:1\r\nX-Two: 1\r\nX-Two: 2\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n");

    // Then
    assertThat(client.readHead())
        .startsWith("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-envoy-upstream-service-time: ")
        .contains("\r\nserver: handfast\r\n")
        .doesNotContain("connection:");
    assertThat(client.readExactly(2)).isEqualTo("ok");
    assertThat(seen())
        .startsWith("GET /a%20b?c=d HTTP/1.1\r\nhost: h:1\r\nx-two: 1\r\nx-two: 2\r\n")
        .contains("\r\nx-forwarded-proto: http\r\n", "\r\nx-request-id: ")
        .doesNotContain("x-hop", "connection", "content-length", "transfer-encoding");
  }

  @Test
  void shouldUseBothConnectionsAgainWhenRequestsFollow() {
    // Given
    RawService service = service(OK);
    RawConnection client = client(service);

    // When
    for (int i = 0; i < 5; i++) {
      client.send(GET);
      client.readHead();
      client.readExactly(2);
    }

    // Then
    assertThat(service.connections()).isEqualTo(1);
  }

  @Test
  void shouldAnswerInOrderWhenRequestsArePipelined() {
    // Given
    RawService service =
        RawService.running(connection -> {
          for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + head.charAt(5));
          }
        });
    RawConnection client = client(service);

    // When
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    client.send(requests.toString());

    // Then
    StringBuilder answers = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      client.readHead();
      answers.append(client.readExactly(1));
    }
    assertThat(answers.toString()).isEqualTo("01234567");
    assertThat(service.connections()).isEqualTo(1);
  }

  @Test
  void shouldKeepChunksAndTrailersBothWays() throws InterruptedException {
    // Given
    RawConnection client =
        client(
            RawService.running(connection -> {
              seen.add(connection.readHead());
              seen.add(connection.readUntil("\r\n\r\n"));
              connection.send(
                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                      + "3;ext=1\r\nabc\r\n0\r\nX-Sum: 7\r\ntx-vote: v\r\n\r\n");
              connection.readHead();
            }));

    // When
    client.send(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwxyz\r\n0\r\nX-Up: 1\r\n\r\n");

    // Then
    assertThat(seen())
        .contains("\r\ntransfer-encoding: chunked\r\n")
        .doesNotContain("content-length");
    assertThat(seen()).isEqualTo("4\r\nwxyz\r\n0\r\nX-Up: 1\r\n\r\n");
    assertThat(client.readHead())
        .contains("\r\ntransfer-encoding: chunked\r\n", "\r\ntrailer: X-Sum\r\n")
        .doesNotContain("content-length");
    assertThat(client.readUntil("0\r\nX-Sum: 7\r\ntx-vote: v\r\n\r\n"))
        .isEqualTo("3\r\nabc\r\n0\r\nX-Sum: 7\r\ntx-vote: v\r\n\r\n");
  }

  @Test
  void shouldKeepLengthWhenBodyHasOne() throws InterruptedException {
    // Given
    RawConnection client =
        client(
            RawService.running(connection -> {
              seen.add(connection.readHead());
              seen.add(connection.readExactly(5));
              connection.send(OK);
              connection.readHead();
            }));

    // When
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");

    // Then
    assertThat(seen()).contains("\r\ncontent-length: 5\r\n").doesNotContain("transfer-encoding");
    assertThat(seen()).isEqualTo("hello");
    assertThat(client.readHead()).contains("\r\ncontent-length: 2\r\n");
  }

  @Test
  void shouldKeepLengthZero() throws InterruptedException {
    // Given
    RawConnection client = client(service("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"));

    // When
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");

    // Then
    assertThat(client.readHead())
        .startsWith("HTTP/1.1 201 Created\r\n")
        .contains("content-length: 0");
    assertThat(seen()).containsOnlyOnce("content-length: 0");
  }

  @Test
  void shouldExpectNoBodyWhenRequestIsHead() {
    // Given
    RawConnection client = client(service("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"));

    // When
    client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\n");

    // Then
    assertThat(client.readHead()).contains("\r\ncontent-length: 1234\r\n");
    assertThat(client.readHead()).contains("\r\ncontent-length: 1234\r\n");
  }

  @Test
  void shouldPass100ContinueOnBeforeBodyIsSent() throws InterruptedException {
    // Given
    RawConnection client =
        client(
            RawService.running(connection -> {
              seen.add(connection.readHead());
              connection.send("HTTP/1.1 100 Continue\r\n\r\n");
              seen.add(connection.readExactly(3));
              connection.send(OK);
              connection.readHead();
            }));

    // When
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    String interim = client.readHead();
    client.send("abc");

    // Then
    assertThat(interim).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    assertThat(seen()).contains("\r\nexpect: 100-continue\r\n");
    assertThat(seen()).isEqualTo("abc");
    assertThat(client.readHead()).startsWith("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void shouldLetServiceRefuseWhenClientExpects100() {
    // Given
    RawConnection client =
        client(
            RawService.running(connection -> {
              connection.readHead();
              connection.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
              connection.readHead();
            }));

    // When
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");

    // Then
    assertThat(client.readHead()).startsWith("HTTP/1.1 417 ").contains("connection: close");
    assertThat(client.readToEnd()).isEmpty();
  }

  @Test
  void shouldPassEarlyHintsOn() {
    // Given
    RawConnection client =
        client(
            service(
                "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"));

    // When
    client.send(GET);

    // Then
    assertThat(client.readHead()).isEqualTo("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n");
    assertThat(client.readHead())
        .startsWith("HTTP/1.1 204 No Content\r\n")
        .doesNotContain("content-length");
  }

  @Test
  void shouldEndBodyWhereServiceClosesIt() {
    // Given
    RawConnection client =
        client(
            RawService.running(connection -> {
              connection.readHead();
              connection.send("HTTP/1.0 200 OK\r\nServer: old\r\n\r\nto the end");
            }));

    // When
    client.send(GET);

    // Then
    assertThat(client.readHead())
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("\r\ntransfer-encoding: chunked\r\n");
    assertThat(client.readUntil("0\r\n\r\n")).contains("to the end");
  }

  @Test
  void shouldSpeakHttp10WithItsClients() throws InterruptedException {
    // Given
    RawConnection client =
        client(
            service(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));

    // When
    client.send("GET / HTTP/1.0\r\n\r\n");

    // Then
    assertThat(client.readHead())
        .startsWith("HTTP/1.0 200 OK\r\n")
        .contains("connection: close")
        .doesNotContain("transfer-encoding");
    assertThat(client.readToEnd()).isEqualTo("abc");
    assertThat(seen()).startsWith("GET / HTTP/1.1\r\nhost: default.example\r\n");
  }

  @Test
  void shouldStreamResponseBeforeRequestHasEnded() {
    // Given
    RawConnection client =
        client(
            RawService.running(connection -> {
              connection.readHead();
              connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
              for (int i = 0; i < 3; i++) {
                connection.send(connection.readExactly(6));
              }
              connection.readUntil("0\r\n\r\n");
              connection.send("0\r\n\r\n");
              connection.readHead();
            }));

    // When
    client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.readHead();

    // Then
    for (String letter : List.of("a", "b", "c")) {
      client.send("1\r\n" + letter + "\r\n");
      assertThat(client.readExactly(6)).isEqualTo("1\r\n" + letter + "\r\n");
    }
    client.send("0\r\n\r\n");
    assertThat(client.readUntil("0\r\n\r\n")).endsWith("0\r\n\r\n");
  }
}
