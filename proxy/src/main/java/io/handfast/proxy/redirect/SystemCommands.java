package io.handfast.proxy.redirect;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Programs by {@code PATH}, and where a root's path may lack them. Stateless. */
public final class SystemCommands implements Commands {
  private static final long LIMIT_SECONDS = 30;
  private static final Pattern SEPARATOR = Pattern.compile(Pattern.quote(File.pathSeparator));

  @Override
  public boolean has(String program) {
    return find(program) != null;
  }

  private static @Nullable Path find(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(
            SEPARATOR.splitAsStream(path), Stream.of("/usr/sbin", "/sbin", "/usr/bin", "/bin"))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  @Override
  public Result run(List<String> command, String input) throws IOException {
    Path program = find(command.getFirst());
    if (program == null) {
      throw new IOException(command.getFirst() + ": not found (expected: on PATH)");
    }
    List<String> found = new ArrayList<>(command);
    found.set(0, program.toString());
    Process process = new ProcessBuilder(found).redirectErrorStream(true).start();
    CompletableFuture<String> output =
        CompletableFuture.supplyAsync(() -> read(process), Thread::startVirtualThread);
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended without reading: its exit code says why.
    }
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(
            String.join(" ", command) + ": not done within " + LIMIT_SECONDS + " s");
      }
      return new Result(process.exitValue(), output.join());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + command.getFirst());
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
