package io.handfast.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shell file by which {@code mvnw} and {@code handfast} find a JDK, on directories that look
 * like one.
 */
final class JdkSearchTest {

  private static final Path SEARCH = Path.of("../.mvn/find-jdk.sh").toAbsolutePath().normalize();

  @TempDir private Path directory;

  @Test
  void shouldTakeTheJdkNamedByHandfastJavaHome() throws Exception {
    Path named = fakeJdk("named jdk", "25.0.1");
    Path other = fakeJdk("other", "25.0.2");

    Result result =
        search(Map.of("HANDFAST_JAVA_HOME", named.toString(), "JAVA_HOME", other.toString()));

    assertThat(result).isEqualTo(new Result(0, named + "\n", ""));
  }

  @Test
  void shouldNameHandfastJavaHomeWhenItIsNoJdk25() throws Exception {
    Path old = fakeJdk("old", "17.0.15");

    for (Path wrong : List.of(old, directory.resolve("nowhere"))) {
      Result result = search(Map.of("HANDFAST_JAVA_HOME", wrong.toString()));

      assertThat(result)
          .isEqualTo(
              new Result(
                  1,
                  "",
                  "HANDFAST_JAVA_HOME: " + wrong + " (expected: the directory of a JDK 25)\n"));
    }
  }

  @Test
  void shouldPassOverAJavaHomeOfAnotherVersion() throws Exception {
    Path old = fakeJdk("old", "17.0.15");
    Path javacOnPath = fakeJdk("current", "25.0.1").resolve("bin");

    Result result =
        search(
            Map.of("JAVA_HOME", old.toString(), "PATH", javacOnPath + ":" + System.getenv("PATH")));

    assertThat(result).isEqualTo(new Result(0, javacOnPath.getParent() + "\n", ""));
  }

  private Path fakeJdk(String name, String version) throws IOException {
    Path home = directory.resolve(name);
    Path javac = Files.createDirectories(home.resolve("bin")).resolve("javac");
    Files.writeString(javac, "#!/bin/sh\n");
    assertThat(javac.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  private Result search(Map<String, String> environment) throws IOException, InterruptedException {
    Path errors = directory.resolve("stderr");
    var builder =
        new ProcessBuilder("sh", "-c", ". \"$0\" && echo \"$JAVA_HOME\"", SEARCH.toString())
            .redirectError(errors.toFile());
    builder.environment().keySet().removeAll(List.of("HANDFAST_JAVA_HOME", "JAVA_HOME"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Result(process.waitFor(), output, Files.readString(errors));
  }

  private record Result(int exitCode, String output, String errors) {}
}
