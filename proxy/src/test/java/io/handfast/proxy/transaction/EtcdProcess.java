package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A real etcd server of its own for a test, on loopback, gone with it. */
public final class EtcdProcess implements AutoCloseable {
  private final Process process;
  private final String endpoint;

  private EtcdProcess(Process process, String endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /**
   * Starts one; whoever opens a store on it waits until it answers.
   *
   * @param scheme {@code http} or {@code https}
   * @param options added to its command line
   */
  public static EtcdProcess start(Path directory, String scheme, String... options)
      throws IOException {
    requireServer();
    Files.createDirectories(directory);
    Path data = Files.createTempDirectory(directory, "data");
    String client = scheme + "://127.0.0.1:" + freePort();
    String peer = "http://127.0.0.1:" + freePort();
    List<String> command =
        new ArrayList<>(
            List.of(
                "etcd",
                "--data-dir=" + data,
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer,
                "--log-level=error"));
    command.addAll(List.of(options));
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("etcd.log").toFile())
            .start();
    return new EtcdProcess(started, client);
  }

  /** Without the server no test of it says anything: a build that counts must not go on. */
  private static void requireServer() {
    boolean there =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "etcd")));
    String missing =
        "etcd: not on the PATH (expected: Debian's package etcd-server; README, \"For the full"
            + " test\")";
    if (!there && "true".equals(System.getenv("CI"))) {
      fail(missing);
    }
    Assumptions.assumeTrue(there, missing);
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  /** Where clients reach it. */
  public String endpoint() {
    return endpoint;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
