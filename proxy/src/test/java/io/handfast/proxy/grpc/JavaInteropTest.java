package io.handfast.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * grpc-java's interoperability suite, with no sidecar between client and server, one and two. What
 * passes without one must pass with; {@code proxy/proofs/grpc-java-interop} fetches and compiles
 * the suite, which runs in a process of its own.
 */
@Tag("full")
class JavaInteropTest {
  private static final Path TABLE = Path.of("target/grpc-java-interop.md");
  private static final int TIMEOUT_S = 300;

  /** So many cases have a result, and so many pass without a proxy. */
  private static final int CASES = 62;

  private static final int PASS_WITHOUT = 59;

  private final List<AutoCloseable> closing = new ArrayList<>();

  @Test
  void shouldPassWithSidecarsWhatPassesWithout() throws Exception {
    // Given
    Path tools = tools();
    InteropTable table = new InteropTable();

    // When
    try {
      for (boolean tls : new boolean[] {false, true}) {
        int server = freePort();
        int port = server;
        for (int sidecars = 0; sidecars <= InteropTable.MOST_SIDECARS; sidecars++) {
          String way = InteropTable.way(tls, sidecars);
          Map<String, Boolean> results = run(tools, server, port, tls, way);
          results.forEach((name, pass) -> table.put(name, way, pass));
          assertThat(results).as(way).hasSize(CASES);
          Hop hop =
              tls
                  ? Hop.tls(port, tools.resolve("certs"), "server1", "foo.test.google.fr")
                  : Hop.to(port);
          closing.add(hop);
          port = hop.port();
        }
      }
    } finally {
      for (AutoCloseable each : closing.reversed()) {
        each.close();
      }
      table.write(TABLE, "What fails without a sidecar is not asked of it.");
    }

    // Then
    assertThat(table.passWithout()).hasSizeGreaterThanOrEqualTo(PASS_WITHOUT);
    assertThat(table.lost()).isEmpty();
  }

  private static Path tools() {
    String named = System.getProperty("handfast.grpc-java-interop", "");
    Path tools = Path.of(named.isEmpty() ? "none" : named);
    assumeTrue(
        Files.isDirectory(tools.resolve("classes")),
        "grpc-java's interoperability suite: not here (proxy/proofs/grpc-java-interop fetches it)");
    return tools;
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static Map<String, Boolean> run(Path tools, int server, int port, boolean tls, String way)
      throws Exception {
    Path log = Path.of("target", "grpc-java-interop-" + way.replace(' ', '-') + ".log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                tools.resolve("classes") + ":" + tools.resolve("lib") + "/*",
                "io.grpc.testing.integration.InteropSuite",
                String.valueOf(server),
                String.valueOf(port),
                tls ? "tls" : "plain")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    Map<String, Boolean> results = new LinkedHashMap<>();
    Files.readString(log)
        .lines()
        .map(line -> line.split(" ", -1))
        .filter(words -> words.length == 3 && words[0].equals("CASE"))
        .forEach(words -> results.put(words[1], words[2].equals("pass")));
    return results;
  }
}
