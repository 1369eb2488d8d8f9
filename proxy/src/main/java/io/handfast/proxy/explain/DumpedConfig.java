package io.handfast.proxy.explain;

import com.google.protobuf.Any;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EcdsConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.handfast.proxy.explain.Explanation.Target;
import io.handfast.proxy.status.ConfigDumps;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.ResourceSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The configuration of a running sidecar, out of what its {@code /config_dump?include_eds} shows:
 * what is in force, neither what warms nor what was refused. Secrets are not in it.
 *
 * @param resources as they were offered
 * @param endpoints of each cluster by its name, resolved
 */
public record DumpedConfig(ResourceSet resources, Map<String, List<Target>> endpoints) {

  /**
   * Reads a dump.
   *
   * @param types messages that may stand in an {@code Any}
   * @throws InvalidConfigException if that is none
   */
  public static DumpedConfig parse(String json, TypeRegistry types) throws InvalidConfigException {
    ConfigDump.Builder dump = ConfigDump.newBuilder();
    try {
      JsonFormat.parser()
          .usingTypeRegistry(ConfigDumps.printable(types))
          .ignoringUnknownFields()
          .merge(json, dump);
      return new Reader().read(dump.build());
    } catch (InvalidProtocolBufferException e) {
      ConfigErrors errors = new ConfigErrors();
      errors.add(
          "config_dump", "not readable (expected: envoy.admin.v3.ConfigDump): " + e.getMessage());
      throw new InvalidConfigException(errors.list());
    }
  }

  /** Gathers. */
  private static final class Reader {
    private ResourceSet resources = ResourceSet.of(Bootstrap.getDefaultInstance());
    private final Map<String, ClusterLoadAssignment> assignments = new HashMap<>();

    DumpedConfig read(ConfigDump dump) throws InvalidProtocolBufferException {
      for (Any config : dump.getConfigsList()) {
        if (config.is(BootstrapConfigDump.class)) {
          resources = ResourceSet.of(config.unpack(BootstrapConfigDump.class).getBootstrap());
        }
      }
      for (Any config : dump.getConfigsList()) {
        section(config);
      }
      Map<String, List<Target>> endpoints = new HashMap<>();
      for (Offered<Cluster> offered : resources.get(ResourceType.CLUSTER)) {
        Cluster cluster = offered.message();
        boolean eds = cluster.getType() == DiscoveryType.EDS;
        String service = cluster.getEdsClusterConfig().getServiceName();
        ClusterLoadAssignment told =
            assignments.get(eds && !service.isEmpty() ? service : cluster.getName());
        if (told != null) {
          endpoints.put(cluster.getName(), targets(told));
          if (eds) {
            add(ResourceType.ENDPOINT, offerable(told), told.getClusterName(), "");
          }
        }
      }
      return new DumpedConfig(resources, endpoints);
    }

    private void section(Any config) throws InvalidProtocolBufferException {
      if (config.is(ClustersConfigDump.class)) {
        for (var each : config.unpack(ClustersConfigDump.class).getDynamicActiveClustersList()) {
          add(ResourceType.CLUSTER, each.getCluster(), each.getVersionInfo());
        }
      } else if (config.is(ListenersConfigDump.class)) {
        for (var each : config.unpack(ListenersConfigDump.class).getDynamicListenersList()) {
          if (each.hasActiveState()) {
            add(
                ResourceType.LISTENER,
                each.getActiveState().getListener(),
                each.getActiveState().getVersionInfo());
          }
        }
      } else if (config.is(RoutesConfigDump.class)) {
        for (var each : config.unpack(RoutesConfigDump.class).getDynamicRouteConfigsList()) {
          if (each.hasLastUpdated()) {
            add(ResourceType.ROUTE, each.getRouteConfig(), each.getVersionInfo());
          }
        }
      } else if (config.is(EcdsConfigDump.class)) {
        for (var each : config.unpack(EcdsConfigDump.class).getEcdsFiltersList()) {
          if (each.hasLastUpdated()) {
            add(ResourceType.EXTENSION_CONFIG, each.getEcdsFilter(), each.getVersionInfo());
          }
        }
      } else if (config.is(SecretsConfigDump.class)) {
        for (var each : config.unpack(SecretsConfigDump.class).getDynamicActiveSecretsList()) {
          add(ResourceType.SECRET, each.getSecret(), each.getVersionInfo());
        }
      } else if (config.is(EndpointsConfigDump.class)) {
        assignments(config.unpack(EndpointsConfigDump.class));
      }
    }

    private void assignments(EndpointsConfigDump dump) throws InvalidProtocolBufferException {
      for (var each : dump.getStaticEndpointConfigsList()) {
        assignment(each.getEndpointConfig());
      }
      for (var each : dump.getDynamicEndpointConfigsList()) {
        assignment(each.getEndpointConfig());
      }
    }

    private void assignment(Any any) throws InvalidProtocolBufferException {
      ClusterLoadAssignment told = any.unpack(ClusterLoadAssignment.class);
      assignments.put(told.getClusterName(), told);
    }

    @SuppressWarnings("unchecked") // A parser makes what its message is.
    private <M extends Message> void add(ResourceType<M> type, Any any, String version)
        throws InvalidProtocolBufferException {
      M message =
          (M)
              type.instance()
                  .getParserForType()
                  .parseFrom(any.getValue(), ExtensionRegistry.getEmptyRegistry());
      add(type, message, type.nameOf(message), version);
    }

    private <M extends Message> void add(
        ResourceType<M> type, M message, String name, String version) {
      Offered<M> offered = new Offered<>(message, type + "[" + name + "]", version);
      resources = resources.with(type, List.of(offered), Set.of());
    }

    /** As a control plane would offer it: without what says nothing. */
    private static ClusterLoadAssignment offerable(ClusterLoadAssignment shown) {
      ClusterLoadAssignment.Builder offered = shown.toBuilder();
      for (LocalityLbEndpoints.Builder locality : offered.getEndpointsBuilderList()) {
        if (locality.getLoadBalancingWeight().getValue() == 0) {
          locality.clearLoadBalancingWeight();
        }
        for (LbEndpoint.Builder endpoint : locality.getLbEndpointsBuilderList()) {
          endpoint.getEndpointBuilder().clearHealthCheckConfig();
        }
      }
      return offered.build();
    }

    private static List<Target> targets(ClusterLoadAssignment assignment) {
      List<Target> targets = new ArrayList<>();
      for (LocalityLbEndpoints locality : assignment.getEndpointsList()) {
        for (LbEndpoint each : locality.getLbEndpointsList()) {
          targets.add(
              new Target(
                  text(each.getEndpoint().getAddress()),
                  each.getHealthStatus().name(),
                  locality.getPriority(),
                  place(locality.getLocality()),
                  each.getLoadBalancingWeight().getValue()));
        }
      }
      return targets;
    }

    private static String place(Locality locality) {
      return Stream.of(locality.getRegion(), locality.getZone(), locality.getSubZone())
          .filter(part -> !part.isEmpty())
          .collect(Collectors.joining("/"));
    }

    private static String text(Address address) {
      if (address.hasPipe()) {
        return address.getPipe().getPath();
      }
      String host = address.getSocketAddress().getAddress();
      return (host.indexOf(':') < 0 ? host : "[" + host + "]")
          + ":"
          + address.getSocketAddress().getPortValue();
    }
  }
}
