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

  private static final String NOT_RUN =
      "Not run: pick_first_unary, orca_per_rpc and orca_oob do not pass between the two programs"
          + " alone, without any proxy; the cases of credentials need Google's cloud.";

  @TempDir private Path directory;
  private final List<AutoCloseable> closing = new ArrayList<>();

  @Test
  void shouldPassWithSidecarsWhatPassesWithout() throws Exception {
    // Given
    Path tools = tools();
    TestPki pki = new TestPki();
    pki.write(directory, "server", pki.workload("server"));
    InteropTable table = new InteropTable();

    // When
    try {
      for (boolean tls : new boolean[] {false, true}) {
        int port = serve(tools, tls);
        for (int sidecars = 0; sidecars <= InteropTable.MOST_SIDECARS; sidecars++) {
          for (String each : CASES) {
            table.put(each, InteropTable.way(tls, sidecars), run(tools, each, port, tls));
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
    table.write(TABLE, NOT_RUN);
    assertThat(table.passWithout()).containsExactlyElementsOf(CASES);
    assertThat(table.lost()).isEmpty();
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
    return closing(Hop.tls(port, directory, "server", "server.example.com")).port();
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
}
