package io.handfast.proxy.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A sidecar in a process of its own, with the crash agent in it. Its store is a directory and
 * survives it. Confined to the test's thread, but for {@link #kill}.
 */
final class SidecarProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int LAST_LINES = 60;

  private final String name;
  private final Path directory;
  private final Path config;
  private final Path agentJar;
  private final URI admin;
  private final HttpClient client;
  private volatile @Nullable Process process;

  /** What it still has to do. */
  record Load(int inFlight, int inDoubt) {
    static final Load NONE = new Load(0, 0);
  }

  /**
   * @param directory where it is started: its log, and the crash agent's files
   */
  SidecarProcess(
      String name, Path directory, Path config, int adminPort, Path agentJar, HttpClient client) {
    this.name = name;
    this.directory = directory;
    this.config = config;
    this.agentJar = agentJar;
    this.admin = URI.create("http://127.0.0.1:" + adminPort);
    this.client = client;
  }

  void start() throws IOException {
    List<String> command =
        JavaCommand.java(
            List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx128m",
                "-javaagent:" + agentJar + "=" + directory),
            "io.handfast.proxy.cli.Main",
            "proxy",
            "-c",
            config.toString(),
            "--concurrency",
            "1");
    File log = directory.resolve("log").toFile();
    process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start();
  }

  /** Starts it, unharmed from now on, unless it runs; returns when it is ready. */
  void restart() throws IOException {
    CrashAgent.disarm(directory);
    if (!running().isAlive()) {
      start();
    }
    awaitReady();
  }

  void awaitReady() {
    Awaitility.await(name + " is ready")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(this::isReady);
  }

  private boolean isReady() {
    if (!running().isAlive()) {
      throw new AssertionError(name + " has ended:\n" + lastWords());
    }
    return get("/ready").isPresent();
  }

  /** Ends it as {@code kill -9} does and returns when it is gone. Any thread. */
  void kill() {
    Process victim = running();
    victim.destroyForcibly();
    awaitEnd(victim);
  }

  /** Returns when it has died at the armed point; fails if it lives on or dies elsewhere. */
  void awaitCrash() {
    Process victim = running();
    awaitEnd(victim);
    if (victim.exitValue() != CrashAgent.KILLED || !CrashAgent.hit(directory)) {
      throw new AssertionError(
          name + " ended with " + victim.exitValue() + ", not at the armed point:\n" + lastWords());
    }
  }

  private void awaitEnd(Process victim) {
    try {
      if (!victim.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError(name + " lives on:\n" + lastWords());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for the end of " + name, e);
    }
  }

  /** Makes a point deadly to it. */
  void arm(CrashPoint point, int passes) throws IOException {
    CrashAgent.arm(directory, point, passes);
  }

  /** Empty while it does not answer. */
  Optional<Load> load() {
    return get("/transactions")
        .map(body -> new Load(body.path("inFlight").size(), body.path("inDoubt").asInt(-1)));
  }

  private Optional<JsonNode> get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(admin.resolve(path)).timeout(Duration.ofSeconds(5)).build();
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        return Optional.empty();
      }
      return Optional.of(
          answer.body().startsWith("{") ? JSON.readTree(answer.body()) : JSON.nullNode());
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while asking " + name, e);
    }
  }

  /** The end of its log, for whoever has to find out what went wrong. */
  String lastWords() {
    try {
      List<String> lines = Files.readAllLines(directory.resolve("log"));
      List<String> words = new ArrayList<>();
      words.add("---- the last of " + name + "'s log");
      words.addAll(lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
      return String.join("\n", words);
    } catch (IOException e) {
      return "---- no log of " + name + ": " + e;
    }
  }

  private Process running() {
    Process current = process;
    if (current == null) {
      throw new IllegalStateException(name + " has not been started");
    }
    return current;
  }

  @Override
  public void close() {
    Process current = process;
    if (current != null) {
      current.destroyForcibly();
      awaitEnd(current);
    }
  }
}
