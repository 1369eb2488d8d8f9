package io.handfast.proxy.agents;

import static io.handfast.proxy.agents.ForeignRuntimes.EXPORTED_TO_NOBODY;
import static io.handfast.proxy.agents.ForeignRuntimes.NOTHING_EXPORTED;
import static io.handfast.proxy.agents.ForeignRuntimes.and;
import static io.handfast.proxy.agents.ForeignRuntimes.django;
import static io.handfast.proxy.agents.ForeignRuntimes.node;
import static io.handfast.proxy.agents.ForeignRuntimes.off;
import static io.handfast.proxy.agents.ForeignRuntimes.python;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.agents.AgentMesh.Seen;
import io.handfast.proxy.agents.AgentMesh.Wire;
import io.handfast.proxy.agents.GrpcMesh.Answer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * T4 with OpenTelemetry's agents for Python and Node, on Django and Express and on both runtimes'
 * gRPC, and with the Java agent in other settings than elsewhere: what its users may have set
 * already.
 */
@Tag("full")
class ForeignAgentsIT {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";

  @BeforeAll
  static void fetch() throws Exception {
    ForeignRuntimes.fetch();
  }

  private static Map<String, String> set(String name, String value) {
    return and(NOTHING_EXPORTED, name, value);
  }

  static Stream<Arguments> agents() {
    return Stream.of(
        Arguments.of("python", NOTHING_EXPORTED, List.of("requests", "httpx")),
        Arguments.of("python", off(NOTHING_EXPORTED), List.of("requests", "httpx")),
        Arguments.of("python", set("OTEL_SDK_DISABLED", "true"), List.of("requests", "httpx")),
        Arguments.of("node", NOTHING_EXPORTED, List.of("fetch", "http")),
        Arguments.of("node", off(EXPORTED_TO_NOBODY), List.of("fetch", "http")),
        Arguments.of("java", NOTHING_EXPORTED, List.of("handler", "async")),
        Arguments.of("java", set("OTEL_SDK_DISABLED", "true"), List.of("handler", "async")),
        Arguments.of("java", set("OTEL_PROPAGATORS", "tracecontext"), List.of("handler")),
        Arguments.of("java", set("OTEL_PROPAGATORS", "baggage"), List.of("handler")));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("agents")
  void shouldJoinWhateverTheAgentWasToldT4(
      String runtime, Map<String, String> settings, List<String> ways, @TempDir Path directory)
      throws Exception {
    try (AgentProcess service = start(runtime, settings, directory.resolve("service.log"));
        AgentMesh mesh = new AgentMesh(directory, Wire.HTTP, service.port(), 0)) {
      for (String way : ways) {
        for (String flags : List.of("00", "01", "")) {
          // Given
          String key = way + "-" + (flags.isEmpty() ? "no-trace" : flags);
          HttpRequest.Builder request =
              HttpRequest.newBuilder(
                      URI.create(
                          "http://127.0.0.1:%d/%s/%d?key=%s"
                              .formatted(mesh.port("inbound"), way, mesh.port("to-bank"), key)))
                  .timeout(Duration.ofSeconds(30))
                  .POST(HttpRequest.BodyPublishers.ofString("{}"));
          if (!flags.isEmpty()) {
            request.header("traceparent", TRACE + flags);
          }

          // When
          HttpResponse<String> response =
              CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());

          // Then
          assertThat(response.body()).as(key).isEqualTo("200 reserved");
          assertThat(response.headers().firstValue("tx-outcome")).hasValue("committed");
          Seen call = mesh.joined(key, response.headers().firstValue("tx-id").orElse(""));
          assertThat(call.header("tracestate")).startsWith("hf=" + call.tx() + "-" + call.branch());
        }
      }
    }
  }

  static Stream<Arguments> agentsOfGrpc() {
    return Stream.of(
        Arguments.of("python threads", NOTHING_EXPORTED, List.of("handler", "future")),
        Arguments.of("python threads", off(NOTHING_EXPORTED), List.of("handler", "future")),
        Arguments.of("python asyncio", NOTHING_EXPORTED, List.of("handler", "task")),
        Arguments.of("python asyncio", off(NOTHING_EXPORTED), List.of("handler", "task")),
        Arguments.of("node", NOTHING_EXPORTED, List.of("handler", "promise", "plain")),
        Arguments.of("node", EXPORTED_TO_NOBODY, List.of("handler", "promise", "plain")),
        Arguments.of("node", off(EXPORTED_TO_NOBODY), List.of("handler", "promise", "plain")));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("agentsOfGrpc")
  void shouldJoinByGrpcSampledOrNotT4(
      String runtime, Map<String, String> settings, List<String> ways, @TempDir Path directory)
      throws Exception {
    boolean off = settings.containsKey("OTEL_TRACES_SAMPLER");
    try (AgentProcess service = startGrpc(runtime, settings, directory.resolve("service.log"));
        GrpcMesh grpc = new GrpcMesh(directory, service.port())) {
      for (String way : ways) {
        for (String flags : List.of("00", "01", "")) {
          // Given
          String key = way + "-" + (flags.isEmpty() ? "no-trace" : flags);

          // When
          Answer answer = grpc.ask(way, key, flags.isEmpty() ? null : TRACE + flags);

          // Then
          assertThat(answer.told()).as(key).isEqualTo("OK reserved");
          Seen call = grpc.mesh().joined(key, answer.tx());
          assertThat(call.header("tracestate")).startsWith("hf=" + call.tx() + "-" + call.branch());
          if (!flags.isEmpty()) {
            assertThat(isSampled(call.header("traceparent")))
                .as("%s: %s", key, call.header("traceparent"))
                .isEqualTo(!off && flags.equals("01"));
          }
        }
      }
    }
  }

  private static boolean isSampled(String traceparent) {
    return (Integer.parseInt(traceparent.substring(TRACE.length()), 16) & 1) == 1;
  }

  private static AgentProcess start(String runtime, Map<String, String> settings, Path log)
      throws Exception {
    return switch (runtime) {
      case "python" -> django(settings, log);
      case "node" -> node(settings, log, "express_service.js");
      default -> AgentProcess.java(UnmodifiedHttpService.class, log, settings);
    };
  }

  private static AgentProcess startGrpc(String runtime, Map<String, String> settings, Path log)
      throws Exception {
    return switch (runtime) {
      case "python threads" -> python(settings, log, "grpc_service.py", "threads");
      case "python asyncio" -> python(settings, log, "grpc_service.py", "asyncio");
      default -> node(settings, log, "grpc_service.js");
    };
  }
}
