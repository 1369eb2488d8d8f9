package io.handfast.proxy.server;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.admin.v3.ClusterStatus;
import io.envoyproxy.envoy.admin.v3.Clusters;
import io.envoyproxy.envoy.admin.v3.CommandLineOptions;
import io.envoyproxy.envoy.admin.v3.HostHealthStatus;
import io.envoyproxy.envoy.admin.v3.HostStatus;
import io.envoyproxy.envoy.admin.v3.ListenerStatus;
import io.envoyproxy.envoy.admin.v3.Listeners;
import io.envoyproxy.envoy.admin.v3.ServerInfo;
import io.envoyproxy.envoy.admin.v3.SimpleMetric;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.handfast.proxy.admin.ServerControl;
import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.cluster.HostSet;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.EndpointHealth;
import io.handfast.proxy.config.LocalityEndpoints;
import io.handfast.proxy.listener.ActiveListener;
import io.handfast.proxy.listener.ListenerManager;
import io.handfast.proxy.stats.HostStats;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** What runs, as Envoy's messages of administration. Stateless. */
final class StatusMessages {

  private StatusMessages() {}

  static Clusters clusters(ClusterManager clusters) {
    Clusters.Builder all = Clusters.newBuilder();
    clusters.clusters().forEach(cluster -> all.addClusterStatuses(cluster(cluster)));
    return all.build();
  }

  private static ClusterStatus cluster(Cluster cluster) {
    ClusterConfig config = cluster.config();
    ClusterStatus.Builder status =
        ClusterStatus.newBuilder().setName(config.name()).setObservabilityName(config.name());
    status
        .getCircuitBreakersBuilder()
        .addThresholds(thresholds(config, RoutingPriority.DEFAULT))
        .addThresholds(thresholds(config, RoutingPriority.HIGH));
    cluster.hosts().members().forEach(member -> status.addHostStatuses(host(member)));
    return status.build();
  }

  private static Thresholds thresholds(ClusterConfig config, RoutingPriority priority) {
    ClusterConfig.Thresholds limits =
        config.circuitBreakers().of(ClusterConfig.RoutingPriority.valueOf(priority.name()));
    return Thresholds.newBuilder()
        .setPriority(priority)
        .setMaxConnections(UInt32Value.of(limits.maxConnections()))
        .setMaxPendingRequests(UInt32Value.of(limits.maxPendingRequests()))
        .setMaxRequests(UInt32Value.of(limits.maxRequests()))
        .setMaxRetries(UInt32Value.of(limits.maxRetries()))
        .build();
  }

  private static HostStatus host(HostSet.Member member) {
    return HostStatus.newBuilder()
        .addAllStats(member.stats().values().stream().map(StatusMessages::metric).toList())
        .setAddress(address(member.host().address()))
        .setHostname(member.host().hostname())
        .setLocality(locality(member.locality()))
        .setPriority(member.priority())
        .setWeight(member.weight())
        .setHealthStatus(HostHealthStatus.newBuilder().setEdsHealthStatus(health(member)))
        .build();
  }

  private static Locality locality(LocalityEndpoints.Locality locality) {
    return Locality.newBuilder()
        .setRegion(locality.region())
        .setZone(locality.zone())
        .setSubZone(locality.subZone())
        .build();
  }

  /** As Envoy shows it: what nobody has said anything about is healthy. */
  private static HealthStatus health(HostSet.Member member) {
    return member.health() == EndpointHealth.UNKNOWN
        ? HealthStatus.HEALTHY
        : HealthStatus.valueOf(member.health().name());
  }

  private static SimpleMetric metric(HostStats.Value value) {
    return SimpleMetric.newBuilder()
        .setName(value.name())
        .setType(value.gauge() ? SimpleMetric.Type.GAUGE : SimpleMetric.Type.COUNTER)
        .setValue(value.value())
        .build();
  }

  /** What is bound; nothing before there are listeners. */
  static Listeners listeners(Optional<ListenerManager> listeners) {
    Listeners.Builder all = Listeners.newBuilder();
    for (ActiveListener listener : listeners.map(ListenerManager::listeners).orElse(List.of())) {
      List<Address> bound =
          listener.boundAddresses().stream().map(StatusMessages::address).toList();
      if (!bound.isEmpty()) {
        all.addListenerStatuses(
            ListenerStatus.newBuilder()
                .setName(listener.config().name())
                .setLocalAddress(bound.getFirst())
                .addAllAdditionalLocalAddresses(bound.subList(1, bound.size())));
      }
    }
    return all.build();
  }

  /** The state's number in Envoy's enumeration. */
  static int number(ServerControl.State state) {
    return ServerInfo.State.valueOf(state.name()).getNumber();
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

  /** For logs: {@code host:port}, an IPv6 literal in brackets, or a path. */
  static String text(java.net.SocketAddress address) {
    if (!(address instanceof InetSocketAddress internet)) {
      return address.toString();
    }
    String host = internet.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + internet.getPort();
  }

  /**
   * {@code /server_info}.
   *
   * @param node as configured
   * @param uptimeMillis since the start
   */
  static ServerInfo serverInfo(
      SidecarOptions options, Node node, ServerControl.State state, long uptimeMillis) {
    Duration uptime = Durations.fromSeconds(uptimeMillis / 1_000);
    CommandLineOptions.Builder commandLine =
        CommandLineOptions.newBuilder()
            .setConcurrency(options.concurrency())
            .setMode(CommandLineOptions.Mode.Serve)
            .setDisableHotRestart(true)
            .setDrainTime(Durations.fromSeconds(options.drainTime().toSeconds()));
    options.source().file().ifPresent(file -> commandLine.setConfigPath(file.toString()));
    options.source().yaml().ifPresent(commandLine::setConfigYaml);
    options.source().serviceNode().ifPresent(commandLine::setServiceNode);
    options.source().serviceCluster().ifPresent(commandLine::setServiceCluster);
    options.source().serviceZone().ifPresent(commandLine::setServiceZone);
    options.adminAddressPath().ifPresent(path -> commandLine.setAdminAddressPath(path.toString()));
    return ServerInfo.newBuilder()
        .setVersion("handfast/" + options.version())
        .setState(ServerInfo.State.valueOf(state.name()))
        .setUptimeCurrentEpoch(uptime)
        .setUptimeAllEpochs(uptime)
        .setHotRestartVersion("disabled")
        .setCommandLineOptions(commandLine)
        .setNode(node)
        .build();
  }
}
