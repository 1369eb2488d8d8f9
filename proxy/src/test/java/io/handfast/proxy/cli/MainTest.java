package io.handfast.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class MainTest {

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "proxy --confi-path x|--config-path",
        "prox|Did you mean: handfast proxy?",
        "proxy --mode foo|serve, validate, init_only",
        "proxy -l loud|unknown logger level: loud",
        "proxy --component-log-level nope:info|unknown logger: nope",
        "proxy --concurrency -1|--concurrency: -1 (expected: 0 to 1024)",
        "proxy --drain-time-s -1|--drain-time-s: -1 (expected: 0 or more seconds)",
        "tx|no command (expected: list, show, watch, resolve or forget)",
        "tx list --older-than soon|--older-than: soon (expected: a number and ms, s, m, h or d, such as 5m)",
        "tx resolve 12 --commit --reason x --yes|ID: 12 (expected: 32 hexadecimal digits)",
        "tx show 12|ID: 12 (expected: 32 hexadecimal digits)",
        "tx list --admin nowhere|--admin: nowhere (expected: host:port, such as 127.0.0.1:15000)",
      })
  void shouldSayWhatWasExpectedWhenMisused(String command, String expected) {
    // When
    int code = run(command.split(" ", -1));

    // Then
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains(expected).contains("--help'.");
  }

  @Test
  void shouldListOnlyCommandsThatExistWhenAskedForHelp() {
    // When
    int code = run("--help");

    // Then
    assertThat(code).isZero();
    assertThat(out.toString())
        .contains("proxy ", "validate ", "explain ", "tx ", "journal ", "init ", "./handfast demo")
        .doesNotContain("database");
  }

  @Test
  void shouldSayOkWhenTheConfigurationIsValid() throws Exception {
    // Given
    Path file = Files.writeString(directory.resolve("b.yaml"), "node: { id: n }\n");

    // When
    int validated = run("validate", "-c", file.toString());
    int byMode = run("proxy", "--mode", "validate", "-c", file.toString(), "--base-id", "7");

    // Then
    assertThat(validated).isZero();
    assertThat(byMode).isZero();
    assertThat(out.toString().lines())
        .containsExactly("configuration '" + file + "' OK", "configuration '" + file + "' OK");
  }

  @Test
  void shouldPrintEveryErrorWithItsPathWhenTheConfigurationIsNot() throws Exception {
    // Given
    Path file =
        Files.writeString(
            directory.resolve("b.yaml"),
            "nod: {}\nstatic_resources: { clusters: [{ name: up, typ: STATIC }] }\n");

    // When
    int code = run("validate", "-c", file.toString());

    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .contains("nod: ")
        .contains("static_resources.clusters[0].typ: ")
        .contains("configuration '" + file + "': ");
  }

  @Test
  void shouldSayThatNobodyListensWhenNobodyDoes() {
    // When: port 1 is nobody's
    int code = run("tx", "list", "--admin", "127.0.0.1:1");

    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).startsWith("127.0.0.1:1: nothing listens there");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--state|indoubt|--state: indoubt (expected: ",
        "--limit|0|--limit: 0 (expected: 1 to 10000)",
        "--older-than|5|--older-than: 5 (expected: a number and ms, s, m, h or d, such as 5m)"
      })
  void shouldNameWhatIsAllowedWhenAListCannotHaveIt(String option, String value, String says) {
    // When
    int code = run("tx", "list", option, value, "--admin", "127.0.0.1:1");

    // Then
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).startsWith(says);
  }

  @Test
  void shouldBuildNoOtherSubcommandWhenOneIsNamed() {
    // When
    CommandLine named = Main.commandLine("proxy", "-c", "sidecar.yaml");
    CommandLine mistaken = Main.commandLine("prox");

    // Then
    assertThat(named.getSubcommands()).containsOnlyKeys("proxy");
    assertThat(mistaken.getSubcommands())
        .containsOnlyKeys("proxy", "validate", "explain", "tx", "journal", "init");
  }

  private int run(String... arguments) {
    CommandLine command = Main.commandLine(arguments);
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }
}
