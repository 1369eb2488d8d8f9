package io.handfast.proxy.transparency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.transparency.Way.Http;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients and servers of other languages over the ways that they can take: Python's {@code
 * http.client}, {@code urllib}, {@code requests}, {@code httpx}, Go's {@code net/http}, and
 * WebSockets by {@code websockets} and {@code ws}, each as client and as server. The script {@code
 * proofs/clients/setup} fetches them.
 */
@Tag("full")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ForeignClientsTest {
  private static final Path SCRIPTS = Path.of("proofs", "clients").toAbsolutePath();
  private static final Path CLIENTS = Path.of("target", "clients").toAbsolutePath();
  private static final String PYTHON = CLIENTS.resolve("venv/bin/python").toString();

  @BeforeAll
  void setUp() throws Exception {
    Programs.run(SCRIPTS, List.of(SCRIPTS.resolve("setup").toString()));
  }

  private static String script(String name) {
    return SCRIPTS.resolve(name).toString();
  }

  private static void assumeThere(String program) {
    boolean there = program.equals("node") || Files.isExecutable(Path.of(program));
    assumeTrue(there, program + ": not there; proofs/clients/setup had no interpreter for it");
  }

  static Stream<Arguments> httpClients() {
    return Stream.of(
            List.of(PYTHON, script("http_clients.py")),
            List.of(CLIENTS.resolve("gohttp").toString()))
        .flatMap(client -> Way.withService(Http.H1).map(way -> Arguments.of(client, way)));
  }

  @ParameterizedTest
  @MethodSource("httpClients")
  void shouldServeHttpClient(List<String> client, Way way, @TempDir Path directory)
      throws Exception {
    assumeThere(client.getFirst());
    // Given
    HttpServer service = EchoService.start();
    try (Mesh mesh = Mesh.before(service.getAddress().getPort(), directory)) {
      boolean secure = way.link() == null && way.mutualTls();
      List<String> command = new ArrayList<>(client);
      command.add(way.client() == Http.H1 ? "1" : "2");
      command.add((secure ? "https" : "http") + "://localhost:" + mesh.port(way) + "/echo");
      if (secure) {
        command.addAll(List.of("ca.pem", "front.pem", "front.key"));
      }

      // When
      String result = Programs.run(directory, command);

      // Then
      assertThat(result).isEqualTo("ok\n");
    } finally {
      service.stop(0);
    }
  }

  static Stream<Arguments> webSockets() {
    List<List<String>> servers =
        List.of(
            List.of(PYTHON, script("ws_server.py")),
            List.of("node", script("ws_server.js"), CLIENTS.toString()));
    List<List<String>> clients =
        List.of(
            List.of(PYTHON, script("ws_client.py")),
            List.of("node", script("ws_client.js"), CLIENTS.toString()));
    List<Way> ways =
        Way.withService(Http.H1)
            .filter(way -> way.client() == Http.H1 && (way.link() != null || !way.mutualTls()))
            .toList();
    return servers.stream()
        .flatMap(server ->
            clients.stream()
                .flatMap(client -> ways.stream().map(way -> Arguments.of(server, client, way))));
  }

  @ParameterizedTest
  @MethodSource("webSockets")
  void shouldCarryWebSocket(
      List<String> server, List<String> client, Way way, @TempDir Path directory) throws Exception {
    assumeThere(server.getFirst());
    assumeThere(client.getFirst());
    // Given
    Process service = new ProcessBuilder(server).redirectErrorStream(true).start();
    try (Mesh mesh = Mesh.before(port(service), directory)) {
      List<String> command = new ArrayList<>(client);
      command.add("ws://127.0.0.1:" + mesh.port(way) + "/chat");

      // When
      String result = Programs.run(directory, command);

      // Then
      assertThat(result).isEqualTo("ok\n");
    } finally {
      service.destroy();
      service.onExit().join();
    }
  }

  private static int port(Process service) throws IOException {
    BufferedReader output = service.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    if (line == null) {
      throw new AssertionError("service: said nothing (expected: its port)");
    }
    return Integer.parseInt(line);
  }
}
