package io.handfast.demo.town;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One process of the demo, started again as often as it is killed; what it says goes to a log file.
 * Thread-safe: its methods exclude each other.
 */
public final class ChildProcess {
  private static final long STOP_SECONDS = 5;

  private final String name;
  private final List<String> command;
  private final Path directory;
  private final Path log;
  private @Nullable Process process;
  private boolean closed;

  ChildProcess(String name, List<String> command, Path directory) {
    this.name = name;
    this.command = List.copyOf(command);
    this.directory = directory;
    this.log = directory.resolve(name + ".log");
  }

  String name() {
    return name;
  }

  /** Starts it, unless it runs; does nothing once the demo is being torn down. */
  public synchronized void start() throws IOException {
    if (closed || isRunning()) {
      return;
    }
    process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  synchronized boolean isRunning() {
    return process != null && process.isAlive();
  }

  public synchronized long pid() {
    return process == null ? -1 : process.pid();
  }

  /** SIGKILL: no handler runs, nothing is flushed. Returns when the process is gone. */
  public synchronized void kill9() {
    Process running = process;
    if (running != null) {
      List<ProcessHandle> family = new ArrayList<>(running.descendants().toList());
      running.destroyForcibly();
      family.forEach(ProcessHandle::destroyForcibly);
      waitFor(running);
    }
  }

  /** SIGTERM, and SIGKILL for one that does not go. */
  synchronized void stop() {
    Process running = process;
    if (running == null) {
      return;
    }
    running.destroy();
    if (!waitFor(running)) {
      kill9();
    }
  }

  /** Ends it for good: nothing starts it again. */
  synchronized void close() {
    closed = true;
    kill9();
  }

  private static boolean waitFor(Process running) {
    try {
      return running.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The last lines that it wrote, for a message about its failure. */
  String lastWords() {
    try {
      List<String> lines = Files.readString(log, StandardCharsets.UTF_8).lines().toList();
      List<String> last = lines.subList(Math.max(0, lines.size() - 12), lines.size());
      return String.join("\n", last);
    } catch (IOException e) {
      return "(it wrote nothing)";
    }
  }
}
