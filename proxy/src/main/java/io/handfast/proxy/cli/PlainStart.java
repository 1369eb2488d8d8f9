package io.handfast.proxy.cli;

import io.handfast.proxy.server.SidecarOptions;
import io.handfast.xds.bootstrap.BootstrapSource;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The command line of a sidecar as an entry point has it, read without picocli: its classes are too
 * old for an AOT cache, and loading them takes a sixth of the start. All else is picocli's: help,
 * mistakes, and every option that is not here. Pure.
 */
final class PlainStart {
  private static final String CONFIG_PATH = "--config-path";
  private static final String SERVICE_NODE = "--service-node";
  private static final String SERVICE_CLUSTER = "--service-cluster";
  private static final String CONCURRENCY = "--concurrency";

  /** Each option by its names. */
  private static final Map<String, String> NAMES =
      Map.of(
          "-c",
          CONFIG_PATH,
          CONFIG_PATH,
          CONFIG_PATH,
          SERVICE_NODE,
          SERVICE_NODE,
          SERVICE_CLUSTER,
          SERVICE_CLUSTER,
          CONCURRENCY,
          CONCURRENCY);

  private static final int MAX_DIGITS = 4;

  private PlainStart() {}

  /** Empty unless all of it is {@code proxy} and these options, each once, with a plain value. */
  static Optional<SidecarOptions> read(String... args) {
    if (args.length % 2 == 0 || !args[0].equals("proxy")) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 1; i < args.length; i += 2) {
      String name = NAMES.get(args[i]);
      if (name == null || !isPlain(args[i + 1]) || values.put(name, args[i + 1]) != null) {
        return Optional.empty();
      }
    }
    return loops(values.get(CONCURRENCY))
        .map(loops ->
            new SidecarOptions(
                new BootstrapSource(
                    Optional.ofNullable(values.get(CONFIG_PATH)).map(Path::of),
                    Optional.empty(),
                    Optional.ofNullable(values.get(SERVICE_NODE)),
                    Optional.ofNullable(values.get(SERVICE_CLUSTER)),
                    Optional.empty()),
                loops,
                ProxyCommand.DRAIN_TIME,
                Optional.empty(),
                Version.number(),
                List.of(args),
                Optional.empty()));
  }

  /** Neither an option nor a file of options, and nothing in quotes. */
  private static boolean isPlain(String value) {
    return !value.isEmpty() && "-@\"'".indexOf(value.charAt(0)) < 0;
  }

  private static Optional<Integer> loops(@Nullable String given) {
    if (given == null) {
      return Optional.of(Runtime.getRuntime().availableProcessors());
    }
    if (given.length() > MAX_DIGITS || !given.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    int loops = Integer.parseInt(given);
    return loops >= 1 && loops <= SidecarOptions.MAX_CONCURRENCY
        ? Optional.of(loops)
        : Optional.empty();
  }
}
