package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.Policies.BRANCH;
import static io.handfast.proxy.transaction.Policies.CONTEXT;
import static io.handfast.proxy.transaction.Policies.MESH;
import static io.handfast.proxy.transaction.Policies.callback;
import static io.handfast.proxy.transaction.Policies.participant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.tx.interceptor.RoutePolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the vote of a branch leaves its sidecar, and that it is the sidecar's alone (T7, T8). */
class BranchVoteTest {
  @TempDir private Path directory;
  @AutoClose private final Rigs rigs = new Rigs();

  @Test
  void shouldRemoveAVoteThatTheServiceCastsT7() throws Exception {
    // Given
    SidecarRig bank =
        rigs.open(
            "bank",
            directory,
            exchange -> {
              exchange.getResponseHeaders().add("Tx_Vote", BRANCH + ";v=prepared");
              SidecarRig.answer(exchange, 422, "no");
            });
    int port = bank.inbound(participant(callback()), true);

    // When
    HttpResponse<String> response = SidecarRig.send(port, "POST", "{}", "tx-context", CONTEXT);

    // Then
    assertThat(response.headers().allValues("tx_vote")).isEmpty();
    assertThat(response.headers().allValues("tx-vote"))
        .singleElement()
        .asString()
        .startsWith(BRANCH + ";v=abort;");
  }

  @Test
  void shouldRemoveAVoteThatAnEarlyHintCarriesT7() throws Exception {
    // Given
    String hinted =
        "HTTP/1.1 103 Early Hints\r\nlink: x\r\nTX_VOTE: v\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
    SidecarRig bank =
        rigs.open("bank", directory, exchange -> SidecarRig.answer(exchange, 200, "ok"));
    try (ServerSocket service = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> answerEach(service, hinted));
      int inbound = bank.inbound(RoutePolicy.NONE, service.getLocalPort(), true);
      int outbound = bank.outbound(RoutePolicy.NONE, service.getLocalPort(), MESH);

      // When
      String fromService = RawHttp.post(inbound, "/work", "{}", "x: y");
      String fromPeer = RawHttp.post(outbound, "/work", "{}", "x: y");

      // Then
      assertThat(fromService).startsWith("HTTP/1.1 103 ").contains("link: x", "HTTP/1.1 204 ");
      assertThat(fromPeer).startsWith("HTTP/1.1 103 ").contains("link: x", "HTTP/1.1 204 ");
      assertThat(fromService + fromPeer).doesNotContainIgnoringCase("tx_vote");
    }
  }

  /** A service of one connection after the other, each with one request of two bytes. */
  private static void answerEach(ServerSocket service, String answer) {
    try {
      while (true) {
        try (Socket socket = service.accept()) {
          StringBuilder request = new StringBuilder();
          while (request.indexOf("\r\n\r\n{}") < 0) {
            request.append((char) socket.getInputStream().read());
          }
          socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  @Test
  void shouldVoteInTheHeadWhenTheBodyIsSmallT8() throws Exception {
    // Given
    SidecarRig bank =
        rigs.open(
            "bank", directory, exchange -> SidecarRig.answer(exchange, 200, "x".repeat(60_000)));
    int port = bank.inbound(participant(callback()), true);

    // When
    HttpResponse<String> response = SidecarRig.send(port, "POST", "{}", "tx-context", CONTEXT);

    // Then
    assertThat(response.body()).hasSize(60_000);
    assertThat(response.headers().firstValue("tx-vote").orElse(""))
        .startsWith(BRANCH + ";v=prepared;p=bank:15014;j=j.");
    assertThat(rigs.peers.votes).isEmpty();
  }

  @Test
  void shouldVoteByMessageWhenALargeBodyOfKnownLengthHasNoRoomT8() throws Exception {
    // Given
    SidecarRig bank =
        rigs.open(
            "bank", directory, exchange -> SidecarRig.answer(exchange, 200, "x".repeat(200_000)));
    int port = bank.inbound(participant(callback()), true);

    // When
    HttpResponse<String> response = SidecarRig.send(port, "POST", "{}", "tx-context", CONTEXT);

    // Then
    assertThat(response.body()).hasSize(200_000);
    assertThat(response.headers().firstValue("tx-vote")).isEmpty();
    await().untilAsserted(() -> assertThat(rigs.peers.votes).isNotEmpty());
  }

  @Test
  void shouldVoteInTheTrailersWhenTheBodyIsChunkedT8() throws Exception {
    // Given
    SidecarRig bank =
        rigs.open(
            "bank",
            directory,
            exchange -> {
              exchange.getRequestBody().readAllBytes();
              exchange.sendResponseHeaders(200, 0);
              exchange.getResponseBody().write(new byte[100]);
            });
    int port = bank.inbound(participant(callback()), true);

    // When
    String wire = RawHttp.post(port, "/work", "{}", "tx-context: " + CONTEXT);

    // Then
    int trailers = wire.lastIndexOf("\r\n0\r\n");
    assertThat(trailers).isPositive();
    assertThat(wire.substring(trailers)).containsIgnoringCase("tx-vote: " + BRANCH + ";v=prepared");
    assertThat(wire.substring(0, trailers)).doesNotContain("tx-vote");
    assertThat(rigs.peers.votes).isEmpty();
  }
}
