package io.handfast.proxy.status;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump.DynamicEndpointConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet;
import io.handfast.proxy.config.EndpointHealth;
import io.handfast.proxy.config.LocalityEndpoints;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The endpoints of each cluster as they are chosen from, resolved, with what is known of their
 * health; with the state of the resource where they come from a control plane. Immutable.
 */
final class EndpointSection {

  private static final int HUNDRED_AND_FORTY_PERCENT = 140;

  private final Set<String> staticClusters;
  private final Sections sections;

  /** What the endpoints of one place and priority have in common. */
  private record Group(LocalityEndpoints.Locality locality, int priority, long weight) {}

  EndpointSection(ResourceSet base, Sections sections) {
    this.staticClusters =
        base.get(ResourceType.CLUSTER).stream()
            .map(each -> each.content().name(ResourceType.CLUSTER))
            .collect(Collectors.toSet());
    this.sections = sections;
  }

  EndpointsConfigDump of(List<Cluster> clusters) {
    EndpointsConfigDump.Builder dump = EndpointsConfigDump.newBuilder();
    Map<String, DynamicResource> discovered =
        sections.dynamic(ResourceType.ENDPOINT).stream()
            .collect(
                Collectors.toMap(
                    each -> each.name().name(),
                    Function.identity(),
                    (one, _) -> one,
                    LinkedHashMap::new));
    Set<String> shown = new HashSet<>();
    for (Cluster cluster : clusters) {
      String name = cluster.config().name();
      String service = serviceOf(name);
      Optional<DynamicResource> resource =
          service.isEmpty() ? Optional.empty() : Optional.ofNullable(discovered.get(service));
      ClusterLoadAssignment endpoints =
          endpoints(cluster, service.isEmpty() ? name : service, resource);
      shown.add(service);
      if (staticClusters.contains(name)) {
        dump.addStaticEndpointConfigsBuilder().setEndpointConfig(sections.pack(endpoints));
      } else {
        dump.addDynamicEndpointConfigs(dynamic(resource, endpoints));
      }
    }
    discovered.values().stream()
        .filter(each -> !shown.contains(each.name().name()))
        .forEach(each ->
            dump.addDynamicEndpointConfigs(
                sections.entry(DynamicEndpointConfig.newBuilder(), "endpoint_config", each)));
    return dump.build();
  }

  /** The name by which its endpoints are asked for; empty if they are not. */
  private String serviceOf(String cluster) {
    return sections
        .serving(new ResourceName(ResourceType.CLUSTER, cluster))
        .map(Offered::message)
        .filter(io.envoyproxy.envoy.config.cluster.v3.Cluster.class::isInstance)
        .map(io.envoyproxy.envoy.config.cluster.v3.Cluster.class::cast)
        .filter(proto -> proto.getType() == DiscoveryType.EDS)
        .map(proto ->
            proto.getEdsClusterConfig().getServiceName().isEmpty()
                ? proto.getName()
                : proto.getEdsClusterConfig().getServiceName())
        .orElse("");
  }

  private DynamicEndpointConfig dynamic(
      Optional<DynamicResource> resource, ClusterLoadAssignment endpoints) {
    DynamicEndpointConfig.Builder entry = DynamicEndpointConfig.newBuilder();
    resource.ifPresent(each -> sections.entry(entry, "endpoint_config", each));
    return entry.setEndpointConfig(sections.pack(endpoints)).build();
  }

  private static ClusterLoadAssignment endpoints(
      Cluster cluster, String name, Optional<DynamicResource> resource) {
    ClusterLoadAssignment.Builder assignment =
        ClusterLoadAssignment.newBuilder().setClusterName(name);
    Map<Group, LocalityLbEndpoints.Builder> groups = new LinkedHashMap<>();
    for (HostSet.Member member : cluster.hosts().members()) {
      Group group = new Group(member.locality(), member.priority(), member.localityWeight());
      groups.computeIfAbsent(group, EndpointSection::locality).addLbEndpoints(endpoint(member));
    }
    groups.values().forEach(assignment::addEndpoints);
    ClusterLoadAssignment.Policy.Builder policy = assignment.getPolicyBuilder();
    resource
        .flatMap(DynamicResource::active)
        .map(Offered::message)
        .filter(ClusterLoadAssignment.class::isInstance)
        .map(ClusterLoadAssignment.class::cast)
        .ifPresent(told -> policy.mergeFrom(told.getPolicy()));
    if (!policy.hasOverprovisioningFactor()) {
      policy.setOverprovisioningFactor(UInt32Value.of(HUNDRED_AND_FORTY_PERCENT));
    }
    return assignment.build();
  }

  private static LocalityLbEndpoints.Builder locality(Group group) {
    return LocalityLbEndpoints.newBuilder()
        .setLocality(
            Locality.newBuilder()
                .setRegion(group.locality().region())
                .setZone(group.locality().zone())
                .setSubZone(group.locality().subZone()))
        .setPriority(group.priority())
        .setLoadBalancingWeight(UInt32Value.of((int) group.weight()));
  }

  private static LbEndpoint endpoint(HostSet.Member member) {
    Endpoint.Builder endpoint =
        Endpoint.newBuilder()
            .setAddress(address(member.host().address()))
            .setHealthCheckConfig(Endpoint.HealthCheckConfig.getDefaultInstance());
    String hostname = hostname(member.host());
    if (!NetUtil.isValidIpV4Address(hostname) && !NetUtil.isValidIpV6Address(hostname)) {
      endpoint.setHostname(hostname);
    }
    return LbEndpoint.newBuilder()
        .setEndpoint(endpoint)
        .setHealthStatus(
            member.health() == EndpointHealth.UNKNOWN
                ? HealthStatus.HEALTHY
                : HealthStatus.valueOf(member.health().name()))
        .setLoadBalancingWeight(UInt32Value.of(member.weight()))
        .build();
  }

  /** Where none is configured, a host is called by the text of its address, with the port. */
  private static String hostname(Host host) {
    String name = host.hostname();
    if (!(host.address() instanceof InetSocketAddress internet)) {
      return name.equals(host.address().toString()) ? "" : name;
    }
    String port = ":" + internet.getPort();
    return name.endsWith(port) ? name.substring(0, name.length() - port.length()) : name;
  }

  private static Address address(java.net.SocketAddress address) {
    Address.Builder message = Address.newBuilder();
    if (address instanceof InetSocketAddress internet) {
      message.setSocketAddress(
          SocketAddress.newBuilder()
              .setAddress(internet.getAddress().getHostAddress())
              .setPortValue(internet.getPort()));
    } else {
      message.setPipe(Pipe.newBuilder().setPath(address.toString()));
    }
    return message.build();
  }
}
