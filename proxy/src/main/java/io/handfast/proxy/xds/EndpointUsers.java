package io.handfast.proxy.xds;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.handfast.xds.resource.XdstpName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which clusters use the endpoints of a name: those that ask for them by a {@code service_name} of
 * another name than theirs, else the one that is called so. Confined to the executor of the
 * clients.
 */
final class EndpointUsers {

  private final Map<String, String> serviceOf = new HashMap<>();
  private final Map<String, Set<String>> clustersOf = new HashMap<>();

  /** A cluster has come, or another one of its name. */
  void note(Message message) {
    if (!(message instanceof Cluster cluster)) {
      return;
    }
    String name = cluster.getName();
    String before = serviceOf.remove(name);
    if (before != null) {
      clustersOf.computeIfPresent(
          before,
          (_, clusters) -> {
            clusters.remove(name);
            return clusters.isEmpty() ? null : clusters;
          });
    }
    String service = XdstpName.normalise(cluster.getEdsClusterConfig().getServiceName());
    if (cluster.getType() == Cluster.DiscoveryType.EDS
        && !service.isEmpty()
        && !service.equals(name)) {
      serviceOf.put(name, service);
      clustersOf.computeIfAbsent(service, _ -> new HashSet<>()).add(name);
    }
  }

  /** Nobody asks for the endpoints of that name any more. */
  void forget(String service) {
    clustersOf.getOrDefault(service, Set.of()).forEach(serviceOf::remove);
    clustersOf.remove(service);
  }

  /** The clusters that use them. */
  Set<String> of(String service) {
    return clustersOf.getOrDefault(service, Set.of(service));
  }
}
