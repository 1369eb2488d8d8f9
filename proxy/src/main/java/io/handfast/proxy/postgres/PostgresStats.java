package io.handfast.proxy.postgres;

import io.handfast.proxy.stats.Counter;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.stats.TlsStats;

/**
 * The statistics of the PostgreSQL filters with one {@code stat_prefix}: sessions in the names of
 * Envoy's {@code postgres_proxy}, transactions of the mesh in names of ours. Immutable; the handles
 * are thread-safe.
 */
public final class PostgresStats {

  /** {@code sessions}: begun with a StartupMessage. */
  public final Counter sessions;

  /** {@code sessions_encrypted}: of them over TLS. */
  public final Counter sessionsEncrypted;

  /** {@code sessions_unencrypted}: of them in plain. */
  public final Counter sessionsUnencrypted;

  /** {@code sessions_terminated_ssl}: TLS that ended in the filter. */
  public final Counter sessionsTerminatedSsl;

  /** {@code sessions_replication}, ours: of replication, of which nothing is looked at. */
  public final Counter sessionsReplication;

  /** {@code startup_errors}, ours: connections refused before a session. */
  public final Counter startupErrors;

  /**
   * {@code logins_failed}, ours: sessions that the server did not let in, or that did not reach it.
   */
  public final Counter loginsFailed;

  /** {@code cancel_requests}, ours. */
  public final Counter cancelRequests;

  /** {@code refused}, ours: statements refused, and blocks with them. */
  public final Counter refused;

  /** {@code blocks}, ours: transactions of the database that take part in one of the mesh. */
  public final Counter blocks;

  /** {@code blocks_prepared}, ours. */
  public final Counter blocksPrepared;

  /** {@code blocks_read_only}, ours: committed with nothing written. */
  public final Counter blocksReadOnly;

  /** {@code blocks_rolled_back}, ours: by the service. */
  public final Counter blocksRolledBack;

  /** {@code blocks_failed}, ours: that could not be committed. */
  public final Counter blocksFailed;

  /** {@code blocks_lost}, ours: the server was lost when PREPARE TRANSACTION had been sent. */
  public final Counter blocksLost;

  /** {@code ssl.*}: of handshakes in the filter. */
  public final TlsStats tls;

  /** Those of that prefix: asking twice gives the same counters. */
  public PostgresStats(Stats stats, String statPrefix) {
    sessions = stats.postgres(statPrefix, "sessions");
    sessionsEncrypted = stats.postgres(statPrefix, "sessions_encrypted");
    sessionsUnencrypted = stats.postgres(statPrefix, "sessions_unencrypted");
    sessionsTerminatedSsl = stats.postgres(statPrefix, "sessions_terminated_ssl");
    sessionsReplication = stats.postgres(statPrefix, "sessions_replication");
    startupErrors = stats.postgres(statPrefix, "startup_errors");
    loginsFailed = stats.postgres(statPrefix, "logins_failed");
    cancelRequests = stats.postgres(statPrefix, "cancel_requests");
    refused = stats.postgres(statPrefix, "refused");
    blocks = stats.postgres(statPrefix, "blocks");
    blocksPrepared = stats.postgres(statPrefix, "blocks_prepared");
    blocksReadOnly = stats.postgres(statPrefix, "blocks_read_only");
    blocksRolledBack = stats.postgres(statPrefix, "blocks_rolled_back");
    blocksFailed = stats.postgres(statPrefix, "blocks_failed");
    blocksLost = stats.postgres(statPrefix, "blocks_lost");
    tls = stats.postgresTls(statPrefix);
  }
}
