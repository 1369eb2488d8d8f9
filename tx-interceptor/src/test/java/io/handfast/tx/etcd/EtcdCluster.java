package io.handfast.tx.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.etcd.jetcd.Client;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** Real etcd servers for tests: processes of their own, on loopback, gone with the test. */
public final class EtcdCluster implements AutoCloseable {
  private static final int ATTEMPTS = 200;

  private final Path directory;
  private final List<Member> members = new ArrayList<>();
  private final String[] options;

  private static final class Member {
    final String name;
    final int client;
    final int peer;
    @Nullable Process process;

    Member(String name, int client, int peer) {
      this.name = name;
      this.client = client;
      this.peer = peer;
    }
  }

  private EtcdCluster(Path directory, int size, String... options) throws IOException {
    this.directory = directory;
    this.options = options;
    for (int i = 0; i < size; i++) {
      members.add(new Member("m" + i, freePort(), freePort()));
    }
  }

  /**
   * Starts a cluster and waits until it answers.
   *
   * @param options added to each server's command line
   */
  public static EtcdCluster start(Path directory, int size, String... options) throws Exception {
    requireServer();
    EtcdCluster cluster = new EtcdCluster(directory, size, options);
    for (int i = 0; i < size; i++) {
      cluster.restart(i);
    }
    cluster.awaitReady();
    return cluster;
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

  public List<String> endpoints() {
    return members.stream().map(it -> scheme() + "://127.0.0.1:" + it.client).toList();
  }

  private String scheme() {
    return Arrays.asList(options).contains("--client-cert-auth") || has("--cert-file")
        ? "https"
        : "http";
  }

  private boolean has(String option) {
    return Arrays.stream(options).anyMatch(it -> it.startsWith(option));
  }

  /** Starts a member that is not running, on what it had on its disk. */
  public void restart(int member) throws IOException {
    Member it = members.get(member);
    List<String> command =
        new ArrayList<>(
            List.of(
                "etcd",
                "--name=" + it.name,
                "--data-dir=" + directory.resolve(it.name),
                "--listen-client-urls=" + scheme() + "://127.0.0.1:" + it.client,
                "--advertise-client-urls=" + scheme() + "://127.0.0.1:" + it.client,
                "--listen-peer-urls=http://127.0.0.1:" + it.peer,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + it.peer,
                "--initial-cluster="
                    + members.stream()
                        .map(m -> m.name + "=http://127.0.0.1:" + m.peer)
                        .collect(Collectors.joining(",")),
                "--heartbeat-interval=50",
                "--election-timeout=500",
                "--log-level=error"));
    command.addAll(List.of(options));
    it.process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve(it.name + ".log").toFile()))
            .start();
  }

  private void awaitReady() throws Exception {
    if (!scheme().equals("http")) {
      return; // who opens a store waits
    }
    try (Client client = Client.builder().endpoints(endpoints().toArray(String[]::new)).build()) {
      for (int i = 0; i < ATTEMPTS; i++) {
        try {
          client.getKVClient().get(Keys.bytes("/ready")).get(2, TimeUnit.SECONDS);
          return;
        } catch (java.util.concurrent.ExecutionException
            | java.util.concurrent.TimeoutException e) {
          assertThat(members.getFirst().process)
              .as("etcd, its log: %s", log(0))
              .matches(it -> it != null && it.isAlive());
        }
      }
    }
    fail("etcd: not ready; its log: " + log(0));
  }

  private String log(int member) throws IOException {
    Path log = directory.resolve(members.get(member).name + ".log");
    return Files.exists(log) ? Files.readString(log, UTF_8) : "";
  }

  public int size() {
    return members.size();
  }

  /** kill -9. */
  public void kill(int member) throws InterruptedException {
    Process process = process(member);
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGSTOP: it takes connections and answers nothing. */
  public void pause(int member) throws Exception {
    signal(member, "STOP");
  }

  public void resume(int member) throws Exception {
    signal(member, "CONT");
  }

  private void signal(int member, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process(member).pid())).start().waitFor();
  }

  /** The member that leads now. */
  public int leader() throws Exception {
    for (int i = 0; i < size(); i++) {
      Process process = members.get(i).process;
      if (process == null || !process.isAlive()) {
        continue;
      }
      try (Client client = Client.builder().endpoints(endpoints().get(i)).build()) {
        var status =
            client.getMaintenanceClient().statusMember(endpoints().get(i)).get(5, TimeUnit.SECONDS);
        if (status.getLeader() == status.getHeader().getMemberId()) {
          return i;
        }
      }
    }
    return fail("etcd: no leader");
  }

  private Process process(int member) {
    Process process = members.get(member).process;
    if (process == null) {
      throw new IllegalStateException("member " + member + ": not running");
    }
    return process;
  }

  @Override
  public void close() {
    for (Member member : members) {
      if (member.process != null) {
        member.process.destroyForcibly().onExit().join();
      }
    }
  }
}
