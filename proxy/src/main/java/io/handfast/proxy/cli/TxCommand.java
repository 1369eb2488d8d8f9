package io.handfast.proxy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code handfast tx}: what a running sidecar knows of transactions. */
@Command(
    name = "tx",
    description = "Shows the transactions of a running sidecar.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {"", "Exits with 1 if nobody answers or the transaction is not known there."})
final class TxCommand implements Runnable {

  /** How it is printed. */
  enum Output {
    table,
    json
  }

  private static final Pattern TX_ID = Pattern.compile("[0-9a-f]{32}");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:15000",
      scope = ScopeType.INHERIT,
      description = "The sidecar's administration server; default ${DEFAULT-VALUE}.")
  private String admin = "127.0.0.1:15000";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "table",
      scope = ScopeType.INHERIT,
      description = "table (default) or json.")
  private Output output = Output.table;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command (expected: list or show)");
  }

  @Command(
      name = "list",
      description = "In flight, in doubt, and ended lately.",
      mixinStandardHelpOptions = true)
  int list() {
    return print("/transactions", TxTables::list);
  }

  @Command(
      name = "show",
      description = "One transaction: its branches and its timeline.",
      mixinStandardHelpOptions = true)
  int show(
      @Parameters(paramLabel = "ID", description = "tx-id: 32 hexadecimal digits.") String id) {
    String txId = id.toLowerCase(Locale.ROOT);
    if (!TX_ID.matcher(txId).matches()) {
      throw new ParameterException(
          spec.commandLine(), "ID: " + id + " (expected: 32 hexadecimal digits)");
    }
    return print("/transactions/" + txId, TxTables::show);
  }

  private interface Table {
    String render(JsonNode answer);
  }

  private int print(String path, Table table) {
    try {
      AdminClient.Answer answer = new AdminClient(admin).get(path);
      spec.commandLine()
          .getOut()
          .print(output == Output.json ? answer.text() : table.render(answer.json()));
      spec.commandLine().getOut().flush();
      return 0;
    } catch (AdminClient.Failure e) {
      spec.commandLine().getErr().println(e.getMessage());
      return Main.FAILED;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
