package io.handfast.proxy.cli;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.server.ConfigCheck;
import io.handfast.xds.store.Compiled;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code handfast validate}: everything that is wrong with a configuration, each with the path of
 * its field.
 */
@Command(
    name = "validate",
    description = "Checks a bootstrap and prints every error with the path of its field.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {"", "Exits with 0 if the proxy would start with it, with 1 if not."})
final class ValidateCommand implements Callable<Integer> {

  @Mixin private ConfigOptions config = new ConfigOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return validate(config, spec.commandLine());
  }

  static int validate(ConfigOptions config, CommandLine command) {
    Compiled<ConfigSnapshot> compiled = ConfigCheck.check(config.source());
    PrintWriter err = command.getErr();
    compiled.warnings().forEach(warning -> err.println("warning: " + warning));
    if (compiled.errors().isEmpty()) {
      command.getOut().println("configuration '" + config.title() + "' OK");
      return 0;
    }
    compiled.errors().forEach(err::println);
    int count = compiled.errors().size();
    err.println(
        "configuration '" + config.title() + "': " + count + (count == 1 ? " error" : " errors"));
    return Main.FAILED;
  }
}
