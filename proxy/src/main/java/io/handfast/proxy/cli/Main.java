package io.handfast.proxy.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The executable: the root of all subcommands. */
@Command(
    name = "handfast",
    description = "A service-mesh sidecar that takes part in distributed transactions.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      ProxyCommand.class,
      ValidateCommand.class,
      ExplainCommand.class,
      TxCommand.class,
      JournalCommand.class,
      InitCommand.class
    },
    footer = {
      "",
      "`./handfast control-plane` in a checkout serves the resources of a directory to sidecars (--help tells how).",
      "`./handfast demo` in a checkout runs the bank of examples/bank through crashes and checks the money."
    })
public final class Main implements Runnable {

  /** What went wrong is an answer: nothing was found, the file is wrong, nobody listens. */
  static final int FAILED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /** Runs the command line and exits with picocli's code: 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line, for whoever runs it in another process than its own. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(110)
        .setParameterExceptionHandler(Main::misused);
  }

  /** Without a subcommand there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command (expected: proxy, validate, explain, tx, journal or init)");
  }

  /** One sentence, what it could have been, and where to read on: not the whole help. */
  private static int misused(ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(failure.getMessage());
    UnmatchedArgumentException.printSuggestions(failure, err);
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }
}
