package io.handfast.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tests of the harness, which is in Python and has them in {@code tests}. */
final class HarnessTest {

  @Test
  void shouldPassItsOwnTestsWhenPythonIsThere(@TempDir Path directory) throws Exception {
    // Given
    boolean required = "true".equals(System.getenv("CI"));
    assumeTrue(required || isOnPath("python3"), "python3 is not on PATH: benchmarks/run needs it");
    File said = directory.resolve("said").toFile();

    // When
    Process tests =
        new ProcessBuilder("python3", "-B", "-m", "unittest", "discover", "-s", "tests", "-t", ".")
            .redirectErrorStream(true)
            .redirectOutput(said)
            .start();
    int status = tests.waitFor();

    // Then
    assertThat(Files.readString(said.toPath(), StandardCharsets.UTF_8)).contains("Ran ", "OK");
    assertThat(status).isZero();
  }

  private static boolean isOnPath(String program) throws IOException {
    try (Stream<String> directories =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))) {
      return directories.anyMatch(each -> Files.isExecutable(Path.of(each, program)));
    }
  }
}
