package io.handfast.proxy.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A service's process under an agent, which says on which port it listens. */
final class AgentProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);
  private static final Pattern PORT = Pattern.compile("(?m)^port (\\d+)$");

  private final Process process;
  private final Path log;
  private final int port;

  private AgentProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.port = await().atMost(START).until(this::announced, it -> it > 0);
  }

  /**
   * A main class of this package under OpenTelemetry's Java agent.
   *
   * @param environment of the agent: what it is told by, and nothing else
   */
  static AgentProcess java(Class<?> main, Path log, Map<String, String> environment)
      throws IOException {
    return java("opentelemetry-javaagent.jar", main, log, environment);
  }

  /**
   * A main class of this package under a Java agent.
   *
   * @param jar a file of {@code target/agents}
   * @param environment of the agent: what it is told by, and nothing else
   */
  static AgentProcess java(String jar, Class<?> main, Path log, Map<String, String> environment)
      throws IOException {
    // Set by the build; in an IDE the working directory is the module's.
    Path agent = Path.of(System.getProperty("basedir", ""), "target/agents", jar).toAbsolutePath();
    assertThat(agent).as("what ./mvnw test-compile or proofs/agents/setup leaves").exists();
    return start(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-javaagent:" + agent,
            "-Xshare:auto",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx192m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()),
        Path.of("").toAbsolutePath(),
        log,
        environment);
  }

  /** Any program that writes {@code port N} on a line of its own when it listens. */
  static AgentProcess start(
      List<String> command, Path directory, Path log, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(new ArrayList<>(command))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder
        .environment()
        .keySet()
        .removeIf(name ->
            name.startsWith("OTEL_") || name.startsWith("DD_") || name.endsWith("_OPTIONS"));
    builder.environment().putAll(environment);
    return new AgentProcess(builder.start(), log);
  }

  private int announced() throws IOException {
    String text = Files.readString(log);
    Matcher said = PORT.matcher(text);
    if (!said.find()) {
      assertThat(process.isAlive()).as("%s", text).isTrue();
      return 0;
    }
    return Integer.parseInt(said.group(1));
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
