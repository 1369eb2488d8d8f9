package io.handfast.proxy.explain;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.LocalityEndpoints;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.explain.Explanation.Destination;
import io.handfast.proxy.explain.Explanation.Target;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.tcp.TcpProxyConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Clusters and their endpoints. Immutable. */
final class Destinations {

  static final String NOT_THERE = "there is no such cluster";

  private final ConfigSnapshot snapshot;
  private final Map<String, List<Target>> endpoints;

  /**
   * @param endpoints of clusters by name, as they are now; those of others are as configured
   */
  Destinations(ConfigSnapshot snapshot, Map<String, List<Target>> endpoints) {
    this.snapshot = snapshot;
    this.endpoints = Map.copyOf(endpoints);
  }

  List<Destination> of(TcpProxyConfig tcp) {
    long total = tcp.clusters().stream().mapToLong(TcpProxyConfig.WeightedCluster::weight).sum();
    return tcp.clusters().stream()
        .map(each -> of(each.name(), share(each.weight(), total)))
        .toList();
  }

  List<Destination> of(RouteAction action, RequestHead head) {
    return switch (action) {
      case RouteAction.Forward forward -> List.of(of(forward.cluster(), ""));
      case RouteAction.ClusterHeader(String header, var _) ->
          List.of(of(Optional.ofNullable(head.field(header)).orElse(""), "by header " + header));
      case RouteAction.WeightedClusters(var clusters, long total, var _) ->
          clusters.stream()
              .filter(each -> each.weight() > 0)
              .map(each -> of(each.cluster(), share(each.weight(), total)))
              .toList();
      case RouteAction.DirectResponse _, RouteAction.Redirect _ -> List.of();
    };
  }

  private static String share(long weight, long total) {
    return weight == total ? "" : weight + " of " + total;
  }

  private Destination of(String name, String share) {
    Optional<ClusterConfig> cluster = snapshot.cluster(name);
    if (cluster.isEmpty()) {
      return new Destination(name, share, NOT_THERE, List.of());
    }
    List<Target> targets =
        Optional.ofNullable(endpoints.get(name)).orElseGet(() -> configured(cluster.get()));
    String note =
        cluster.get().type() == ClusterConfig.DiscoveryType.ORIGINAL_DST
            ? "whatever address the client connected to"
            : targets.isEmpty() ? "it has no endpoint" : "";
    return new Destination(name, share, note, targets);
  }

  private static List<Target> configured(ClusterConfig cluster) {
    List<Target> targets = new ArrayList<>();
    for (LocalityEndpoints locality : cluster.localities()) {
      for (Endpoint each : locality.endpoints()) {
        targets.add(
            new Target(
                each.address().toString(),
                each.health().name(),
                locality.priority(),
                place(locality.locality()),
                each.weight()));
      }
    }
    return targets;
  }

  private static String place(LocalityEndpoints.Locality locality) {
    return Stream.of(locality.region(), locality.zone(), locality.subZone())
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("/"));
  }
}
