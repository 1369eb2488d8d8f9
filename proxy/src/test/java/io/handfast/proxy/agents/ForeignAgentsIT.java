package io.handfast.proxy.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.handfast.proxy.agents.AgentMesh.Seen;
import io.handfast.proxy.agents.AgentMesh.Wire;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * T4 with OpenTelemetry's agents for Python and Node, on Django and Express, and with the Java
 * agent in other settings than elsewhere: what its users may have set already.
 */
@Tag("full")
class ForeignAgentsIT {
  private static final Path HERE =
      Path.of(System.getProperty("basedir", "")).toAbsolutePath().normalize();
  private static final Path SERVICES = HERE.resolve("proofs/agents");
  private static final Path AGENTS = HERE.resolve("target/agents");
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final Map<String, String> NOTHING_EXPORTED =
      Map.of(
          "OTEL_TRACES_EXPORTER", "none",
          "OTEL_METRICS_EXPORTER", "none",
          "OTEL_LOGS_EXPORTER", "none");

  @BeforeAll
  static void fetch() throws Exception {
    Path log = HERE.resolve("target/agents-setup.log");
    Process setup =
        new ProcessBuilder(SERVICES.resolve("setup").toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(setup.waitFor(5, TimeUnit.MINUTES)).as("proofs/agents/setup").isTrue();
    assertThat(setup.exitValue()).as(Files.readString(log)).isZero();
  }

  private static Map<String, String> and(String... more) {
    Map<String, String> environment = new HashMap<>(NOTHING_EXPORTED);
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return environment;
  }

  static Stream<Arguments> agents() {
    Map<String, String> off = and("OTEL_TRACES_SAMPLER", "always_off");
    return Stream.of(
        Arguments.of("python", NOTHING_EXPORTED, List.of("requests", "httpx")),
        Arguments.of("python", off, List.of("requests", "httpx")),
        Arguments.of("python", and("OTEL_SDK_DISABLED", "true"), List.of("requests", "httpx")),
        Arguments.of("node", NOTHING_EXPORTED, List.of("fetch", "http")),
        Arguments.of("node", off, List.of("fetch", "http")),
        Arguments.of("java", NOTHING_EXPORTED, List.of("handler", "async")),
        Arguments.of("java", and("OTEL_SDK_DISABLED", "true"), List.of("handler", "async")),
        Arguments.of("java", and("OTEL_PROPAGATORS", "tracecontext"), List.of("handler")),
        Arguments.of("java", and("OTEL_PROPAGATORS", "baggage"), List.of("handler")));
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
            request.header(
                "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-" + flags);
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

  private static AgentProcess start(String runtime, Map<String, String> settings, Path log)
      throws Exception {
    return switch (runtime) {
      case "python" -> {
        Path venv = AGENTS.resolve("venv/bin");
        assumeTrue(
            Files.isExecutable(venv.resolve("opentelemetry-instrument")),
            "python3: not here, so its agent is not tried");
        Map<String, String> environment = new HashMap<>(settings);
        environment.put("DJANGO_SETTINGS_MODULE", "django_service");
        environment.put("PYTHONPATH", SERVICES.toString());
        yield AgentProcess.start(
            List.of(
                venv.resolve("opentelemetry-instrument").toString(),
                venv.resolve("python").toString(),
                SERVICES.resolve("django_service.py").toString()),
            AGENTS,
            log,
            environment);
      }
      case "node" -> {
        assumeTrue(
            Files.isDirectory(AGENTS.resolve("node_modules/express")),
            "node: not here, so its agent is not tried");
        yield AgentProcess.start(
            List.of(
                "node",
                "--require",
                "@opentelemetry/auto-instrumentations-node/register",
                SERVICES.resolve("express_service.js").toString()),
            AGENTS,
            log,
            settings);
      }
      default -> AgentProcess.java(UnmodifiedHttpService.class, log, settings);
    };
  }
}
