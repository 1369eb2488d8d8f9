package io.handfast.proxy.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.agents.AgentMesh.Seen;
import io.handfast.proxy.agents.AgentMesh.Wire;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * T4 to T6 with OpenTelemetry's Java agent, which neither samples nor exports, on a service of the
 * JDK's HTTP server and client that knows nothing of it.
 */
class JavaAgentHttpIT {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final AtomicInteger KEYS = new AtomicInteger();

  private static AgentProcess service;
  private static AgentMesh mesh;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    service =
        AgentProcess.java(
            UnmodifiedHttpService.class,
            directory.resolve("service.log"),
            Map.of(
                "OTEL_TRACES_SAMPLER", "always_off",
                "OTEL_TRACES_EXPORTER", "none",
                "OTEL_METRICS_EXPORTER", "none",
                "OTEL_LOGS_EXPORTER", "none"));
    mesh = new AgentMesh(directory, Wire.HTTP, service.port(), 0);
  }

  @AfterAll
  static void stop() {
    mesh.close();
    service.close();
  }

  private static String key() {
    return "k" + KEYS.incrementAndGet();
  }

  /** A traceparent of a trace of its own. */
  private static String trace(String key, String flags) {
    return "00-0af7651916cd43dd8448eb21%08x-b7ad6b7169203331-%s"
        .formatted(Integer.parseInt(key.substring(1)), flags);
  }

  /** A client asks for {@code /WAY/PORT?key=K}. */
  private static CompletableFuture<HttpResponse<String>> ask(
      String way, String listener, String query, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:%d/%s/%d?%s"
                        .formatted(mesh.port("inbound"), way, mesh.port(listener), query)))
            .timeout(Duration.ofSeconds(30))
            .POST(HttpRequest.BodyPublishers.ofString("{}"));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String tx(HttpResponse<String> response) {
    assertThat(response.headers().firstValue("tx-outcome"))
        .as("%s", response.body())
        .hasValue("committed");
    return response.headers().firstValue("tx-id").orElse("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"handler", "pool", "virtual", "fork-join", "async", "url-connection"})
  void shouldJoinHoweverTheServiceMakesItsCallT4(String way) throws Exception {
    // Given
    String key = key();

    // When
    HttpResponse<String> response =
        ask(way, "to-bank", "key=" + key, "traceparent", trace(key, "01")).get();

    // Then
    assertThat(response.body()).isEqualTo("200 reserved");
    Seen call = mesh.joined(key, tx(response));
    assertThat(response.headers().firstValue("tx-vote")).isEmpty();
    assertThat(call.header("traceparent")).startsWith(trace(key, "").substring(0, 36));
  }

  @ParameterizedTest
  @CsvSource({"00", "01", "03", "''"})
  void shouldJoinWhetherOrNotTheCallerSamplesOrNamesATraceT4(String flags) throws Exception {
    // Given
    String key = key();
    List<String> headers = new ArrayList<>();
    if (!flags.isEmpty()) {
      headers.addAll(List.of("traceparent", trace(key, flags), "tracestate", "vendor=abc"));
    }
    headers.addAll(List.of("baggage", "userId=alice%20b;prop=1"));

    // When
    HttpResponse<String> response =
        ask("handler", "to-bank", "key=" + key, headers.toArray(String[]::new)).get();

    // Then
    Seen call = mesh.joined(key, tx(response));
    String own = call.tx() + "-" + call.branch();
    assertThat(call.header("tracestate"))
        .isEqualTo("hf=" + own + (flags.isEmpty() ? "" : ",vendor=abc"));
    assertThat(call.header("baggage")).startsWith("tx-context=00-" + own).contains("userId=alice");
    assertThat(call.header("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
  }

  @Test
  void shouldKeepTransactionsOfOneTraceApartT4() throws Exception {
    // Given
    List<String> keys = new ArrayList<>();
    List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
    String one = trace(key(), "01");

    // When
    for (int i = 0; i < 8; i++) {
      keys.add(key());
      responses.add(ask("pool", "to-bank", "key=" + keys.getLast(), "traceparent", one));
    }

    // Then
    for (int i = 0; i < keys.size(); i++) {
      mesh.joined(keys.get(i), tx(responses.get(i).get()));
    }
  }

  @Test
  void shouldRefuseAndCountACallThatLostItsTransactionT5() throws Exception {
    // Given
    String key = key();
    double before = mesh.count("handfast.tx.context.missing");

    // When
    HttpResponse<String> response =
        ask("thread", "to-bank", "key=" + key, "traceparent", trace(key, "01")).get();

    // Then
    assertThat(response.body())
        .startsWith("400 ")
        .contains("urn:handfast:problem:context-ambiguous", "passed on");
    assertThat(mesh.count("handfast.tx.context.missing")).isEqualTo(before + 1);
    assertThat(mesh.seen(key)).isEmpty();
  }

  @Test
  void shouldNameABranchByItsTraceAloneUntilAnotherOfThatTraceHasBeenT4() throws Exception {
    // Given
    String first = key();
    String second = key();
    String trace = trace(first, "01");

    // When
    HttpResponse<String> alone =
        ask("trace-only", "to-bank", "key=" + first, "traceparent", trace).get();
    HttpResponse<String> successor =
        ask("trace-only", "to-bank", "key=" + second, "traceparent", trace).get();

    // Then
    mesh.joined(first, tx(alone));
    assertThat(successor.body()).startsWith("400 ").contains("context-ambiguous");
    assertThat(mesh.seen(second)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"handler", "trace-only"})
  void shouldNotLetATimedOutHandlerWorkForItsSuccessorT4(String way) throws Exception {
    // Given: a handler that waits beyond its transaction's deadline, and a successor of its trace
    String late = key();
    String next = key();
    String trace = trace(late, "01");
    HttpResponse<String> timedOut =
        ask("late-" + way, "to-bank", "gate=" + late + "&key=" + late, "traceparent", trace).get();
    var successor =
        ask("handler", "to-bank", "gate=" + next + "&key=" + next, "traceparent", trace);
    await().untilAsserted(() -> assertThat(direct("GET", "/open?gate=" + next)).startsWith("200"));

    // When
    direct("POST", "/open?gate=" + late);
    await().untilAsserted(() -> assertThat(direct("GET", "/said?key=" + late)).startsWith("200"));
    direct("POST", "/open?gate=" + next);

    // Then
    assertThat(timedOut.statusCode()).isEqualTo(504);
    assertThat(timedOut.headers().firstValue("tx-outcome")).hasValue("aborted");
    assertThat(direct("GET", "/said?key=" + late))
        .matches("(?s)200 (4\\d\\d|504) .*urn:handfast:problem:.*");
    assertThat(mesh.seen(late)).isEmpty();
    mesh.joined(next, tx(successor.get()));
  }

  /** Of the service itself, past its sidecar. */
  private static String direct(String method, String path)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }

  @Test
  void shouldTakeTheIdentityOffWhereACallLeavesTheMeshT6() throws Exception {
    // Given
    String key = key();

    // When
    HttpResponse<String> response =
        ask(
                "handler",
                "outside",
                "key=" + key,
                "traceparent",
                trace(key, "01"),
                "tracestate",
                "vendor=abc",
                "baggage",
                "userId=alice")
            .get();

    // Then
    assertThat(response.body()).isEqualTo("200 reserved");
    Map<String, String> headers = mesh.seen(key).getFirst().headers();
    assertThat(headers).containsEntry("tracestate", "vendor=abc");
    assertThat(headers).containsEntry("baggage", "userId=alice");
    assertThat(headers.get("traceparent")).startsWith(trace(key, "").substring(0, 36));
    assertThat(headers.keySet()).noneMatch(name -> name.startsWith("tx-"));
    assertThat(headers.toString()).doesNotContain(tx(response));
  }
}
