package io.handfast.proxy.transparency;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of other people, run to their end. */
final class Programs {
  private static final int LIMIT_SECONDS = 120;

  private Programs() {}

  /** Skips a test whose program is not installed; where everything is to be tested, fails it. */
  static void assumeThere(String name) {
    boolean there =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    if (!there && "true".equals(System.getenv("CI"))) {
      throw new AssertionError(name + ": not installed (expected: README.md names its package)");
    }
    assumeTrue(there, name + ": not installed; README.md names its package");
  }

  /** What it wrote, of which it must have made a success. */
  static String run(Path directory, List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(String.join(" ", command) + ":\n" + output);
    }
    return output;
  }
}
