package io.handfast.proxy.stats;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The statistics of one subscription to a control plane, in Envoy's names. Immutable; the handles
 * are thread-safe.
 */
public final class DiscoveryStats {

  static final Set<String> NAMES =
      Set.of(
          "update_attempt",
          "update_success",
          "update_rejected",
          "update_failure",
          "init_fetch_timeout",
          "update_time",
          "version");

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /** {@code update_attempt}: responses that were looked at. */
  public final Counter attempt;

  /** {@code update_success}: of them, with nothing wrong. */
  public final Counter success;

  /** {@code update_rejected}: of them, with something wrong. */
  public final Counter rejected;

  /** {@code update_failure}: streams that broke. */
  public final Counter failure;

  /** {@code init_fetch_timeout}: resources that did not come in time. */
  public final Counter initFetchTimeout;

  /** {@code update_time}: of the last success, in milliseconds since 1970. */
  public final Gauge time;

  /** {@code version}: a hash of the last accepted version. */
  public final Gauge version;

  DiscoveryStats(Names names) {
    attempt = names.counter("update_attempt");
    success = names.counter("update_success");
    rejected = names.counter("update_rejected");
    failure = names.counter("update_failure");
    initFetchTimeout = names.counter("init_fetch_timeout");
    time = names.gauge("update_time");
    version = names.gauge("version");
  }

  /** A response was put to use. */
  public void accepted(String acceptedVersion, long epochMillis) {
    attempt.inc();
    success.inc();
    time.set(epochMillis);
    version.set(hash(acceptedVersion));
  }

  /** A response was refused. */
  public void refused() {
    attempt.inc();
    rejected.inc();
  }

  /** FNV-1a: what counts is that another version is another number. */
  private static long hash(String text) {
    long hash = FNV_OFFSET;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return hash & Long.MAX_VALUE;
  }
}
