package io.handfast.proxy.explain;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.explain.Explanation.Destination;
import io.handfast.proxy.transaction.FilterConfig;
import io.handfast.proxy.transaction.PeerPolicy;
import io.handfast.tx.interceptor.RoutePolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the transaction filter does with a request, in words. Pure. */
final class TransactionText {

  private TransactionText() {}

  /** Empty where there is no such filter. */
  static Map<String, String> of(
      HttpConnectionManagerConfig http,
      Route route,
      ListenerConfig listener,
      List<Destination> clusters,
      ConfigSnapshot snapshot) {
    Map<String, String> told = new LinkedHashMap<>();
    PerFilterConfigs configs = route.perFilterConfigs();
    for (int i = 0; i < http.httpFilters().size(); i++) {
      HttpFilterConfig filter = http.httpFilters().get(i);
      if (filter.config() instanceof FilterConfig config) {
        told.put("filter", filter.name() + ", " + listener.trafficDirection());
        if (configs.isDisabled(i, filter.disabled())) {
          told.put("disabled", "on this route");
          return told;
        }
        policy(
            told, configs.get(i) instanceof RoutePolicy policy ? policy : RoutePolicy.NONE, config);
        if (!config.inbound()) {
          clusters.forEach(each -> peer(told, snapshot.cluster(each.cluster())));
        }
      }
    }
    return told;
  }

  private static void policy(Map<String, String> told, RoutePolicy policy, FilterConfig filter) {
    told.put("propagation", policy.propagation().name());
    RoutePolicy.Boundary boundary = policy.boundary();
    if (boundary != null) {
      told.put("boundary", "begins a transaction, timeout " + boundary.timeout());
    }
    if (policy.resource() != null) {
      told.put(
          "participant",
          policy
              .resource()
              .getClass()
              .getSimpleName()
              .replace("Resource", "")
              .toLowerCase(Locale.ROOT));
    }
    if (policy.optional()) {
      told.put("optional", "a call that fails does not doom its caller");
    }
    if (filter.inbound()) {
      told.put(
          "trust",
          filter.trustsAnybody() ? "context of anybody" : "context of verified workloads only");
    }
  }

  private static void peer(Map<String, String> told, Optional<ClusterConfig> cluster) {
    cluster.ifPresent(config -> {
      PeerPolicy peer =
          config.metadata().get(PeerPolicy.KEY, PeerPolicy.class).orElse(PeerPolicy.NONE);
      told.put(
          "cluster " + config.name(),
          peer.participant() ? "participant" : "no participant: calls leave the mesh");
    });
  }
}
