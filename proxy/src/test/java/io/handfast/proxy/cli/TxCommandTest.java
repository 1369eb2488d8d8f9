package io.handfast.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code handfast tx} asks a sidecar for. */
class TxCommandTest {
  private static final String TX = "0196f0c2a1b87c3d9e4f5a6b7c8d9e0f";

  @TempDir private Path directory;
  private final List<String> asked = new ArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private HttpServer sidecar;

  @BeforeEach
  void start() throws IOException {
    sidecar = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    sidecar.createContext("/", this::answer);
    sidecar.start();
  }

  @AfterEach
  void stop() {
    sidecar.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    String body =
        exchange.getRequestURI().getPath().equals("/transaction_token")
            ? "{\"operatorTokenFile\": \"" + directory.resolve("token") + "\"}"
            : "{\"inFlight\": [], \"recent\": [], \"message\": \"decided to abort\"}";
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--admin", "127.0.0.1:" + sidecar.getAddress().getPort()));
    String[] words = all.toArray(String[]::new);
    CommandLine command = Main.commandLine(words);
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(words);
  }

  @ParameterizedTest
  @CsvSource({
    "--state,active,older_than_ms=0&limit=500&state=active",
    "--state,in-doubt,older_than_ms=0&limit=500&state=in-doubt",
    "--older-than,500ms,older_than_ms=500&limit=500&state=",
    "--older-than,30s,older_than_ms=30000&limit=500&state=",
    "--older-than,5m,older_than_ms=300000&limit=500&state=",
    "--older-than,2h,older_than_ms=7200000&limit=500&state=",
    "--older-than,1d,older_than_ms=86400000&limit=500&state=",
    "--limit,7,older_than_ms=0&limit=7&state="
  })
  void shouldAskForWhatIsToBeListed(String option, String value, String query) {
    // When
    int code = run("tx", "list", option, value);

    // Then
    assertThat(code).as(err.toString()).isZero();
    assertThat(asked).containsExactly("GET /transactions?" + query);
  }

  @Test
  void shouldAskForNoListToDecide() throws Exception {
    // Given
    Files.writeString(directory.resolve("token"), "0".repeat(64));

    // When
    int code = run("tx", "resolve", TX, "--abort", "--reason", "lost", "--by", "eve", "--yes");

    // Then
    assertThat(code).as(err.toString()).isZero();
    assertThat(asked)
        .containsExactly(
            "GET /transaction_token",
            "POST /transaction_resolve?decision=abort&id=" + TX + "&by=eve&reason=lost");
  }
}
