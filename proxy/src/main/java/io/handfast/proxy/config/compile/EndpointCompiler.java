package io.handfast.proxy.config.compile;

import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.LocalityEndpoints;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.extension.Scope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code envoy.config.endpoint.v3.ClusterLoadAssignment}. */
final class EndpointCompiler {

  private EndpointCompiler() {}

  static List<LocalityEndpoints> compile(
      ClusterLoadAssignment proto, DiscoveryType type, Scope scope) {
    List<LocalityEndpoints> localities = new ArrayList<>();
    Set<NetworkAddress> seen = new HashSet<>();
    for (int i = 0; i < proto.getEndpointsCount(); i++) {
      localities.add(locality(proto.getEndpoints(i), type, seen, scope.field("endpoints", i)));
    }
    return localities;
  }

  private static LocalityEndpoints locality(
      LocalityLbEndpoints proto, DiscoveryType type, Set<NetworkAddress> seen, Scope scope) {
    List<Endpoint> endpoints = new ArrayList<>();
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
      endpoints.add(new Endpoint(address, endpoint.getEndpoint().getHostname()));
    }
    Locality locality = proto.getLocality();
    return new LocalityEndpoints(
        locality.getRegion(), locality.getZone(), locality.getSubZone(), endpoints);
  }
}
