package io.handfast.proxy.agents;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.agents.AgentMesh.Seen;
import io.handfast.proxy.agents.GrpcMesh.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * T4 and T5 with OpenTelemetry's Java agent as it comes, with an exporter that reaches nobody, on a
 * service of grpc-java that knows nothing of it.
 */
class JavaAgentGrpcIT {
  private static final AtomicInteger KEYS = new AtomicInteger();

  private static AgentProcess service;
  private static GrpcMesh grpc;
  private static AgentMesh mesh;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    service =
        AgentProcess.java(
            UnmodifiedGrpcService.class,
            directory.resolve("service.log"),
            Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));
    grpc = new GrpcMesh(directory, service.port());
    mesh = grpc.mesh();
  }

  @AfterAll
  static void stop() {
    grpc.close();
    service.close();
  }

  private static String key() {
    return "k" + KEYS.incrementAndGet();
  }

  private static String trace(String key, String flags) {
    return "00-1af7651916cd43dd8448eb21%08x-b7ad6b7169203331-%s"
        .formatted(Integer.parseInt(key.substring(1)), flags);
  }

  @ParameterizedTest
  @ValueSource(strings = {"handler", "pool", "virtual", "future"})
  void shouldJoinHoweverTheServiceMakesItsCallT4(String way) {
    // Given
    String key = key();

    // When
    Answer answer = grpc.ask(way, key, trace(key, "01"));

    // Then
    assertThat(answer.told()).isEqualTo("OK reserved");
    Seen call = mesh.joined(key, answer.tx());
    assertThat(call.header("traceparent")).startsWith(trace(key, "").substring(0, 36));
    assertThat(call.header("tracestate"))
        .isEqualTo("hf=" + call.tx() + "-" + call.branch() + ",vendor=abc");
  }

  @ParameterizedTest
  @CsvSource({"00", "''"})
  void shouldJoinWhetherOrNotTheCallerSamplesOrNamesATraceT4(String flags) {
    // Given
    String key = key();

    // When
    Answer answer = grpc.ask("handler", key, flags.isEmpty() ? null : trace(key, flags));

    // Then
    mesh.joined(key, answer.tx());
  }

  @Test
  void shouldKeepTransactionsOfOneTraceApartT4() throws Exception {
    // Given
    String one = trace(key(), "01");
    Map<String, CompletableFuture<Answer>> answers = new TreeMap<>();

    // When
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        String key = key();
        answers.put(key, CompletableFuture.supplyAsync(() -> grpc.ask("pool", key, one), clients));
      }
    }

    // Then
    List<String> transactions = new ArrayList<>();
    for (var each : answers.entrySet()) {
      transactions.add(each.getValue().get().tx());
      mesh.joined(each.getKey(), transactions.getLast());
    }
    assertThat(transactions).doesNotHaveDuplicates();
  }

  @Test
  void shouldRefuseAndCountACallThatLostItsTransactionT5() {
    // Given
    String key = key();
    double before = mesh.count("handfast.tx.context.missing");

    // When
    Answer answer = grpc.ask("thread", key, trace(key, "01"));

    // Then
    assertThat(answer.told()).startsWith("INVALID_ARGUMENT: ").contains("passed on");
    assertThat(mesh.count("handfast.tx.context.missing")).isEqualTo(before + 1);
    assertThat(mesh.seen(key)).isEmpty();
  }
}
