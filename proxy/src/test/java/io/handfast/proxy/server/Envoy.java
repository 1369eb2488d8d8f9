package io.handfast.proxy.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** An Envoy as a process of a test. */
public final class Envoy implements AutoCloseable {
  private static final Path SCRIPT = Path.of("proofs", "envoy").toAbsolutePath();
  private static final int LIMIT_SECONDS = 300;

  private final Process process;
  private final int port;

  private Envoy(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** The program, from {@code handfast.envoy} or as {@code proofs/envoy} fetches it. */
  static String program() throws IOException, InterruptedException {
    String given = System.getProperty("handfast.envoy");
    if (given != null) {
      return given;
    }
    Process fetch = new ProcessBuilder(SCRIPT.toString()).redirectErrorStream(true).start();
    String output = new String(fetch.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    boolean there = fetch.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && fetch.exitValue() == 0;
    if (!there && "true".equals(System.getenv("CI"))) {
      throw new AssertionError("proofs/envoy: " + output);
    }
    assumeTrue(there, "proofs/envoy: " + output);
    return output.strip();
  }

  /** Runs with that configuration, until it listens there. */
  public static Envoy start(String yaml, int port, Path directory)
      throws IOException, InterruptedException {
    String program = program();
    Path file = Files.writeString(directory.resolve("envoy.yaml"), yaml);
    Path log = directory.resolve("envoy.log");
    Process process =
        new ProcessBuilder(
                List.of(
                    program,
                    "-c",
                    file.toString(),
                    "--use-dynamic-base-id",
                    "--concurrency",
                    "1",
                    "--file-flush-interval-msec",
                    "50"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          if (!process.isAlive()) {
            throw new AssertionError(Files.readString(log));
          }
          return isThere(port);
        });
    return new Envoy(process, port);
  }

  public int port() {
    return port;
  }

  public static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static boolean isThere(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
