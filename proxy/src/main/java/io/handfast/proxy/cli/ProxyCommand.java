package io.handfast.proxy.cli;

import io.handfast.proxy.logging.LogSetup;
import io.handfast.proxy.server.ProxyProcess;
import io.handfast.proxy.server.SidecarOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code handfast proxy}: a sidecar until it is told to stop. */
@Command(
    name = "proxy",
    description = "Starts a sidecar from an Envoy v3 bootstrap.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "Other options of Envoy's that make no difference here are accepted and named in the log.",
      "SIGTERM drains and exits with 0; SIGINT does so in a hurry."
    })
final class ProxyCommand implements Callable<Integer> {

  /** As in Envoy. */
  enum Mode {
    serve,
    validate,
    init_only
  }

  /** Without {@code --drain-time-s}. */
  static final Duration DRAIN_TIME = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(ProxyCommand.class);

  @Mixin private ConfigOptions config = new ConfigOptions();

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "serve",
      description =
          "serve (default), validate (check the configuration and exit) or init_only (start, then exit).")
  private Mode mode = Mode.serve;

  @Option(
      names = {"-l", "--log-level"},
      paramLabel = "LEVEL",
      description = "trace, debug, info (default), warning, error, critical or off.")
  private @Nullable String logLevel;

  @Option(
      names = "--component-log-level",
      paramLabel = "LIST",
      description = "Levels of single components: upstream:debug,transaction:trace.")
  private @Nullable String componentLogLevel;

  @Option(
      names = "--log-path",
      paramLabel = "FILE",
      description = "The log goes there in place of standard error.")
  private @Nullable Path logPath;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "Event loops; default: one per core.")
  private @Nullable Integer concurrency;

  @Option(
      names = "--drain-time-s",
      paramLabel = "S",
      defaultValue = "600",
      description = "How long SIGTERM waits for streams and transactions in flight; default 600.")
  private long drainTimeSeconds = DRAIN_TIME.toSeconds();

  @Option(
      names = "--admin-address-path",
      paramLabel = "FILE",
      description = "Writes the administration server's address there, for port 0.")
  private @Nullable Path adminAddressPath;

  @Option(
      names = "--config-cache-dir",
      paramLabel = "DIR",
      description = {
        "Keeps the last good configuration of the control planes there, private keys of SDS",
        "included (mode 0600); a start that reaches none of them comes up on it."
      })
  private @Nullable Path configCacheDir;

  private CommandSpec spec = CommandSpec.create();

  @Spec
  void spec(CommandSpec command) {
    spec = command;
    IgnoredOptions.addTo(command);
  }

  @Override
  public Integer call() {
    LogSetup log = new LogSetup();
    configureLog(log);
    IgnoredOptions.given(spec.commandLine().getParseResult()).forEach(LOG::info);
    if (mode == Mode.validate) {
      return ValidateCommand.validate(config, spec.commandLine());
    }
    return ProxyProcess.run(options(), log, mode == Mode.init_only);
  }

  /** What was given, once it has been parsed. */
  SidecarOptions options() {
    return new SidecarOptions(
        config.source(),
        loops(),
        seconds(),
        Optional.ofNullable(adminAddressPath),
        Version.number(),
        spec.commandLine().getParseResult().originalArgs(),
        Optional.ofNullable(configCacheDir));
  }

  private void configureLog(LogSetup log) {
    try {
      if (logPath != null) {
        log.toFile(logPath);
      }
      if (logLevel != null) {
        log.setAll(logLevel);
      }
      if (componentLogLevel != null) {
        log.setComponents(componentLogLevel);
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--log-level, --component-log-level: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--log-path: " + logPath + " cannot be written: " + e.getMessage(),
          e);
    }
  }

  private int loops() {
    int wanted = concurrency == null ? Runtime.getRuntime().availableProcessors() : concurrency;
    if (wanted < 0 || wanted > SidecarOptions.MAX_CONCURRENCY) {
      throw new ParameterException(
          spec.commandLine(),
          "--concurrency: " + wanted + " (expected: 0 to " + SidecarOptions.MAX_CONCURRENCY + ")");
    }
    // Envoy takes 0 as 1.
    return Math.max(1, wanted);
  }

  private Duration seconds() {
    if (drainTimeSeconds < 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--drain-time-s: " + drainTimeSeconds + " (expected: 0 or more seconds)");
    }
    return Duration.ofSeconds(drainTimeSeconds);
  }
}
