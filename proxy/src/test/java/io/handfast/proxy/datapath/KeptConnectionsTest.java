package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.http.StreamInfo;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections to endpoints that are kept between requests, and end meanwhile. */
final class KeptConnectionsTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  /** What the service answers; nothing: it closes. */
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  private final RawService service = RawService.running(this::serve);
  private final InProcessProxy proxy =
      InProcessProxy.running(Configs.forward(0), List.of(Configs.cluster(service.port())));
  private final RawConnection client = proxy.connect();

  @AfterEach
  void close() {
    client.close();
    proxy.close();
    service.close();
  }

  private void serve(RawConnection connection) {
    for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
      connection.readExactly(head.contains("content-length: 3") ? 3 : 0);
      String answer = answers.remove();
      if (answer.isEmpty()) {
        return;
      }
      connection.send(answer);
      if (answers.isEmpty()) {
        return;
      }
    }
  }

  private StreamInfo send(String request, int status) {
    client.send(request);
    assertThat(client.readHead()).startsWith("HTTP/1.1 " + status + " ");
    return proxy.nextEnded();
  }

  /** A POST is not sent twice: had it gone to the dead connection, it would be lost. */
  @Test
  void shouldFindThatAConnectionIsDeadBeforeItCostsARequest() {
    // Given
    answers.add(OK);
    send("GET / HTTP/1.1\r\nHost: h\r\n\r\n", 200);
    await().until(() -> proxy.stats.cluster("service").cxDestroyRemote.value() == 1);
    answers.add(OK);

    // When
    StreamInfo info = send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 200);

    // Then
    assertThat(info.attempts()).isEqualTo(1);
    assertThat(service.connections()).isEqualTo(2);
  }

  /** Idempotent, but of its body no copy is kept. */
  @ParameterizedTest
  @CsvSource({"0, ''", "3, abc"})
  void shouldSendAgainOnlyWhatHasNoBodyWhenTheConnectionDies(int length, String body) {
    // Given
    answers.addAll(List.of(OK, "", OK));
    send("GET / HTTP/1.1\r\nHost: h\r\n\r\n", 200);

    // When
    StreamInfo info =
        send(
            "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n" + body,
            length == 0 ? 200 : 503);

    // Then
    assertThat(info.attempts()).isEqualTo(length == 0 ? 2 : 1);
    assertThat(answers).hasSize(length == 0 ? 0 : 1);
  }
}
