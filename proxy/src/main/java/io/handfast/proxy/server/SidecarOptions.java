package io.handfast.proxy.server;

import io.handfast.xds.bootstrap.BootstrapSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the command line says.
 *
 * @param source of the configuration
 * @param concurrency event loops, 1 to {@link #MAX_CONCURRENCY}
 * @param drainTime how long a stop waits for what is in flight
 * @param adminAddressPath where to write the administration server's address
 * @param version of this program
 * @param commandLine as given, for {@code /server_info}
 * @param configCacheDir where what control planes send is kept for the next start
 */
public record SidecarOptions(
    BootstrapSource source,
    int concurrency,
    Duration drainTime,
    Optional<Path> adminAddressPath,
    String version,
    List<String> commandLine,
    Optional<Path> configCacheDir) {

  /** More loops than any machine has cores are a mistake. */
  public static final int MAX_CONCURRENCY = 1024;

  public SidecarOptions {
    if (concurrency < 1 || concurrency > MAX_CONCURRENCY) {
      throw new IllegalArgumentException(
          "concurrency: " + concurrency + " (expected: 1 to " + MAX_CONCURRENCY + ")");
    }
    commandLine = List.copyOf(commandLine);
  }
}
