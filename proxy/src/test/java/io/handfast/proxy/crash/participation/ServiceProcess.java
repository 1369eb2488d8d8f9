package io.handfast.proxy.crash.participation;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/** A {@link PlainService} in a process of its own. Confined to the test's thread, but for kill. */
final class ServiceProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path log;
  private final int port;
  private final List<String> command;
  private volatile @Nullable Process process;

  /**
   * @param arguments of {@link PlainService#main}, its place and port first
   */
  ServiceProcess(Path home, int port, List<String> arguments) throws IOException {
    this.log = home.resolve("service.log");
    this.port = port;
    command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                home(PlainService.class) + File.pathSeparator + home(Driver.class),
                PlainService.class.getName()));
    command.addAll(arguments);
  }

  private static String home(Class<?> type) throws IOException {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IOException(type + ": unknown place", e);
    }
  }

  /** Starts it, unless it runs; returns at once. */
  void start() throws IOException {
    Process running = process;
    if (running == null || !running.isAlive()) {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    }
  }

  void awaitReady() {
    Awaitility.await("a service listens, see " + log)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(this::listens);
  }

  private boolean listens() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Of the process that was started last; 0 if none has been. */
  long pid() {
    Process started = process;
    return started == null ? 0 : started.pid();
  }

  /** Ends it as {@code kill -9} does, and returns when it is gone. Any thread. */
  void kill() {
    Process victim = process;
    if (victim == null) {
      throw new IllegalStateException("the service has not been started");
    }
    victim.destroyForcibly();
    try {
      if (!victim.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("the service lives on");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** All that it said. */
  String lastWords() {
    try {
      return "---- " + log + "\n" + Files.readString(log);
    } catch (IOException e) {
      return "---- no log of a service: " + e;
    }
  }

  @Override
  public void close() {
    if (process != null) {
      kill();
    }
  }
}
