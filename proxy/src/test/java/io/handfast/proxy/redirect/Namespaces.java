package io.handfast.proxy.redirect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Two network namespaces with a cable between them: {@code pod}, which has the sidecar, and {@code
 * peer}. Both are gone when it is closed, with the processes in them.
 */
final class Namespaces implements AutoCloseable {
  static final String POD_V4 = "10.99.77.1";
  static final String PEER_V4 = "10.99.77.2";
  static final String POD_V6 = "fd99:77::1";
  static final String PEER_V6 = "fd99:77::2";

  private static final Commands SYSTEM = new SystemCommands();
  private static final List<String> PROGRAMS =
      List.of("ip", "nft", "iptables-restore", "ip6tables-restore", "setpriv", "bash");

  /** Its own process's, for others may be asking too. */
  private static final String MAY_I = "hf-may-i-" + ProcessHandle.current().pid();

  private final String pod = "hf-pod-" + ProcessHandle.current().pid();
  private final String peer = "hf-peer-" + ProcessHandle.current().pid();
  private final List<Process> processes = new ArrayList<>();

  /** Two of them; skips the test, with a sentence, where that is impossible. */
  static Namespaces create() {
    List<String> missing = PROGRAMS.stream().filter(program -> !SYSTEM.has(program)).toList();
    if ("true".equals(System.getenv("CI"))) {
      assertThat(missing).as("programs that README.md names for the full test").isEmpty();
    }
    assumeTrue(missing.isEmpty(), () -> "not installed: " + missing);
    assumeTrue(
        run("ip", "netns", "add", MAY_I).isDone(),
        "network namespaces cannot be made here (expected: root)");
    run("ip", "netns", "del", MAY_I);
    Namespaces made = new Namespaces();
    made.lay();
    return made;
  }

  private void lay() {
    must("ip", "netns", "add", pod);
    must("ip", "netns", "add", peer);
    must("ip", "-n", pod, "link", "add", "eth0", "type", "veth", "peer", "eth0", "netns", peer);
    address(pod, POD_V4, POD_V6);
    address(peer, PEER_V4, PEER_V6);
  }

  private static void address(String namespace, String v4, String v6) {
    must("ip", "-n", namespace, "addr", "add", v4 + "/24", "dev", "eth0");
    must("ip", "-n", namespace, "addr", "add", v6 + "/64", "dev", "eth0", "nodad");
    must("ip", "-n", namespace, "link", "set", "lo", "up");
    must("ip", "-n", namespace, "link", "set", "eth0", "up");
  }

  private static Commands.Result run(String... command) {
    try {
      return SYSTEM.run(List.of(command), "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void must(String... command) {
    Commands.Result result = run(command);
    assertThat(result.exitCode()).as("%s: %s", List.of(command), result.output()).isZero();
  }

  /** Programs as they run in the pod. */
  Commands inPod() {
    return new Commands() {
      @Override
      public boolean has(String program) {
        return SYSTEM.has(program);
      }

      @Override
      public Result run(List<String> command, String input) throws IOException {
        return SYSTEM.run(inside(pod, command), input);
      }
    };
  }

  private static List<String> inside(String namespace, List<String> command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    all.addAll(command);
    return all;
  }

  /** Starts a process in the pod, its output in that file. */
  Process startInPod(Path output, List<String> command) throws IOException {
    return start(pod, output, command);
  }

  /** Starts a process in the other namespace, its output in that file. */
  Process startInPeer(Path output, List<String> command) throws IOException {
    return start(peer, output, command);
  }

  private Process start(String namespace, Path output, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(inside(namespace, command))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    processes.add(process);
    return process;
  }

  /** One request of a process in the pod that is not the sidecar; empty if there is no answer. */
  String askFromPod(String address, int port, String... headers) {
    return ask(pod, List.of(), address, port, headers);
  }

  /** The same of a process that runs as the sidecar's user. */
  String askAsSidecar(String address, int port) {
    return ask(
        pod,
        List.of("setpriv", "--reuid", "1337", "--regid", "1337", "--clear-groups"),
        address,
        port);
  }

  /** The same of a process in the other namespace. */
  String askFromPeer(String address, int port, String... headers) {
    return ask(peer, List.of(), address, port, headers);
  }

  /** A POST without a body, of a process in the other namespace. */
  String postFromPeer(String address, int port, String path) {
    return send(peer, List.of(), address, port, "POST " + path, "content-length: 0");
  }

  private static String ask(
      String namespace, List<String> as, String address, int port, String... headers) {
    return send(namespace, as, address, port, "GET /", headers);
  }

  private static String send(
      String namespace, List<String> as, String address, int port, String what, String... headers) {
    StringBuilder request = new StringBuilder(what + " HTTP/1.1\\r\\nhost: h\\r\\n");
    for (String header : headers) {
      request.append(header).append("\\r\\n");
    }
    List<String> command = new ArrayList<>(as);
    command.addAll(
        List.of(
            "bash",
            "-c",
            "exec 3<>/dev/tcp/%s/%d && printf '%sconnection: close\\r\\n\\r\\n' >&3 && timeout 10 cat <&3"
                .formatted(address, port, request)));
    try {
      return SYSTEM.run(inside(namespace, command), "").output();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is written on the output of a process, for a failure's message. */
  static String read(Path output) {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    processes.forEach(process -> process.descendants().forEach(ProcessHandle::destroyForcibly));
    processes.forEach(Process::destroyForcibly);
    for (Process process : processes) {
      process.onExit().join();
    }
    run("ip", "netns", "del", pod);
    run("ip", "netns", "del", peer);
  }
}
