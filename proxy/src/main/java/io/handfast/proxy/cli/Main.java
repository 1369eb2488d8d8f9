package io.handfast.proxy.cli;

import io.handfast.proxy.logging.LogSetup;
import io.handfast.proxy.server.ProxyProcess;
import io.handfast.proxy.server.SidecarOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
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
    footer = {
      "",
      "`./handfast control-plane` in a checkout serves the resources of a directory to sidecars (--help tells how).",
      "`./handfast demo` in a checkout runs the bank of examples/bank through crashes and checks the money."
    })
public final class Main implements Runnable {

  /** What went wrong is an answer: nothing was found, the file is wrong, nobody listens. */
  static final int FAILED = 1;

  /** In the order of the help. */
  private static final List<Class<?>> SUBCOMMANDS =
      List.of(
          ProxyCommand.class,
          ValidateCommand.class,
          ExplainCommand.class,
          TxCommand.class,
          JournalCommand.class,
          InitCommand.class);

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /** Runs the command line and exits with picocli's code: 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) {
    Optional<SidecarOptions> plain = PlainStart.read(args);
    System.exit(
        plain.isPresent()
            ? ProxyProcess.run(plain.get(), new LogSetup(), false)
            : commandLine(args).execute(args));
  }

  /**
   * The command line, for whoever runs it in another process than its own.
   *
   * @param args if they begin with the name of a subcommand, the others are left out: a sidecar
   *     would start later by what their options take
   */
  static CommandLine commandLine(String... args) {
    CommandLine handfast = new CommandLine(new Main());
    List<Class<?>> named = SUBCOMMANDS.stream().filter(it -> isNamed(it, args)).toList();
    for (Class<?> subcommand : named.isEmpty() ? SUBCOMMANDS : named) {
      handfast.addSubcommand(subcommand);
    }
    return handfast
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(110)
        .setParameterExceptionHandler(Main::misused);
  }

  private static boolean isNamed(Class<?> subcommand, String... args) {
    Command command = subcommand.getAnnotation(Command.class);
    return args.length > 0 && command != null && command.name().equals(args[0]);
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
