package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.Policies.boundary;
import static io.handfast.proxy.transaction.Policies.callback;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client is told at the boundary where its service's answer is late, too long, or cut. */
class BoundaryAnswerTest {
  @TempDir private Path directory;
  @AutoClose private final Rigs rigs = new Rigs();

  @Test
  void shouldTakeNoLongerForATransactionThanItsClientSaysItWaits() throws Exception {
    // Given
    CountDownLatch over = new CountDownLatch(1);
    SidecarRig front =
        rigs.open(
            "front",
            directory,
            exchange -> {
              over.await();
              SidecarRig.answer(exchange, 200, "late");
            });
    int port = front.inbound(boundary(callback(), 1 << 20), false);

    // When
    HttpResponse<String> response =
        SidecarRig.send(port, "POST", "{}", "x-envoy-expected-rq-timeout-ms", "100");
    over.countDown();

    // Then
    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(response.body()).contains("the transaction did not end in time");
  }

  @Test
  void shouldAbortWhenTheBoundarysAnswerIsLargerThanMayBeHeld() throws Exception {
    // Given
    SidecarRig front =
        rigs.open(
            "front", directory, exchange -> SidecarRig.answer(exchange, 200, "x".repeat(2_000)));
    int port = front.inbound(boundary(callback(), 1_000), false);

    // When
    HttpResponse<String> response = SidecarRig.send(port, "POST", "{}");

    // Then
    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(response.headers().firstValue("tx-outcome")).hasValue("aborted");
    assertThat(response.body()).contains("1000 bytes").contains("max_held_response");
    await().untilAsserted(() -> assertThat(front.completions).containsExactly("POST /cancel"));
  }

  @Test
  void shouldAbortWhenAChunkedAnswerTurnsOutLargerThanMayBeHeld() throws Exception {
    // Given
    SidecarRig front =
        rigs.open(
            "front",
            directory,
            exchange -> {
              exchange.getRequestBody().readAllBytes();
              exchange.sendResponseHeaders(200, 0);
              exchange.getResponseBody().write(new byte[2_000]);
            });
    int port = front.inbound(boundary(callback(), 1_000), false);

    // When
    HttpResponse<String> response = SidecarRig.send(port, "POST", "{}");

    // Then
    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(response.headers().firstValue("tx-outcome")).hasValue("aborted");
  }

  @Test
  void shouldUndoAndSay502WhenTheServicesAnswerIsCutShort() throws Exception {
    // Given
    SidecarRig front =
        rigs.open(
            "front",
            directory,
            exchange -> {
              exchange.getRequestBody().readAllBytes();
              exchange.sendResponseHeaders(200, 1_000);
              exchange.getResponseBody().write(new byte[10]);
              exchange.getResponseBody().flush();
              throw new IOException("the test cuts it short");
            });
    int port = front.inbound(boundary(callback(), 1 << 20), false);

    // When
    HttpResponse<String> response = SidecarRig.send(port, "POST", "{}");

    // Then
    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(response.headers().firstValue("tx-outcome")).hasValue("aborted");
  }

  @Test
  void shouldTellTheOutcomeWhenTheStreamIsIdleForTooLong() throws Exception {
    // Given
    CountDownLatch goOn = new CountDownLatch(1);
    SidecarRig front =
        rigs.open(
            "front",
            directory,
            exchange -> {
              goOn.await();
              SidecarRig.answer(exchange, 200, "too late");
            });
    int port =
        front.impatientInbound(boundary(callback(), 1 << 20), java.time.Duration.ofMillis(50));

    // When
    HttpResponse<String> response = SidecarRig.send(port, "POST", "{}");

    // Then
    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(response.headers().firstValue("tx-outcome")).hasValue("aborted");
    assertThat(response.body()).contains("did not answer in time");
    goOn.countDown();
  }

  @Test
  void shouldAbortWhenTheClientGoesAway() throws Exception {
    // Given
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    SidecarRig front =
        rigs.open(
            "front",
            directory,
            exchange -> {
              working.countDown();
              goOn.await();
              SidecarRig.answer(exchange, 200, "too late");
            });
    int port = front.inbound(boundary(callback(), 1 << 20), false);

    // When
    try (java.net.Socket client = RawHttp.send(port, "POST", "/work", "{}")) {
      working.await();
      client.setSoLinger(true, 0); // a reset: a mere half-close still waits for its answer
    }

    // Then
    await()
        .untilAsserted(() ->
            assertThat(front.engine.list().toCompletableFuture().join().inFlight())
                .singleElement()
                .satisfies(it -> assertThat(it.outcome()).isEqualTo("aborted")));
    goOn.countDown();
  }
}
