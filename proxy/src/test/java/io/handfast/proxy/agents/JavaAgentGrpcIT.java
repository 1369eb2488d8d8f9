package io.handfast.proxy.agents;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.handfast.proxy.agents.AgentMesh.Seen;
import io.handfast.proxy.agents.AgentMesh.Wire;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
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
  private static final Metadata.Key<String> ID = text("tx-id");
  private static final Metadata.Key<String> OUTCOME = text("tx-outcome");
  private static final AtomicInteger KEYS = new AtomicInteger();

  private static AgentProcess service;
  private static Server bank;
  private static AgentMesh mesh;
  private static ManagedChannel client;

  private static Metadata.Key<String> text(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    CompletableFuture<AgentMesh> seen = new CompletableFuture<>();
    bank = serve(seen);
    service =
        AgentProcess.java(
            UnmodifiedGrpcService.class,
            directory.resolve("service.log"),
            Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));
    mesh = new AgentMesh(directory, Wire.GRPC, service.port(), bank.getPort());
    seen.complete(mesh);
    client =
        NettyChannelBuilder.forAddress("127.0.0.1", mesh.port("inbound")).usePlaintext().build();
  }

  /** The bank's service, which writes down what reaches it: its message is the key. */
  private static Server serve(CompletableFuture<AgentMesh> seen) throws Exception {
    ServerInterceptor headers =
        new ServerInterceptor() {
          @Override
          public <Q, A> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, A> call, Metadata head, ServerCallHandler<Q, A> next) {
            Map<String, String> fields = new TreeMap<>();
            for (String name : head.keys()) {
              if (!name.endsWith("-bin")) {
                fields.put(name, String.join(",", head.getAll(text(name))));
              }
            }
            return io.grpc.Contexts.interceptCall(
                io.grpc.Context.current().withValue(HEAD, fields), call, head, next);
          }
        };
    ServerServiceDefinition reserve =
        ServerServiceDefinition.builder("bank.Bank")
            .addMethod(
                Text.method("bank.Bank/Reserve"),
                ServerCalls.asyncUnaryCall((key, observer) -> {
                  seen.join().saw(new Seen("key=" + key, HEAD.get()));
                  observer.onNext("reserved");
                  observer.onCompleted();
                }))
            .build();
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .executor(Executors.newVirtualThreadPerTaskExecutor())
        .addService(ServerInterceptors.intercept(reserve, headers))
        .build()
        .start();
  }

  private static final io.grpc.Context.Key<Map<String, String>> HEAD = io.grpc.Context.key("head");

  @AfterAll
  static void stop() {
    client.shutdownNow();
    mesh.close();
    service.close();
    bank.shutdownNow();
  }

  private static String key() {
    return "k" + KEYS.incrementAndGet();
  }

  private static String trace(String key, String flags) {
    return "00-1af7651916cd43dd8448eb21%08x-b7ad6b7169203331-%s"
        .formatted(Integer.parseInt(key.substring(1)), flags);
  }

  /**
   * What a call brought.
   *
   * @param told what the service says that it was told
   */
  private record Answer(String told, Metadata trailers) {
    String tx() {
      assertThat(trailers.get(OUTCOME)).as(told).isEqualTo("committed");
      return String.valueOf(trailers.get(ID));
    }
  }

  private static Answer ask(String way, String key, @Nullable String traceparent) {
    Metadata head = new Metadata();
    if (traceparent != null) {
      head.put(text("traceparent"), traceparent);
      head.put(text("tracestate"), "vendor=abc");
    }
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Channel channel =
        ClientInterceptors.intercept(
            client,
            MetadataUtils.newAttachHeadersInterceptor(head),
            MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers));
    String told =
        ClientCalls.blockingUnaryCall(
            channel,
            Text.method("front.Front/" + way),
            CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
            mesh.port("to-bank") + " " + key);
    return new Answer(told, trailers.get());
  }

  @ParameterizedTest
  @ValueSource(strings = {"handler", "pool", "virtual", "future"})
  void shouldJoinHoweverTheServiceMakesItsCallT4(String way) {
    // Given
    String key = key();

    // When
    Answer answer = ask(way, key, trace(key, "01"));

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
    Answer answer = ask("handler", key, flags.isEmpty() ? null : trace(key, flags));

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
        answers.put(key, CompletableFuture.supplyAsync(() -> ask("pool", key, one), clients));
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
    Answer answer = ask("thread", key, trace(key, "01"));

    // Then
    assertThat(answer.told()).startsWith("INVALID_ARGUMENT: ").contains("passed on");
    assertThat(mesh.count("handfast.tx.context.missing")).isEqualTo(before + 1);
    assertThat(mesh.seen(key)).isEmpty();
  }
}
