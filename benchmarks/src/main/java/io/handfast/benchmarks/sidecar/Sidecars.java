package io.handfast.benchmarks.sidecar;

import io.handfast.proxy.logging.LogSetup;
import io.handfast.proxy.server.Ambient;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.SidecarOptions;
import io.handfast.proxy.server.StartException;
import io.handfast.xds.bootstrap.BootstrapSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Sidecars in the process of a benchmark, quiet but for warnings, with one event loop. */
public final class Sidecars {
  private Sidecars() {}

  /**
   * Starts one; whoever asks closes it.
   *
   * @param yaml the bootstrap configuration
   */
  public static Sidecar start(String yaml) throws StartException {
    LogSetup logs = new LogSetup();
    logs.setAll("warning");
    return Sidecar.start(
        new SidecarOptions(
            BootstrapSource.ofYaml(yaml),
            1,
            Duration.ZERO,
            Optional.empty(),
            "benchmark",
            List.of(),
            Optional.empty()),
        Ambient.system(),
        logs,
        () -> {});
  }
}
