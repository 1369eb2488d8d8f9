package io.handfast.proxy.server;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.postgres.PostgresFilterConfig;
import io.handfast.proxy.tls.TlsContexts.Placed;
import io.handfast.proxy.transaction.manager.ManagerConfig;
import io.handfast.proxy.transaction.manager.ManagerConfig.ControlTls;
import io.handfast.proxy.xds.StaticChannels;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Where TLS stands in a configuration. Pure. */
final class TlsPlaces {

  private static final String COMMON = ".transport_socket.typed_config.common_tls_context";

  private static final String CONTROL = "handfast.transaction_manager: control_tls";

  private static final String FILTER =
      ".filters[\"" + PostgresFilterConfig.NAME + "\"].typed_config.tls.common_tls_context";

  private static final String ETCD = "handfast.transaction_manager: store.etcd.tls";

  private TlsPlaces() {}

  static List<Placed> of(ConfigSnapshot snapshot) {
    List<Placed> placed = new ArrayList<>();
    snapshot.listeners().forEach(listener -> add(placed, listener));
    for (ClusterConfig cluster : snapshot.clusters().secured()) {
      cluster.everyTls().forEach(tls -> placed.add(new Placed(field(cluster), tls)));
    }
    control(snapshot)
        .ifPresent(tls -> {
          placed.add(new Placed(CONTROL, tls.server()));
          placed.add(new Placed(CONTROL, tls.client()));
        });
    etcd(snapshot).ifPresent(tls -> placed.add(new Placed(ETCD, tls)));
    placed.addAll(databases(snapshot));
    return placed;
  }

  /** With the channels of gRPC to control planes, for which every static cluster may stand. */
  static List<Placed> atStart(ConfigSnapshot snapshot) {
    List<Placed> placed = new ArrayList<>(of(snapshot));
    placed.addAll(channels(snapshot));
    return placed;
  }

  private static List<Placed> channels(ConfigSnapshot atStart) {
    return atStart.clusters().secured().stream()
        .flatMap(cluster ->
            cluster.tls().map(StaticChannels::tls).stream()
                .map(tls -> new Placed(field(cluster), tls)))
        .toList();
  }

  private static String field(ClusterConfig cluster) {
    return "clusters[\"%s\"]".formatted(cluster.name()) + COMMON;
  }

  /**
   * What connections to come may be made with, when one snapshot has followed another: streams that
   * began before may still need a connection, and the control service, the store and the channels
   * to control planes stay what they were at the start.
   *
   * @param serving listeners that are bound, as they could be, and those that still have
   *     connections, which may not have begun with TLS
   * @param lingering clusters that are gone, and still found
   */
  static Set<TlsConfig> inUse(
      ConfigSnapshot atStart,
      Optional<ConfigSnapshot> previous,
      ConfigSnapshot next,
      List<ListenerConfig> serving,
      List<ClusterConfig> lingering) {
    List<Placed> placed = new ArrayList<>(of(next));
    placed.addAll(channels(atStart));
    previous.ifPresent(before -> placed.addAll(of(before)));
    serving.forEach(listener -> add(placed, listener));
    Set<TlsConfig> used =
        placed.stream().map(Placed::config).collect(Collectors.toCollection(HashSet::new));
    lingering.forEach(cluster -> used.addAll(cluster.everyTls()));
    control(atStart)
        .ifPresent(tls -> {
          used.add(tls.server());
          used.add(tls.client());
        });
    etcd(atStart).ifPresent(used::add);
    databases(atStart).forEach(database -> used.add(database.config()));
    return used;
  }

  private static Optional<TlsConfig.Upstream> etcd(ConfigSnapshot snapshot) {
    return snapshot
        .bootstrapExtension(ManagerConfig.class)
        .map(ManagerConfig::store)
        .flatMap(store ->
            switch (store) {
              case ManagerConfig.JournalConfig _ -> Optional.empty();
              case ManagerConfig.EtcdConfig etcd -> etcd.tls();
            });
  }

  private static List<Placed> databases(ConfigSnapshot snapshot) {
    return snapshot.bootstrapExtension(ManagerConfig.class).stream()
        .flatMap(manager -> manager.databases().stream())
        .flatMap(database ->
            database.tls().stream()
                .map(tls ->
                    new Placed(
                        "handfast.transaction_manager: databases[\"%s\"].tls"
                            .formatted(database.name()),
                        tls)))
        .toList();
  }

  private static Optional<ControlTls> control(ConfigSnapshot snapshot) {
    return snapshot
        .bootstrapExtension(ManagerConfig.class)
        .flatMap(manager -> manager.control().tls());
  }

  private static void add(List<Placed> placed, ListenerConfig listener) {
    String path = "listeners[\"%s\"].".formatted(listener.name());
    for (int i = 0; i < listener.filterChains().size(); i++) {
      add(placed, path + "filter_chains[%d]".formatted(i), listener.filterChains().get(i));
    }
    listener
        .defaultFilterChain()
        .ifPresent(chain -> add(placed, path + "default_filter_chain", chain));
  }

  private static void add(List<Placed> placed, String field, FilterChainConfig chain) {
    chain.tls().ifPresent(tls -> placed.add(new Placed(field + COMMON, tls)));
    for (NetworkFilterConfig filter : chain.filters()) {
      if (filter instanceof PostgresFilterConfig postgres) {
        postgres.tls().ifPresent(tls -> placed.add(new Placed(field + FILTER, tls)));
      }
    }
  }
}
