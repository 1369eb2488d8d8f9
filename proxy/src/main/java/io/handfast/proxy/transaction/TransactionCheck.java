package io.handfast.proxy.transaction;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.extension.SnapshotCheck;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.postgres.PostgresFilterConfig;
import io.handfast.proxy.tcp.TcpProxyConfig;
import io.handfast.proxy.transaction.manager.DatabaseSettings;
import io.handfast.proxy.transaction.manager.ManagerConfig;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.resource.CallbackResource;
import io.handfast.tx.resource.DatabaseResource;
import io.handfast.tx.resource.Resource;
import java.util.List;
import java.util.Optional;

/**
 * What transactions need that no single resource can tell: the manager where a filter speaks of
 * them, the local service's cluster where a route has callbacks. Immutable.
 */
public final class TransactionCheck implements SnapshotCheck {
  private final boolean knowsDatabases;

  /**
   * @param knowsDatabases whether the bootstrap is the sidecar's own, and so names its databases;
   *     else, where resources for others are looked at, any name may be one
   */
  public TransactionCheck(boolean knowsDatabases) {
    this.knowsDatabases = knowsDatabases;
  }

  @Override
  public void check(ConfigSnapshot snapshot, Scope scope) {
    Optional<ManagerConfig> manager = snapshot.bootstrapExtension(ManagerConfig.class);
    manager
        .flatMap(ManagerConfig::localCluster)
        .filter(name -> !snapshot.clustersMayCome() && snapshot.cluster(name).isEmpty())
        .ifPresent(name ->
            scope
                .field("bootstrap_extensions")
                .error(
                    "handfast.transaction_manager: local_cluster: '"
                        + name
                        + "' (expected: a cluster of this configuration)"));
    for (ListenerConfig listener : snapshot.listeners()) {
      Scope here = scope.field("listeners[\"" + listener.name() + "\"]");
      listener
          .allFilterChains()
          .forEach(chain -> {
            checkDatabases(chain.filters(), manager, here);
            chain.http().ifPresent(http -> check(http, manager, here));
          });
    }
  }

  /** A vote that nobody can have proved would count. */
  @Override
  public void check(ClusterConfig cluster, Scope scope) {
    boolean mutual =
        cluster
            .metadata()
            .get(PeerPolicy.KEY, PeerPolicy.class)
            .map(PeerPolicy::mutual)
            .orElse(false);
    boolean proves =
        cluster
            .tls()
            .map(TlsConfig.Upstream::common)
            .filter(tls -> tls.validation().isPresent() && !tls.certificates().isEmpty())
            .isPresent();
    if (mutual && !proves) {
      scope
          .field("metadata")
          .entry("filter_metadata", PeerPolicy.KEY)
          .field("trust")
          .error(
              "MTLS",
              "a transport_socket with TLS, a certificate of its own and a validation_context;"
                  + " or PLAINTEXT, on a network that only sidecars reach");
    }
  }

  /** A filter of a database stands where it sees every byte, and what it prepares is completed. */
  private void checkDatabases(
      List<NetworkFilterConfig> filters, Optional<ManagerConfig> manager, Scope scope) {
    for (int i = 0; i < filters.size(); i++) {
      if (!(filters.get(i) instanceof PostgresFilterConfig filter)) {
        continue;
      }
      if (i != filters.size() - 2 || !(filters.getLast() instanceof TcpProxyConfig)) {
        scope.error(
            PostgresFilterConfig.NAME
                + ": not in its place (expected: directly before envoy.filters.network.tcp_proxy,"
                + " which brings it to the database)");
      } else if (manager.isEmpty()) {
        scope.error(
            PostgresFilterConfig.NAME
                + ": speaks of transactions (expected: handfast.transaction_manager among"
                + " bootstrap_extensions)");
      } else if (knowsDatabases
          && manager.get().databases().stream()
              .noneMatch(database -> database.name().equals(filter.database()))) {
        scope.error(
            PostgresFilterConfig.NAME
                + ": database: '"
                + filter.database()
                + "' (expected: one of the databases of handfast.transaction_manager, which"
                + " completes what is prepared there: "
                + manager.get().databases().stream().map(DatabaseSettings::name).toList()
                + ")");
      }
    }
  }

  private void check(
      HttpConnectionManagerConfig http, Optional<ManagerConfig> manager, Scope scope) {
    List<HttpFilterConfig> filters = http.httpFilters();
    for (int i = 0; i < filters.size(); i++) {
      if (!(filters.get(i).config() instanceof FilterConfig)) {
        continue;
      }
      if (manager.isEmpty()) {
        scope.error(
            "filter "
                + filters.get(i).name()
                + ": speaks of transactions (expected: handfast.transaction_manager among"
                + " bootstrap_extensions)");
        continue;
      }
      if (manager.get().store() instanceof ManagerConfig.EtcdConfig) {
        checkProtocols(http.routes(), i, scope);
      }
      if (knowsDatabases
          && manager.get().databases().isEmpty()
          && hasDatabaseMode(http.routes(), i)) {
        scope.error(
            "a route with a database participant (expected: databases in"
                + " handfast.transaction_manager, and handfast.postgres_transaction on the listener"
                + " by which the service reaches them)");
      }
      if (checkCallbacks(http.routes(), i, scope) && manager.get().localCluster().isEmpty()) {
        scope.error(
            "a route with a callback participant (expected: local_cluster in"
                + " handfast.transaction_manager, by which confirm and cancel are called)");
      }
    }
  }

  /**
   * Under ONE_PHASE a branch decides, under THREE_PHASE its branches may, and not the key in etcd
   * that everybody reads.
   */
  private static void checkProtocols(RouteTable routes, int filter, Scope scope) {
    for (int h = 0; h < routes.virtualHosts().size(); h++) {
      List<Route> ofHost = routes.virtualHosts().get(h).routes();
      for (int r = 0; r < ofHost.size(); r++) {
        if (ofHost.get(r).perFilterConfigs().get(filter) instanceof RoutePolicy policy
            && policy.boundary() != null
            && policy.boundary().protocol() != Protocol.TWO_PHASE) {
          new Scope(routes.path(), scope.errors())
              .field("virtual_hosts", h)
              .field("routes", r)
              .field("typed_per_filter_config")
              .field("boundary")
              .field("protocol")
              .error(policy.boundary().protocol(), "TWO_PHASE, for the store is on etcd");
        }
      }
    }
  }

  /** Whether there is a callback; each must stand on a route whose timeout bounds the Try (T17). */
  private static boolean checkCallbacks(RouteTable routes, int filter, Scope scope) {
    boolean found = false;
    for (int h = 0; h < routes.virtualHosts().size(); h++) {
      List<Route> ofHost = routes.virtualHosts().get(h).routes();
      for (int r = 0; r < ofHost.size(); r++) {
        if (!takesPart(ofHost.get(r), filter, CallbackResource.class)) {
          continue;
        }
        found = true;
        if (ofHost.get(r).action() instanceof RouteAction.Upstream upstream
            && upstream.options().timeout().isZero()) {
          new Scope(routes.path(), scope.errors())
              .field("virtual_hosts", h)
              .field("routes", r)
              .field("route")
              .field("timeout")
              .error(
                  "0s",
                  "> 0s: on a route with a callback participant it bounds how long the"
                      + " service may work before its branch is cancelled");
        }
      }
    }
    return found;
  }

  private static boolean hasDatabaseMode(RouteTable routes, int filter) {
    return routes.virtualHosts().stream()
        .flatMap(host -> host.routes().stream())
        .anyMatch(route -> takesPart(route, filter, DatabaseResource.class));
  }

  private static boolean takesPart(Route route, int filter, Class<? extends Resource> mode) {
    return takesPart(route.perFilterConfigs(), filter, mode)
        || (route.action() instanceof RouteAction.WeightedClusters weighted
            && weighted.clusters().stream()
                .anyMatch(it -> takesPart(it.perFilterConfigs(), filter, mode)));
  }

  private static boolean takesPart(
      PerFilterConfigs configs, int filter, Class<? extends Resource> mode) {
    return configs.get(filter) instanceof RoutePolicy policy && mode.isInstance(policy.resource());
  }
}
