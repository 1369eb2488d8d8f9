package io.handfast.proxy.admin;

import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.admin.v3.Certificates;
import io.envoyproxy.envoy.admin.v3.Clusters;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.Listeners;
import io.envoyproxy.envoy.admin.v3.ServerInfo;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.handfast.proxy.stats.Stats;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the administration server shows. The suppliers are called on its loop, one call per request:
 * they must not block.
 *
 * @param control the life cycle
 * @param stats all statistics
 * @param configDump the configuration in force, endpoints included
 * @param serverInfo version, state, command line
 * @param clusters upstream hosts and what they did
 * @param listeners what is bound
 * @param certificates that are in use
 * @param clientStatus of the resources of control planes; called on another loop too
 * @param logLevels the log
 * @param transactions empty if this proxy takes part in none
 * @param types the messages that may stand in an Any of {@code configDump}; asked for with each,
 *     for to have their descriptors takes a while, and most processes are never asked for a dump
 */
public record AdminSources(
    ServerControl control,
    Stats stats,
    Supplier<ConfigDump> configDump,
    Supplier<ServerInfo> serverInfo,
    Supplier<Clusters> clusters,
    Supplier<Listeners> listeners,
    Supplier<Certificates> certificates,
    Supplier<ClientConfig> clientStatus,
    LogLevels logLevels,
    Optional<TransactionAdmin> transactions,
    Supplier<JsonFormat.TypeRegistry> types) {}
