package io.handfast.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class PlainStartTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "proxy",
        "proxy -c a.yaml",
        "proxy --config-path a.yaml --concurrency 1",
        "proxy --concurrency 1024 -c /etc/handfast/a.yaml --service-node n-1 --service-cluster c",
      })
  void shouldReadTheSameAsPicocliWhenItReadsIt(String line) {
    // Given
    String[] args = line.split(" ", -1);
    CommandLine commands = Main.commandLine(args);
    commands.parseArgs(args);
    ProxyCommand command =
        Objects.requireNonNull(commands.getSubcommands().get("proxy")).getCommand();

    // Then
    assertThat(PlainStart.read(args)).contains(command.options());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "validate -c a.yaml",
        "proxy -c",
        "proxy -c a.yaml -c b.yaml",
        "proxy -c a.yaml --config-path b.yaml",
        "proxy -c=a.yaml",
        "proxy -c @arguments",
        "proxy -c --help",
        "proxy @arguments x",
        "proxy --concurrency 0",
        "proxy --concurrency 1025",
        "proxy --concurrency 99999999999",
        "proxy --concurrency x",
        "proxy --mode validate",
        "proxy -l debug",
        "proxy --drain-time-s 5",
        "proxy --help",
        "proxy -- a",
      })
  void shouldLeaveItToPicocliWhenThereIsMoreToIt(String line) {
    assertThat(PlainStart.read(line.split(" ", -1))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"proxy|-c|", "proxy|-c|\"a.yaml\"", "|-c|a.yaml", ""})
  void shouldLeaveItToPicocliWhenAValueIsEmptyOrQuoted(String line) {
    assertThat(PlainStart.read(line.split("\\|", -1))).isEmpty();
  }
}
