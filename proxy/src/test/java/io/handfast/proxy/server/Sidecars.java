package io.handfast.proxy.server;

import io.handfast.proxy.logging.LogSetup;
import io.handfast.xds.bootstrap.BootstrapSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Starts sidecars within the tests' process, as the command line would. */
public final class Sidecars {

  private Sidecars() {}

  /** One with that bootstrap, one event loop, and a drain of a second. */
  public static Sidecar start(String yaml) throws StartException {
    return start(yaml, 1, Duration.ofSeconds(1));
  }

  /**
   * One with that bootstrap.
   *
   * @param concurrency event loops
   */
  public static Sidecar start(String yaml, int concurrency, Duration drainTime)
      throws StartException {
    return start(yaml, concurrency, drainTime, Optional.empty());
  }

  /**
   * One with that bootstrap.
   *
   * @param configCacheDir {@code --config-cache-dir}
   */
  public static Sidecar start(
      String yaml, int concurrency, Duration drainTime, Optional<Path> configCacheDir)
      throws StartException {
    SidecarOptions options =
        new SidecarOptions(
            BootstrapSource.ofYaml(yaml),
            concurrency,
            drainTime,
            Optional.empty(),
            "test",
            List.of(),
            configCacheDir);
    return Sidecar.start(options, Ambient.system(), new LogSetup(), () -> {});
  }
}
