package io.handfast.proxy.transaction.manager;

import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.tx.postgres.DatabaseConfig.Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A PostgreSQL database whose prepared transactions this sidecar completes ({@code
 * handfast.transaction.v1.Database}). Immutable.
 *
 * @param name by which filters and handles name it
 * @param servers of several the one that takes writes is used; at least one
 * @param database to connect to
 * @param user the role that the service connects as, or a superuser
 * @param passwordFile read for each connection; empty: no password
 * @param tls empty: the connection is plain
 * @param maxConnections of this sidecar's own
 * @param scanInterval between two looks at what is prepared
 * @param roles beside {@code user}, whose prepared transactions are taken up
 */
public record DatabaseSettings(
    String name,
    List<Server> servers,
    String database,
    String user,
    Optional<Path> passwordFile,
    Optional<TlsConfig.Upstream> tls,
    int maxConnections,
    Duration scanInterval,
    List<String> roles) {

  public DatabaseSettings {
    servers = List.copyOf(servers);
    roles = List.copyOf(roles);
  }
}
