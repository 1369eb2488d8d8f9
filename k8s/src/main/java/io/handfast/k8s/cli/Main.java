package io.handfast.k8s.cli;

import java.io.PrintWriter;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The executable: what {@code ./handfast} runs of this module. */
@Command(
    name = "handfast",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = ControlPlaneCommand.class)
public final class Main implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /** Runs the command line and exits with picocli's code: 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    System.exit(commandLine().execute(args));
  }

  /** The command line, for whoever runs it in another process than its own. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setUsageHelpWidth(110)
        .setParameterExceptionHandler(Main::misused);
  }

  /** Without a subcommand there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command (expected: control-plane)");
  }

  private static int misused(ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(failure.getMessage());
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }
}
