package io.handfast.proxy.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Options of Envoy's that a script may well pass and that have nothing to do here: accepted, said
 * once in the log, without effect. Those whose loss would change what the proxy does are not among
 * them and stay unknown.
 */
final class IgnoredOptions {

  private static final String HOT_RESTART = "there is no hot restart";
  private static final String LOG_FORM = "the log has one form";
  private static final String FLUSH = "access logs are flushed every 50 ms";
  private static final String STRICT = "unknown fields are refused always";
  private static final String NATIVE = "it concerns Envoy's own binary";

  private record Ignored(String name, @Nullable String parameter, String reason) {}

  private static final List<Ignored> ALL =
      List.of(
          new Ignored("--base-id", "N", HOT_RESTART),
          new Ignored("--base-id-path", "FILE", HOT_RESTART),
          new Ignored("--use-dynamic-base-id", null, HOT_RESTART),
          new Ignored("--restart-epoch", "N", HOT_RESTART),
          new Ignored("--disable-hot-restart", null, HOT_RESTART),
          new Ignored("--parent-shutdown-time-s", "S", HOT_RESTART),
          new Ignored("--skip-hot-restart-on-no-parent", null, HOT_RESTART),
          new Ignored("--skip-hot-restart-parent-stats", null, HOT_RESTART),
          new Ignored("--socket-path", "PATH", HOT_RESTART),
          new Ignored("--socket-mode", "MODE", HOT_RESTART),
          new Ignored(
              "--drain-strategy", "S", "connections are told to close as soon as draining begins"),
          new Ignored("--log-format", "FORMAT", LOG_FORM),
          new Ignored("--log-format-escaped", null, LOG_FORM),
          new Ignored("--enable-fine-grain-logging", null, LOG_FORM),
          new Ignored("--log-stacktrace-single-entry", null, LOG_FORM),
          new Ignored("--skip-deprecated-logs", null, LOG_FORM),
          new Ignored("--file-flush-interval-msec", "MS", FLUSH),
          new Ignored("--file-flush-min-size-kb", "KB", FLUSH),
          new Ignored("--reject-unknown-dynamic-fields", null, STRICT),
          new Ignored("--allow-unknown-fields", null, STRICT),
          new Ignored("--allow-unknown-static-fields", null, STRICT),
          new Ignored("--ignore-unknown-dynamic-fields", null, STRICT),
          new Ignored("--enable-core-dump", null, NATIVE),
          new Ignored("--enable-mutex-tracing", null, NATIVE),
          new Ignored("--cpuset-threads", null, NATIVE),
          new Ignored("--local-address-ip-version", "V", NATIVE));

  private IgnoredOptions() {}

  /** Makes the command accept them, out of sight of its help. */
  static void addTo(CommandSpec command) {
    for (Ignored ignored : ALL) {
      OptionSpec.Builder option = OptionSpec.builder(ignored.name()).hidden(true);
      if (ignored.parameter() == null) {
        option.arity("0").type(boolean.class);
      } else {
        option.arity("1").type(String.class).paramLabel(ignored.parameter());
      }
      command.addOption(option.build());
    }
  }

  /** A line for each that was given. */
  static List<String> given(ParseResult parsed) {
    List<String> lines = new ArrayList<>();
    for (Ignored ignored : ALL) {
      if (parsed.hasMatchedOption(ignored.name())) {
        lines.add("option=" + ignored.name() + " has no effect: " + ignored.reason());
      }
    }
    return lines;
  }
}
