package io.handfast.proxy.transaction.manager;

import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.tx.core.Authority;
import io.handfast.tx.engine.EngineConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The transaction manager of this process, as configured ({@code
 * handfast.transaction.v1.TransactionManager}). Immutable.
 *
 * @param service name of the service beside this sidecar
 * @param store where decisions and branch records are kept
 * @param control where other sidecars are listened to
 * @param retention how long ended transactions stay visible
 * @param limits what transactions may take
 * @param traceQuarantine of trace-ids (T4)
 * @param localCluster the local service's cluster, for confirm and cancel
 * @param operatorTokenFile into which the operator's token goes; empty: there is none
 * @param databases whose prepared transactions this sidecar completes; their names are unique
 */
public record ManagerConfig(
    String service,
    StoreConfig store,
    ControlConfig control,
    Duration retention,
    EngineConfig.Limits limits,
    Duration traceQuarantine,
    Optional<String> localCluster,
    Optional<Path> operatorTokenFile,
    List<DatabaseSettings> databases) {

  public ManagerConfig {
    databases = List.copyOf(databases);
  }

  /** A store of decisions and branch records. */
  public sealed interface StoreConfig {}

  /**
   * A journal.
   *
   * @param directory of its own
   * @param segmentBytes after which a new segment is begun
   * @param maxBytes that the directory may take
   */
  public record JournalConfig(Path directory, int segmentBytes, long maxBytes)
      implements StoreConfig {}

  /**
   * A prefix of an etcd cluster.
   *
   * @param endpoints URLs of its servers
   * @param prefix of every key
   * @param user where etcd has authentication enabled
   * @param tls towards {@code https} endpoints
   * @param lease after which this sidecar is lost if it is silent
   * @param maxTxnOps what the servers take in one transaction
   * @param serviceAuthority where any replica of this service answers; empty: at this one's
   */
  public record EtcdConfig(
      List<String> endpoints,
      String prefix,
      Optional<EtcdUser> user,
      Optional<TlsConfig.Upstream> tls,
      Duration lease,
      int maxTxnOps,
      Optional<Authority> serviceAuthority)
      implements StoreConfig {
    public EtcdConfig {
      endpoints = List.copyOf(endpoints);
    }
  }

  /**
   * A user of etcd.
   *
   * @param passwordFile read at the start; white space at its end does not count
   */
  public record EtcdUser(String name, Path passwordFile) {}

  /**
   * The control service's address.
   *
   * @param address to bind
   * @param port to bind; 0 takes a free one
   * @param authority under which others reach it; empty: the address bound
   * @param tls spoken in both directions; empty: plaintext
   */
  public record ControlConfig(
      String address, int port, Optional<Authority> authority, Optional<ControlTls> tls) {}

  /**
   * TLS of the control service.
   *
   * @param server demands a certificate
   * @param client shows one
   */
  public record ControlTls(TlsConfig.Downstream server, TlsConfig.Upstream client) {}
}
