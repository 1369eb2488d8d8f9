package io.handfast.proxy.crash;

import static org.assertj.core.api.Assertions.assertThat;

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
 * A sidecar in a process of its own, with the crash points in it. Its store is a directory and
 * survives it. Confined to the test's thread, but for {@link #kill}.
 */
public final class SidecarProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int LAST_LINES = 60;

  private final String name;
  private final Path directory;
  private final Path config;
  private final List<String> options;
  private final SidecarJvm jvm;
  private final URI admin;
  private final HttpClient client;
  private volatile @Nullable Process process;

  /** What it still has to do. */
  public record Load(int inFlight, int inDoubt) {
    public static final Load NONE = new Load(0, 0);
  }

  /** What came of a command. */
  public record Ended(int exitCode, String output) {}

  /**
   * @param directory where it is started: its log, and the crash hook's files
   * @param options of the command line, at each start
   */
  public SidecarProcess(
      String name,
      Path directory,
      Path config,
      List<String> options,
      int adminPort,
      SidecarJvm jvm,
      HttpClient client) {
    this.name = name;
    this.directory = directory;
    this.config = config;
    this.options = List.copyOf(options);
    this.jvm = jvm;
    this.admin = URI.create("http://127.0.0.1:" + adminPort);
    this.client = client;
  }

  /**
   * Starts it; returns at once.
   *
   * @param more of the command line's options
   */
  public void start(String... more) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("proxy", "-c", config.toString(), "--concurrency", "1"));
    arguments.addAll(options);
    arguments.addAll(List.of(more));
    File log = directory.resolve("log").toFile();
    process =
        new ProcessBuilder(jvm.command(directory, arguments))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start();
  }

  /** Starts it, unharmed from now on, unless it runs; returns when it is ready. */
  public void restart() throws IOException {
    CrashHook.disarm(directory);
    if (!running().isAlive()) {
      start();
    }
    awaitReady();
  }

  public void awaitReady() {
    Awaitility.await(name + " is ready")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(this::isReady);
  }

  /** Returns when it is ready; false if it has ended before. */
  public boolean awaitReadyOrEnd() {
    Awaitility.await(name + " is ready, or has ended")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !isAlive() || isReady());
    return isAlive();
  }

  /** Returns when it says that its journal takes nothing, or has ended because of that. */
  void awaitRefusal() {
    Awaitility.await(name + " refuses")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> !isAlive() || readiness().contains("transactions: journal"));
  }

  /** Whether it has been started, ever. */
  public boolean hasRun() {
    return process != null;
  }

  public boolean isAlive() {
    return running().isAlive();
  }

  /** Of the process that was started last. */
  public long pid() {
    return running().pid();
  }

  private boolean isReady() {
    if (!running().isAlive()) {
      throw new AssertionError(name + " has ended:\n" + lastWords());
    }
    return ask("GET", "/ready").filter(answer -> answer.statusCode() == 200).isPresent();
  }

  /** Ends it as {@code kill -9} does and returns when it is gone. Any thread. */
  public void kill() {
    Process victim = running();
    victim.destroyForcibly();
    awaitEnd(victim);
  }

  /** Stops it as SIGSTOP does; nothing in it moves until {@link #resume} or {@link #kill}. */
  void pause() throws IOException {
    signal("STOP");
  }

  void resume() throws IOException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException {
    awaitEnd(
        new ProcessBuilder("sh", "-c", "kill -" + signal + " " + running().pid())
            .inheritIO()
            .start());
  }

  /** Makes its disk fail at a point of {@link DiskFault}, from now on. */
  void breakDisk(DiskFault fault) throws IOException {
    CrashHook.breakAt(directory, fault.point());
  }

  void mendDisk() throws IOException {
    CrashHook.mend(directory);
  }

  /** Returns when it has died at the armed point; fails if it lives on or dies elsewhere. */
  public void awaitCrash() {
    Process victim = running();
    awaitEnd(victim);
    if (victim.exitValue() != CrashHook.KILLED || !CrashHook.hit(directory)) {
      throw new AssertionError(
          name + " ended with " + victim.exitValue() + ", not at the armed point:\n" + lastWords());
    }
  }

  /** Asks it to stop, as an orchestrator does. */
  void terminate() {
    running().destroy();
  }

  /** Returns its exit code when it has ended. */
  int awaitExit() {
    Process ending = running();
    awaitEnd(ending);
    return ending.exitValue();
  }

  /** Runs the command line of {@code handfast} beside it, in the same directory, to its end. */
  public Ended run(String... arguments) throws IOException {
    Path output = directory.resolve("output");
    Process other =
        new ProcessBuilder(jvm.command(directory, List.of(arguments)))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    awaitEnd(other);
    return new Ended(other.exitValue(), Files.readString(output));
  }

  /** What is in its directory under that name. */
  public Path file(String of) {
    return directory.resolve(of);
  }

  /** What {@code /ready?verbose} says. */
  public String readiness() {
    return ask("GET", "/ready?verbose").map(HttpResponse::body).orElse("");
  }

  /** Where its administration listens: host and port. */
  public String adminAddress() {
    return admin.getAuthority();
  }

  /** The file that it was started with. */
  public Path config() {
    return config;
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
  public void arm(CrashPoint point, int passes) throws IOException {
    CrashHook.arm(directory, point, passes);
  }

  /** Empty while it does not answer. */
  public Optional<Load> load() {
    return ask("GET", "/transactions")
        .filter(answer -> answer.statusCode() == 200)
        .map(answer -> load(answer.body()));
  }

  private static Load load(String json) {
    try {
      JsonNode body = JSON.readTree(json);
      return new Load(body.path("inFlight").size(), body.path("inDoubt").asInt(-1));
    } catch (IOException e) {
      throw new AssertionError("/transactions: " + json, e);
    }
  }

  /** Returns when {@code /ready} refuses because of this state. */
  void awaitNotReady(String state) {
    Awaitility.await(name + " is " + state)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> ask("GET", "/ready").filter(answer -> answer.statusCode() == 503),
            answer -> answer.filter(not -> not.body().strip().equals(state)).isPresent());
  }

  /** Asks it over administration to end. */
  void quit() {
    assertThat(ask("POST", "/quitquitquit").map(HttpResponse::statusCode)).contains(200);
  }

  /** Empty if nobody answers. */
  private Optional<HttpResponse<String>> ask(String method, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(admin.resolve(path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return Optional.of(client.send(request, HttpResponse.BodyHandlers.ofString()));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while asking " + name, e);
    }
  }

  /** All that it said. */
  public String log() {
    try {
      return Files.readString(directory.resolve("log"));
    } catch (IOException e) {
      return "---- no log of " + name + ": " + e;
    }
  }

  /** The end of its log, for whoever has to find out what went wrong. */
  public String lastWords() {
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
