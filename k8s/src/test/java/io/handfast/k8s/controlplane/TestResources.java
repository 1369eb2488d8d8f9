package io.handfast.k8s.controlplane;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.handfast.k8s.controlplane.snapshot.Served;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ResourceType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Small resources, and snapshots of them. */
public final class TestResources {

  private TestResources() {}

  /** A cluster; the text makes it another one. */
  public static Cluster cluster(String name, String text) {
    return Cluster.newBuilder().setName(name).setAltStatName(text).build();
  }

  public static Cluster cluster(String name) {
    return cluster(name, "");
  }

  /** One whose endpoints are another resource of that name. */
  public static Cluster edsCluster(String name, String text) {
    return cluster(name, text).toBuilder().setType(Cluster.DiscoveryType.EDS).build();
  }

  public static ClusterLoadAssignment endpoints(String name) {
    return ClusterLoadAssignment.newBuilder().setClusterName(name).build();
  }

  public static Listener listener(String name, String text) {
    return Listener.newBuilder().setName(name).setStatPrefix(text).build();
  }

  public static RouteConfiguration routes(String name, String domain) {
    RouteConfiguration.Builder routes = RouteConfiguration.newBuilder().setName(name);
    routes.addVirtualHostsBuilder().setName("all").addDomains(domain);
    return routes.build();
  }

  public static Snapshot snapshot(Message... resources) {
    Map<ResourceType<?>, List<Served>> byType = new HashMap<>();
    for (Message each : resources) {
      ResourceType<?> type =
          ResourceType.ALL.stream()
              .filter(it -> it.instance().getClass().isInstance(each))
              .findFirst()
              .orElseThrow();
      byType.computeIfAbsent(type, _ -> new ArrayList<>()).add(Served.of(type, each));
    }
    return Snapshot.of(byType);
  }
}
