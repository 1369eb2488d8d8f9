package io.handfast.k8s.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class ControlPlaneCommandTest {
  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(List<String> arguments) {
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of("control-plane", "--dir", directory.toString()));
    all.addAll(arguments);
    return command.execute(all.toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--address 0.0.0.0|--address: 0.0.0.0 can be reached from outside, and secrets are among what is served (expected: --tls-cert, --tls-key and --client-ca; or --plaintext, on a network that only sidecars reach)",
        "--tls-cert a.pem|--tls-cert and --tls-key: one without the other (expected: both, or neither)",
        "--client-ca a.pem|--client-ca: without --tls-cert and --tls-key (expected: these too)",
        "--port 65536|--port: 65536 (expected: 0 to 65535)",
        "--admin-address 9901|--admin-address: 9901 (expected: host:port)",
        "--admin-address localhost:http|--admin-address: localhost:http (expected: host:port)"
      })
  void shouldRefuseWhatCannotBeMeant(String arguments, String expected) {
    assertThat(run(List.of(arguments.split(" ")))).isEqualTo(2);
    assertThat(err.toString()).isEqualTo(expected + "\nTry 'handfast control-plane --help'.\n");
  }

  @Test
  void shouldSayThatAllCanBeServedAndWarnWhenItIsOnlyValidated() throws Exception {
    // Given
    Files.writeString(
        directory.resolve("l.yaml"),
        """
        '@type': type.googleapis.com/envoy.config.route.v3.RouteConfiguration
        name: r
        virtual_hosts:
        - name: all
          domains: ['*']
          routes: [{ match: { prefix: / }, route: { cluster: c } }]
        """);

    // Then
    assertThat(run(List.of("--validate-only"))).isZero();
    assertThat(out.toString()).matches("(?s).*: routes=1 \\([0-9a-f]{16}\\) OK\n");
    assertThat(err.toString())
        .isEqualTo(
            "warning: l.yaml (document 1): names clusters[c], which is not here (expected: it,"
                + " unless clients have it in their bootstrap)\n");
  }

  @Test
  void shouldFailWithEveryErrorWhenItIsOnlyValidated() throws Exception {
    // Given
    Files.writeString(directory.resolve("a.yaml"), "5");
    Files.writeString(directory.resolve("b.yaml"), "6");

    // Then
    assertThat(run(List.of("--validate-only"))).isEqualTo(ControlPlaneCommand.FAILED);
    assertThat(err.toString().lines())
        .hasSize(2)
        .allMatch(line -> line.contains("(expected: a resource with '@type', or a list"));
  }

  @Test
  void shouldSayWhyWhenItCannotListen() throws Exception {
    // When: nobody has that address here
    int code = run(List.of("--address", "192.0.2.1", "--plaintext", "--port", "0"));

    // Then
    assertThat(code).isEqualTo(ControlPlaneCommand.FAILED);
    assertThat(err.toString())
        .startsWith("handfast control-plane: cannot start: 192.0.2.1:0: ")
        .endsWith(" (expected: an address of this host, and a port that is free)\n");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void shouldWarnThatThereIsNothingWhenItIsOnlyValidated() {
    // Then
    assertThat(run(List.of("--validate-only"))).isZero();
    assertThat(err.toString())
        .isEqualTo(
            "warning: " + directory + ": nothing to serve (expected: a file with a resource)\n");
  }
}
