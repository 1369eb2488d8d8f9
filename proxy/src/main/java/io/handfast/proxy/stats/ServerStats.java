package io.handfast.proxy.stats;

import java.util.function.LongSupplier;

/** The statistics of the process, in Envoy's names. */
public final class ServerStats {

  private ServerStats() {}

  /**
   * Registers {@code server.*}.
   *
   * @param stats where to
   * @param live 1 while the proxy serves, 0 while it starts or drains
   * @param state number of {@code envoy.admin.v3.ServerInfo.State}
   * @param uptimeSeconds since the start
   * @param concurrency event loops
   */
  public static void register(
      Stats stats,
      LongSupplier live,
      LongSupplier state,
      LongSupplier uptimeSeconds,
      int concurrency) {
    Runtime runtime = Runtime.getRuntime();
    stats.gauge("server.live", live);
    stats.gauge("server.state", state);
    stats.gauge("server.uptime", uptimeSeconds);
    stats.gauge("server.concurrency", () -> concurrency);
    stats.gauge("server.memory_allocated", () -> runtime.totalMemory() - runtime.freeMemory());
    stats.gauge("server.memory_heap_size", runtime::totalMemory);
  }
}
