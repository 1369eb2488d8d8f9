package io.handfast.k8s.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.k8s.controlplane.Example;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process. */
final class ControlPlaneIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern STARTED =
      Pattern.compile(
          "control plane on 127\\.0\\.0\\.1:(\\d+), serving (.*), administration on (\\S+)");

  @TempDir Path directory;

  @TempDir Path logs;

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void close() {
    processes.forEach(Process::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
  }

  private Process run(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "control-plane"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(log("out").toFile())
            .redirectError(log("err").toFile())
            .start();
    processes.add(process);
    return process;
  }

  private Path log(String name) {
    return logs.resolve(name);
  }

  private String text(String name) {
    try {
      return Files.readString(log(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String name) throws IOException {
    Files.writeString(
        directory.resolve("clusters.yaml"),
        "'@type': type.googleapis.com/envoy.config.cluster.v3.Cluster\nname: " + name + "\n");
  }

  private Matcher awaitStart() {
    await().atMost(PATIENCE).until(() -> STARTED.matcher(text("out")).find());
    Matcher started = STARTED.matcher(text("out"));
    assertThat(started.find()).isTrue();
    return started;
  }

  private static String get(String address) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://" + address + "/ready")).build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void shouldSayWhereItServesFollowTheDirectoryAndEndCleanlyWhenTold() throws Exception {
    // Given
    write("one");
    Process process =
        run("--dir", directory.toString(), "--port", "0", "--admin-address", "127.0.0.1:0");
    Matcher started = awaitStart();
    assertThat(started.group(2)).isEqualTo(directory.toString());
    assertThat(get(started.group(3))).startsWith("serving: clusters=1 (");

    // When
    write("two");

    // Then
    await()
        .atMost(PATIENCE)
        .until(() -> text("err").contains("changed=[clusters[two]] removed=[clusters[one]]"));
    process.destroy();
    assertThat(process.waitFor()).isZero();
    assertThat(text("err")).endsWith("ControlPlaneProcess: stopped\n");
  }

  @Test
  void shouldCostNoRequestWhenItIsKilledAndBeFollowedWhenItIsBack() throws Exception {
    // Given
    try (Example example = new Example(directory)) {
      example.write();
      Process process =
          run("--dir", directory.toString(), "--port", "0", "--admin-address", "127.0.0.1:0");
      String port = awaitStart().group(1);
      try (var _ = Example.sidecar(example.bootstrap(Integer.parseInt(port), 0))) {
        example.awaitAnswer("blue");
        Queue<String> wrong = example.ask();

        // When
        process.destroyForcibly().waitFor();
        example.edit("routes.yaml", "cluster: blue", "cluster: green");
        run("--dir", directory.toString(), "--port", port, "--admin-address", "127.0.0.1:0");

        // Then
        example.awaitAnswer("green");
        assertThat(wrong).isEmpty();
      }
    }
  }

  @Test
  void shouldNotStartWithAFileThatCannotBeUsedAndSayAllThatIsWrong() throws Exception {
    // Given
    Files.writeString(directory.resolve("a.yaml"), "name: x\n---\n5\n");

    // When
    Process process = run("--dir", directory.toString(), "--port", "0");

    // Then
    assertThat(process.waitFor()).isEqualTo(ControlPlaneCommand.FAILED);
    assertThat(text("err"))
        .contains("a.yaml (document 1): neither '@type' nor 'resources'")
        .contains("a.yaml (document 2): 5 (expected: a resource with '@type'")
        .contains("cannot start");
    assertThat(text("out")).isEmpty();
  }
}
