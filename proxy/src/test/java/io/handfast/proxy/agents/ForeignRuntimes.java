package io.handfast.proxy.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Services in Python and Node under OpenTelemetry's agents, each in a process of its own: {@code
 * proofs/agents}, which {@link #fetch} sets up. Whose runtime is not on the machine is left out.
 */
final class ForeignRuntimes {
  private static final Path HERE =
      Path.of(System.getProperty("basedir", "")).toAbsolutePath().normalize();
  private static final Path SERVICES = HERE.resolve("proofs/agents");
  private static final Path AGENTS = HERE.resolve("target/agents");
  private static final Path SHIMS = HERE.resolveSibling("examples/shims");

  static final Map<String, String> NOTHING_EXPORTED =
      Map.of(
          "OTEL_TRACES_EXPORTER", "none",
          "OTEL_METRICS_EXPORTER", "none",
          "OTEL_LOGS_EXPORTER", "none");

  /** Without an exporter Node's agent makes no spans, so it never asks its sampler. */
  static final Map<String, String> EXPORTED_TO_NOBODY =
      Map.of(
          "OTEL_TRACES_EXPORTER", "otlp",
          "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1",
          "OTEL_METRICS_EXPORTER", "none",
          "OTEL_LOGS_EXPORTER", "none",
          "OTEL_NODE_RESOURCE_DETECTORS", "env");

  private ForeignRuntimes() {}

  /** Before the first service. */
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

  /** These settings of an agent, and one more. */
  static Map<String, String> and(Map<String, String> settings, String name, String value) {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put(name, value);
    return environment;
  }

  /** These settings, and nothing is sampled. */
  static Map<String, String> off(Map<String, String> settings) {
    return and(settings, "OTEL_TRACES_SAMPLER", "always_off");
  }

  /** These settings, and one of the distributions of the shim for Python. */
  static Map<String, String> shim(Map<String, String> settings, String distribution) {
    return and(settings, "OTEL_PYTHON_DISTRO", distribution);
  }

  static AgentProcess django(Map<String, String> settings, Path log) throws Exception {
    Map<String, String> environment =
        and(settings, "PYTHONPATH", SERVICES + ":" + SHIMS.resolve("python"));
    environment.put("DJANGO_SETTINGS_MODULE", "django_service");
    return python(environment, log, "django_service.py");
  }

  static AgentProcess python(
      Map<String, String> environment, Path log, String program, String... arguments)
      throws Exception {
    Path venv = AGENTS.resolve("venv/bin");
    assumeTrue(
        Files.isExecutable(venv.resolve("opentelemetry-instrument")),
        "python3: not here, so its agent is not tried");
    List<String> command = new ArrayList<>();
    command.add(venv.resolve("opentelemetry-instrument").toString());
    command.add(venv.resolve("python").toString());
    command.add(SERVICES.resolve(program).toString());
    command.addAll(List.of(arguments));
    return AgentProcess.start(command, AGENTS, log, environment);
  }

  static AgentProcess node(Map<String, String> environment, Path log, String program)
      throws Exception {
    return node("@opentelemetry/auto-instrumentations-node/register", environment, log, program);
  }

  /** The same, with the shim for Node in place of the agent's own start. */
  static AgentProcess nodeWithShim(Map<String, String> environment, Path log, String program)
      throws Exception {
    return node(SHIMS.resolve("node/register.cjs").toString(), environment, log, program);
  }

  private static AgentProcess node(
      String register, Map<String, String> environment, Path log, String program) throws Exception {
    assumeTrue(
        Files.isDirectory(AGENTS.resolve("node_modules/express")),
        "node: not here, so its agent is not tried");
    return AgentProcess.start(
        List.of("node", "--require", register, SERVICES.resolve(program).toString()),
        AGENTS,
        log,
        environment);
  }
}
