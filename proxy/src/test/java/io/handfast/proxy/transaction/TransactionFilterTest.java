package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.Policies.BRANCH;
import static io.handfast.proxy.transaction.Policies.CONTEXT;
import static io.handfast.proxy.transaction.Policies.MESH;
import static io.handfast.proxy.transaction.Policies.boundary;
import static io.handfast.proxy.transaction.Policies.callback;
import static io.handfast.proxy.transaction.Policies.participant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import io.handfast.tx.resource.ReadOnlyResource;
import io.handfast.tx.resource.Resource;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The filter on both listeners of two sidecars, with real engines, journals and sockets. */
class TransactionFilterTest {
  @TempDir private Path directory;
  @AutoClose private final Rigs rigs = new Rigs();

  @Test
  void shouldCommitAcrossTwoSidecarsWhenAllSucceed() throws Exception {
    // Given
    int front = twoSidecars(200, RoutePolicy.NONE);

    // When
    HttpResponse<String> response = SidecarRig.send(front, "POST", "{\"id\":1}");

    // Then
    assertThat(response.statusCode()).isEqualTo(201);
    assertThat(response.body()).isEqualTo("front: bank: done");
    assertThat(response.headers().firstValue("tx-outcome")).hasValue("committed");
    assertThat(response.headers().firstValue("tx-id").orElse("")).hasSize(32);
    assertThat(response.headers().firstValue("tx-vote")).isEmpty();
    assertThat(rigs.get(0).completions).containsExactly("POST /confirm");
    assertThat(rigs.get(1).completions).containsExactly("POST /confirm");
  }

  @Test
  void shouldAbortAcrossTwoSidecarsWhenTheBankRefuses() throws Exception {
    // Given
    int front = twoSidecars(422, RoutePolicy.NONE);

    // When
    HttpResponse<String> response = SidecarRig.send(front, "POST", "{\"id\":1}");

    // Then
    assertThat(response.statusCode()).isEqualTo(409);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(response.headers().firstValue("tx-outcome")).hasValue("aborted");
    assertThat(response.body()).contains("\"service\":\"bank\"").contains("\"status\":409");
    await().untilAsserted(() -> assertThat(rigs.get(1).completions).isEmpty());
    await()
        .untilAsserted(() -> assertThat(rigs.get(0).completions).containsExactly("POST /cancel"));
  }

  @Test
  void shouldCommitWithoutTheOptionalCallThatFails() throws Exception {
    // Given
    int front = twoSidecars(503, new RoutePolicy(Propagation.SUPPORTS, null, null, true));

    // When
    HttpResponse<String> response = SidecarRig.send(front, "POST", "{\"id\":1}");

    // Then
    assertThat(response.headers().firstValue("tx-outcome")).hasValue("committed");
    await()
        .untilAsserted(() -> assertThat(rigs.get(1).completions).containsExactly("POST /cancel"));
  }

  /** A client, the front's service that calls the bank's, each behind its sidecar. */
  private int twoSidecars(int bankStatus, RoutePolicy toBank) throws Exception {
    CompletableFuture<Integer> outbound = new CompletableFuture<>();
    SidecarRig front =
        rigs.open(
            "front",
            directory,
            exchange -> {
              HttpResponse<String> bank =
                  SidecarRig.send(
                      outbound.join(), "POST", "{\"id\":1}", SidecarRig.carried(exchange));
              assertThat(bank.headers().firstValue("tx-vote")).isEmpty();
              SidecarRig.answer(exchange, 201, "front: " + bank.body());
            });
    SidecarRig bank =
        rigs.open(
            "bank", directory, exchange -> SidecarRig.answer(exchange, bankStatus, "bank: done"));
    int bankPort = bank.inbound(participant(callback()), true);
    outbound.complete(front.outbound(toBank, bankPort, MESH));
    return front.inbound(boundary(callback(), 1 << 20), false);
  }

  @Test
  void shouldTellACallHowLongItsAnswerIsWaitedFor() throws Exception {
    // Given: the route's timeout is Envoy's, 15 s
    int front = twoSidecars(200, RoutePolicy.NONE);

    // When
    HttpResponse<String> response = SidecarRig.send(front, "POST", "{}");

    // Then
    assertThat(response.statusCode()).isEqualTo(201);
    assertThat(expected(rigs.get(0))).as("of the client's request").isNull();
    assertThat(expected(rigs.get(1))).isEqualTo("15000");
  }

  private static @Nullable String expected(SidecarRig rig) {
    return rig.seen.getFirst().getRequestHeaders().getFirst("x-envoy-expected-rq-timeout-ms");
  }

  @Test
  void shouldAnswer400WhenContextIsMalformed() throws Exception {
    // Given
    SidecarRig bank =
        rigs.open("bank", directory, exchange -> SidecarRig.answer(exchange, 200, "ok"));
    int port = bank.inbound(participant(callback()), true);

    // When
    HttpResponse<String> response =
        SidecarRig.send(port, "POST", "{}", "tx-context", "00-nonsense");

    // Then
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(response.body()).contains("tx-context: 00-nonsense (expected: ");
    assertThat(bank.seen).isEmpty();
  }

  @Test
  void shouldAnswer409WhenACallNamesABranchThatIsNotInFlight() throws Exception {
    // Given
    SidecarRig bank =
        rigs.open("bank", directory, exchange -> SidecarRig.answer(exchange, 200, "ok"));
    int port = bank.outbound(RoutePolicy.NONE, bank.inbound(RoutePolicy.NONE, true), MESH);

    // When
    HttpResponse<String> response =
        SidecarRig.send(
            port, "POST", "{}", "tracestate", "hf=019767b8a4007abc8def0123456789ab-" + BRANCH);

    // Then
    assertThat(response.statusCode()).isEqualTo(409);
    assertThat(response.body()).contains("branch-not-in-flight").contains(BRANCH);
    assertThat(bank.seen).isEmpty();
  }

  @Test
  void shouldGiveASecondIdenticalCallTheSameAnswer() throws Exception {
    // Given
    SidecarRig bank =
        rigs.open(
            "bank",
            directory,
            exchange -> {
              exchange.getResponseHeaders().add("x-count", "1");
              SidecarRig.answer(exchange, 201, "made");
            });
    int port = bank.inbound(participant(callback()), true);

    // When
    HttpResponse<String> first = SidecarRig.send(port, "POST", "{}", "tx-context", CONTEXT);
    HttpResponse<String> second = SidecarRig.send(port, "POST", "{}", "tx-context", CONTEXT);

    // Then
    assertThat(bank.seen).hasSize(1);
    assertThat(second.statusCode()).isEqualTo(201);
    assertThat(second.body()).isEqualTo("made");
    assertThat(second.headers().firstValue("x-count")).hasValue("1");
    assertThat(second.headers().firstValue("tx-vote"))
        .isEqualTo(first.headers().firstValue("tx-vote"))
        .isPresent();
  }

  @Test
  void shouldNotShowTheServiceOurHeadersWhenNobodyIsTrusted() throws Exception {
    // Given
    SidecarRig bank =
        rigs.open("bank", directory, exchange -> SidecarRig.answer(exchange, 200, "ok"));
    int port = bank.inbound(RoutePolicy.NONE, false);

    // When
    SidecarRig.send(
        port,
        "GET",
        "",
        "Tx_Context",
        CONTEXT,
        "TX-VOTE",
        "x",
        "tx-id",
        "y",
        "tracestate",
        "a=b,hf=019767b8a4007abc8def0123456789ab-" + BRANCH,
        "baggage",
        "tx-context=00-019767b8a4007abc8def0123456789ab-" + BRANCH + "-00");

    // Then
    var headers = bank.seen.getFirst().getRequestHeaders();
    assertThat(headers.keySet())
        .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("tx"));
    assertThat(headers.getFirst("tracestate")).isEqualTo("a=b");
    assertThat(headers.getFirst("baggage")).isNull();
  }

  @Test
  void shouldReadTheRequestForTemplatesBeforeTheServiceSeesIt() throws Exception {
    // Given
    SidecarRig front =
        rigs.open("front", directory, exchange -> SidecarRig.answer(exchange, 200, "ok"));
    Resource byBody = callback("/confirm/{request.json/id}", "/cancel/{request.json/id}");
    int port = front.inbound(boundary(byBody, 1 << 20), false);

    // When
    HttpResponse<String> named = SidecarRig.send(port, "POST", "{\"id\":\"t-1\"}");
    HttpResponse<String> unnamed = SidecarRig.send(port, "POST", "{}");
    HttpResponse<String> tooLarge = SidecarRig.send(port, "POST", "x".repeat(70_000));

    // Then
    assertThat(named.headers().firstValue("tx-outcome")).hasValue("committed");
    assertThat(front.completions).containsExactly("POST /confirm/t-1");
    assertThat(unnamed.statusCode()).isEqualTo(400);
    assertThat(unnamed.body()).contains("{request.json/id}");
    assertThat(tooLarge.statusCode()).isEqualTo(413);
    assertThat(front.seen).hasSize(1);
  }

  @Test
  void shouldLetAReadOnlyBranchDropOut() throws Exception {
    // Given
    SidecarRig front =
        rigs.open("front", directory, exchange -> SidecarRig.answer(exchange, 200, "read"));
    int port = front.inbound(boundary(ReadOnlyResource.INSTANCE, 1 << 20), false);

    // When
    HttpResponse<String> response = SidecarRig.send(port, "POST", "{}");

    // Then
    assertThat(response.headers().firstValue("tx-outcome")).hasValue("committed");
    assertThat(front.completions).isEmpty();
  }

  @Test
  void shouldKeepTheServicesKeyApartForEachBranch() throws Exception {
    // Given
    SidecarRig bank =
        rigs.open("bank", directory, exchange -> SidecarRig.answer(exchange, 200, "ok"));
    int port = bank.inbound(participant(callback()), true);

    // When
    SidecarRig.send(port, "POST", "{}", "tx-context", CONTEXT, "Idempotency-Key", "k1");

    // Then
    HttpExchange seen = bank.seen.getFirst();
    assertThat(seen.getRequestHeaders().get("idempotency-key")).containsExactly("k1:" + BRANCH);
  }
}
