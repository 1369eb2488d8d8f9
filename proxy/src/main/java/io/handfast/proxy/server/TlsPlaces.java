package io.handfast.proxy.server;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.tls.TlsContexts.Placed;
import io.handfast.proxy.transaction.ManagerConfig;
import java.util.ArrayList;
import java.util.List;

/** Where TLS stands in a configuration. Pure. */
final class TlsPlaces {

  private static final String COMMON = ".transport_socket.typed_config.common_tls_context";

  private static final String CONTROL = "handfast.transaction_manager: control_tls";

  private TlsPlaces() {}

  static List<Placed> of(ConfigSnapshot snapshot) {
    List<Placed> placed = new ArrayList<>();
    for (ListenerConfig listener : snapshot.listeners()) {
      String path = "listeners[\"%s\"].".formatted(listener.name());
      for (int i = 0; i < listener.filterChains().size(); i++) {
        add(placed, path + "filter_chains[%d]".formatted(i), listener.filterChains().get(i));
      }
      listener
          .defaultFilterChain()
          .ifPresent(chain -> add(placed, path + "default_filter_chain", chain));
    }
    for (ClusterConfig cluster : snapshot.clusters()) {
      String field = "clusters[\"%s\"]".formatted(cluster.name());
      cluster.tls().ifPresent(tls -> placed.add(new Placed(field + COMMON, tls)));
    }
    snapshot
        .bootstrapExtension(ManagerConfig.class)
        .flatMap(manager -> manager.control().tls())
        .ifPresent(tls -> {
          placed.add(new Placed(CONTROL, tls.server()));
          placed.add(new Placed(CONTROL, tls.client()));
        });
    return placed;
  }

  private static void add(List<Placed> placed, String field, FilterChainConfig chain) {
    chain.tls().ifPresent(tls -> placed.add(new Placed(field + COMMON, tls)));
  }
}
