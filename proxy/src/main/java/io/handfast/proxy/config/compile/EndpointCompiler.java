package io.handfast.proxy.config.compile;

import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.EndpointHealth;
import io.handfast.proxy.config.LoadBalancing;
import io.handfast.proxy.config.LocalityEndpoints;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.compile.address.Addresses;
import io.handfast.proxy.config.extension.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** {@code envoy.config.endpoint.v3.ClusterLoadAssignment}. */
final class EndpointCompiler {

  private EndpointCompiler() {}

  /** What a control plane sends has no gap between priorities, and each locality once in one. */
  static List<LocalityEndpoints> discovered(
      ClusterLoadAssignment proto, DiscoveryType type, Scope scope) {
    Set<Place> places = new HashSet<>();
    Set<Integer> priorities = new HashSet<>();
    proto.getEndpointsList().forEach(group -> priorities.add(group.getPriority()));
    for (int i = 0; i < proto.getEndpointsCount(); i++) {
      LocalityLbEndpoints group = proto.getEndpoints(i);
      Scope here = scope.field("endpoints", i);
      if (group.getPriority() != 0 && !priorities.contains(group.getPriority() - 1)) {
        String number = Integer.toUnsignedString(group.getPriority());
        here.field("priority").error(number, "priorities without a gap, from 0 on");
      }
      // Nothing says that groups without a locality are the same one.
      boolean named = !group.getLocality().equals(Locality.getDefaultInstance());
      if (named && !places.add(Place.of(group))) {
        here.field("locality").error(text(group.getLocality()), "each locality once in a priority");
      }
    }
    return compile(proto, type, scope);
  }

  /** What {@code drop_overloads} refuses; as in Envoy one category at most. */
  static int dropsPerMillion(ClusterLoadAssignment.Policy proto, Scope scope) {
    if (proto.getDropOverloadsCount() == 0) {
      return 0;
    }
    if (proto.getDropOverloadsCount() > 1) {
      scope
          .field("drop_overloads")
          .error(proto.getDropOverloadsCount() + " categories", "one, as in Envoy");
    }
    FractionalPercent percent = proto.getDropOverloads(0).getDropPercentage();
    int unit =
        switch (percent.getDenominator()) {
          case HUNDRED, UNRECOGNIZED -> LoadBalancing.EVERY / 100;
          case TEN_THOUSAND -> LoadBalancing.EVERY / 10_000;
          case MILLION -> 1;
        };
    long drops = Integer.toUnsignedLong(percent.getNumerator()) * unit;
    if (drops > LoadBalancing.EVERY) {
      scope
          .field("drop_overloads", 0)
          .field("drop_percentage")
          .field("numerator")
          .error(Integer.toUnsignedString(percent.getNumerator()), "0 to the denominator");
      return 0;
    }
    return (int) drops;
  }

  private static String text(Locality locality) {
    return locality.getRegion() + "/" + locality.getZone() + "/" + locality.getSubZone();
  }

  static List<LocalityEndpoints> compile(
      ClusterLoadAssignment proto, DiscoveryType type, Scope scope) {
    List<LocalityEndpoints> localities = new ArrayList<>();
    Set<NetworkAddress> seen = new HashSet<>();
    Map<Place, Long> weights = weights(proto, scope);
    for (int i = 0; i < proto.getEndpointsCount(); i++) {
      LocalityLbEndpoints group = proto.getEndpoints(i);
      localities.add(
          new LocalityEndpoints(
              locality(group.getLocality()),
              priority(group),
              weights.getOrDefault(Place.of(group), 0L),
              endpoints(group, type, seen, scope.field("endpoints", i))));
    }
    if (type == DiscoveryType.LOGICAL_DNS
        && localities.stream().mapToInt(locality -> locality.endpoints().size()).sum() != 1) {
      scope.field("endpoints").error("not one endpoint (expected: one, for LOGICAL_DNS)");
    }
    return localities;
  }

  /** What has a weight of its own. */
  private record Place(int priority, Locality locality) {
    static Place of(LocalityLbEndpoints proto) {
      return new Place(EndpointCompiler.priority(proto), proto.getLocality());
    }
  }

  /**
   * As in Envoy, a weight is that of a locality, so without one there is none; of two for the same
   * the last counts.
   */
  private static Map<Place, Long> weights(ClusterLoadAssignment proto, Scope scope) {
    Map<Place, Long> weights = new HashMap<>();
    for (LocalityLbEndpoints group : proto.getEndpointsList()) {
      if (group.hasLocality() && group.hasLoadBalancingWeight()) {
        weights.put(
            Place.of(group), Integer.toUnsignedLong(group.getLoadBalancingWeight().getValue()));
      }
    }
    Map<Integer, Long> sums = new TreeMap<>();
    weights.forEach((place, weight) -> sums.merge(place.priority(), weight, Long::sum));
    sums.forEach((priority, sum) -> {
      if (sum > LocalityEndpoints.MAX_WEIGHT) {
        scope
            .field("endpoints")
            .error(
                "load_balancing_weight sum "
                    + sum
                    + " of priority "
                    + priority
                    + " (expected: 0 to "
                    + LocalityEndpoints.MAX_WEIGHT
                    + ")");
      }
    });
    return weights;
  }

  private static int priority(LocalityLbEndpoints proto) {
    return Math.clamp(
        Integer.toUnsignedLong(proto.getPriority()), 0, LocalityEndpoints.MAX_PRIORITY);
  }

  private static LocalityEndpoints.Locality locality(Locality proto) {
    return proto.equals(Locality.getDefaultInstance())
        ? LocalityEndpoints.Locality.NONE
        : new LocalityEndpoints.Locality(proto.getRegion(), proto.getZone(), proto.getSubZone());
  }

  private static List<Endpoint> endpoints(
      LocalityLbEndpoints proto, DiscoveryType type, Set<NetworkAddress> seen, Scope scope) {
    List<Endpoint> endpoints = new ArrayList<>();
    long sum =
        proto.getLbEndpointsList().stream()
            .mapToLong(each -> Integer.toUnsignedLong(each.getLoadBalancingWeight().getValue()))
            .sum();
    if (sum > LocalityEndpoints.MAX_WEIGHT) {
      scope
          .field("lb_endpoints")
          .error("load_balancing_weight sum " + sum, "0 to " + LocalityEndpoints.MAX_WEIGHT);
    }
    for (int i = 0; i < proto.getLbEndpointsCount(); i++) {
      LbEndpoint endpoint = proto.getLbEndpoints(i);
      Scope here = scope.field("lb_endpoints", i).field("endpoint").field("address");
      NetworkAddress address =
          Addresses.toConnect(
              endpoint.getEndpoint().getAddress(), type == DiscoveryType.STATIC, here);
      if (address == null) {
        continue;
      }
      if (!seen.add(address)) {
        here.error(address, "each address once in a cluster");
        continue;
      }
      List<NetworkAddress> additional =
          additional(
              endpoint.getEndpoint(), type, seen, scope.field("lb_endpoints", i).field("endpoint"));
      Endpoint compiled =
          scope
              .field("lb_endpoints", i)
              .build(() ->
                  new Endpoint(
                      address,
                      additional,
                      endpoint.getEndpoint().getHostname(),
                      weight(endpoint),
                      health(endpoint.getHealthStatus())));
      if (compiled != null) {
        endpoints.add(compiled);
      }
    }
    return endpoints;
  }

  /** As in Envoy, of endpoints that are addresses: names have as many as they are resolved to. */
  private static List<NetworkAddress> additional(
      io.envoyproxy.envoy.config.endpoint.v3.Endpoint proto,
      DiscoveryType type,
      Set<NetworkAddress> seen,
      Scope scope) {
    List<NetworkAddress> additional = new ArrayList<>();
    for (int i = 0; i < proto.getAdditionalAddressesCount(); i++) {
      Scope here = scope.field("additional_addresses", i);
      if (type != DiscoveryType.STATIC) {
        here.error("is not supported for names (expected: a cluster of type STATIC)");
        continue;
      }
      if (proto.getAddress().hasPipe()) {
        here.error("a Unix socket is the only address of its endpoint (expected: none)");
        continue;
      }
      NetworkAddress address =
          Addresses.toConnectTcp(
              proto.getAdditionalAddresses(i).getAddress(), true, here.field("address"));
      if (address != null && !seen.add(address)) {
        here.field("address").error(address, "each address once in a cluster");
      } else if (address != null) {
        additional.add(address);
      }
    }
    return additional;
  }

  private static int weight(LbEndpoint endpoint) {
    return endpoint.hasLoadBalancingWeight()
        ? Scope.clamped(endpoint.getLoadBalancingWeight().getValue())
        : 1;
  }

  private static EndpointHealth health(HealthStatus status) {
    return switch (status) {
      case UNKNOWN, UNRECOGNIZED -> EndpointHealth.UNKNOWN;
      case HEALTHY -> EndpointHealth.HEALTHY;
      case UNHEALTHY -> EndpointHealth.UNHEALTHY;
      case DRAINING -> EndpointHealth.DRAINING;
      case TIMEOUT -> EndpointHealth.TIMEOUT;
      case DEGRADED -> EndpointHealth.DEGRADED;
    };
  }
}
