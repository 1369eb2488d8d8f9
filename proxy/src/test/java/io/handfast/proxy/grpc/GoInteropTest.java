package io.handfast.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.handfast.proxy.server.StartException;
import io.handfast.proxy.tls.TestPki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * gRPC's interoperability client and server of Go, with no sidecar between them, one and two. What
 * passes without one must pass with; {@code proxy/proofs/grpc-interop} builds the programs.
 */
@Tag("full")
class GoInteropTest {
  private static final Path TABLE = Path.of("target/grpc-interop.md");
  private static final int TIMEOUT_S = 60;

  /** Cases that need nothing of Google's cloud, of a resolver or of load reports. */
  private static final List<String> CASES =
      List.of(
          "empty_unary",
          "large_unary",
          "client_streaming",
          "server_streaming",
          "ping_pong",
          "empty_stream",
          "timeout_on_sleeping_server",
          "cancel_after_begin",
          "cancel_after_first_response",
          "status_code_and_message",
          "special_status_message",
          "custom_metadata",
          "unimplemented_method",
          "unimplemented_service");

  private static final List<String> WAYS =
      List.of("plain 0", "plain 1", "plain 2", "TLS 0", "TLS 1", "TLS 2");

  @TempDir private Path directory;
  private final List<AutoCloseable> closing = new ArrayList<>();

  @Test
  void shouldPassWithSidecarsWhatPassesWithout() throws Exception {
    // Given
    Path tools = tools();
    TestPki pki = new TestPki();
    pki.write(directory, "server", pki.workload("server"));
    Map<String, Map<String, Boolean>> passed = new TreeMap<>();

    // When
    try {
      for (boolean tls : new boolean[] {false, true}) {
        int port = serve(tools, tls);
        for (int sidecars = 0; sidecars <= 2; sidecars++) {
          for (String each : CASES) {
            passed
                .computeIfAbsent(each, key -> new TreeMap<>())
                .put((tls ? "TLS " : "plain ") + sidecars, run(tools, each, port, tls));
          }
          port = tls ? secure(port) : closing(Hop.to(port)).port();
        }
      }
    } finally {
      for (AutoCloseable each : closing.reversed()) {
        each.close();
      }
    }

    // Then
    Files.writeString(TABLE, table(passed));
    assertThat(passed).hasSize(CASES.size());
    passed.forEach((name, results) ->
        assertThat(results).as(name).doesNotContainValue(false).hasSize(WAYS.size()));
  }

  private static Path tools() {
    String named = System.getProperty("handfast.grpc-interop", "");
    Path tools = Path.of(named.isEmpty() ? "none" : named);
    assumeTrue(
        Files.isExecutable(tools.resolve("client")) && Files.isExecutable(tools.resolve("server")),
        "gRPC's interoperability programs: not here (proxy/proofs/grpc-interop builds them)");
    return tools;
  }

  private <T extends AutoCloseable> T closing(T resource) {
    closing.add(resource);
    return resource;
  }

  private int serve(Path tools, boolean tls) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    List<String> command =
        new ArrayList<>(
            List.of(tools.resolve("server").toString(), "--port=" + port, "--use_tls=" + tls));
    if (tls) {
      command.add("--tls_cert_file=" + directory.resolve("server.pem"));
      command.add("--tls_key_file=" + directory.resolve("server.key"));
    }
    Process process = start(command, "server.log");
    closing.add(process::destroyForcibly);
    Awaitility.await().until(() -> listens(port));
    return port;
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private int secure(int port) throws StartException {
    String own =
        "common_tls_context: { alpn_protocols: [h2], tls_certificates: [{ certificate_chain: { filename: %1$s/server.pem }, private_key: { filename: %1$s/server.key } }], validation_context: { trusted_ca: { filename: %1$s/ca.pem } } }"
            .formatted(directory);
    return closing(
            Hop.tls(
                port,
                "require_client_certificate: false, " + own,
                "sni: server.example.com, " + own))
        .port();
  }

  private boolean run(Path tools, String name, int port, boolean tls) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                tools.resolve("client").toString(),
                "--server_host=127.0.0.1",
                "--server_port=" + port,
                "--test_case=" + name,
                "--use_tls=" + tls));
    if (tls) {
      command.add("--use_test_ca=true");
      command.add("--ca_file=" + directory.resolve("ca.pem"));
      command.add("--server_host_override=server.example.com");
    }
    Process process = start(command, name + ".log");
    if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return false;
    }
    return process.exitValue() == 0;
  }

  private Process start(List<String> command, String log) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve(log).toFile())
        .start();
  }

  private static String table(Map<String, Map<String, Boolean>> passed) {
    StringBuilder table = new StringBuilder("| case, by sidecars |");
    WAYS.forEach(way -> table.append(' ').append(way).append(" |"));
    table.append("\n|---|").append("---|".repeat(WAYS.size())).append('\n');
    for (String name : CASES) {
      table.append("| ").append(name).append(" |");
      Map<String, Boolean> results = passed.getOrDefault(name, Map.of());
      for (String way : WAYS) {
        table.append(results.getOrDefault(way, false) ? " pass |" : " FAIL |");
      }
      table.append('\n');
    }
    return table
        .append(
            "\nNot run: pick_first_unary, orca_per_rpc and orca_oob do not pass between the two")
        .append(
            " programs alone, without any proxy; the cases of credentials need Google's cloud.\n")
        .toString();
  }
}
