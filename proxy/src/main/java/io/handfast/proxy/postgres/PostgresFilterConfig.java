package io.handfast.proxy.postgres;

import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.config.tls.TlsConfig;
import java.util.Optional;

/**
 * The network filter {@code handfast.postgres_transaction} of one filter chain. Immutable.
 *
 * @param statPrefix prefix of its statistics
 * @param database one of the transaction manager's
 * @param mandatory what writes is refused where nothing names a branch; else it is the service's
 *     own
 * @param tls for services that ask for it; empty: they are told that there is none
 */
public record PostgresFilterConfig(
    String statPrefix, String database, boolean mandatory, Optional<TlsConfig.Downstream> tls)
    implements NetworkFilterConfig {

  /** As it stands in configurations, for errors. */
  public static final String NAME = "handfast.postgres_transaction";
}
