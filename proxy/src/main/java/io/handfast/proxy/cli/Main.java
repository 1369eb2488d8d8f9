package io.handfast.proxy.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The executable: the root of all subcommands. */
@Command(
    name = "handfast",
    description = "A service-mesh sidecar that takes part in distributed transactions.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.ManifestVersion.class)
public final class Main {

  private Main() {}

  /** Runs the command line and exits with picocli's code: 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  /** The version that the build wrote into the jar's manifest. */
  static final class ManifestVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"handfast " + (version == null ? "(not packaged)" : version)};
    }
  }
}
