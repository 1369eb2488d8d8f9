package io.handfast.tx.etcd;

import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Which etcd, and how it is used. Immutable.
 *
 * @param endpoints {@code http://host:port} or {@code https://host:port}, one or more
 * @param prefix of every key, without a slash at its end: sidecars that share it are one store
 * @param credentials where etcd has authentication enabled
 * @param tls where the endpoints are {@code https}; made for gRPC (ALPN h2)
 * @param lease after which a sidecar that does not answer is lost, and others take over what it
 *     left; whole seconds
 * @param maxTxnOps what the servers take in one transaction: etcd's {@code --max-txn-ops}
 */
public record EtcdOptions(
    List<String> endpoints,
    String prefix,
    Optional<Credentials> credentials,
    Optional<SslContext> tls,
    Duration lease,
    int maxTxnOps) {

  /** How long a silent sidecar is waited for, by default. */
  public static final Duration DEFAULT_LEASE = Duration.ofSeconds(10);

  /** etcd's own default of {@code --max-txn-ops}. */
  public static final int DEFAULT_MAX_TXN_OPS = 128;

  /** A user of etcd. */
  public record Credentials(String user, String password) {
    @Override
    public String toString() {
      return "user " + user;
    }
  }

  public EtcdOptions {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("endpoints: none (expected: one or more)");
    }
    if (!prefix.startsWith("/") || prefix.endsWith("/")) {
      throw new IllegalArgumentException(
          "prefix: " + prefix + " (expected: begins with / and does not end with one)");
    }
    if (lease.toSeconds() < 1) {
      throw new IllegalArgumentException("lease: " + lease + " (expected: 1 s or more)");
    }
    if (maxTxnOps < BatchWriter.OPS_OF_A_WRITE + 1) {
      throw new IllegalArgumentException(
          "maxTxnOps: "
              + maxTxnOps
              + " (expected: "
              + (BatchWriter.OPS_OF_A_WRITE + 1)
              + " or more)");
    }
  }

  /** The defaults, in plaintext and without authentication. */
  public static EtcdOptions of(List<String> endpoints, String prefix) {
    return new EtcdOptions(
        endpoints, prefix, Optional.empty(), Optional.empty(), DEFAULT_LEASE, DEFAULT_MAX_TXN_OPS);
  }
}
