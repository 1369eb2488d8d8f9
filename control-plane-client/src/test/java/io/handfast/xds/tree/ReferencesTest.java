package io.handfast.xds.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.handfast.xds.RandomMessages;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.resource.XdstpName;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found in the bytes of messages is held against a walk through all their fields. */
final class ReferencesTest {

  private static final int MESSAGES = 3_000;
  private static final List<Message> ROOTS =
      List.of(
          Cluster.getDefaultInstance(),
          ClusterLoadAssignment.getDefaultInstance(),
          Listener.getDefaultInstance(),
          RouteConfiguration.getDefaultInstance(),
          HttpConnectionManager.getDefaultInstance(),
          RouteAction.getDefaultInstance(),
          WeightedCluster.getDefaultInstance(),
          Rds.getDefaultInstance(),
          HttpFilter.getDefaultInstance(),
          TcpProxy.getDefaultInstance(),
          UpstreamTlsContext.getDefaultInstance());
  private static final List<Message> IN_ANYS =
      List.of(
          Router.getDefaultInstance(),
          HttpConnectionManager.getDefaultInstance(),
          TcpProxy.getDefaultInstance(),
          UpstreamTlsContext.getDefaultInstance(),
          RouteConfiguration.getDefaultInstance());
  private static final TypeRegistry TYPES = TypeRegistry.of(IN_ANYS);

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldFindWhatAWalkFindsWhenFieldsAreSetAtRandom(int rarity) {
    int children = 0;
    int clusters = 0;
    for (int seed = 0; seed < MESSAGES; seed++) {
      // Given
      Message message =
          new RandomMessages(seed, IN_ANYS, rarity).next(ROOTS.get(seed % ROOTS.size()));
      Walk walk = new Walk();
      walk.message(message);

      // When
      References found = References.of(message, TYPES);

      // Then
      assertThat(found)
          .as("seed %s: %s", seed, message)
          .isEqualTo(new References(walk.children, walk.clusters));
      children += found.children().size();
      clusters += found.clusters().size();
    }
    assertThat(children).isGreaterThan(100);
    assertThat(clusters).isGreaterThan(100);
  }

  /** Asks each message for all its fields. */
  private static final class Walk {
    final Set<Reference> children = new HashSet<>();
    final Set<String> clusters = new HashSet<>();

    void message(Message message) {
      note(message);
      for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
        if (field.getKey().getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
          List<?> values =
              field.getValue() instanceof List<?> several ? several : List.of(field.getValue());
          values.forEach(value -> message((Message) value));
        }
      }
    }

    private void note(Message message) {
      switch (message) {
        case Any any when TYPES.find(any.getTypeUrl()).isPresent() ->
            TYPES.unpack(any, "", new ConfigErrors()).ifPresent(this::message);
        case Cluster cluster when cluster.getType() == Cluster.DiscoveryType.EDS ->
            child(
                ResourceType.ENDPOINT,
                cluster.getEdsClusterConfig().getServiceName().isEmpty()
                    ? cluster.getName()
                    : cluster.getEdsClusterConfig().getServiceName(),
                cluster.getEdsClusterConfig().getEdsConfig());
        case Rds rds -> child(ResourceType.ROUTE, rds.getRouteConfigName(), rds.getConfigSource());
        case SdsSecretConfig secret when secret.hasSdsConfig() ->
            child(ResourceType.SECRET, secret.getName(), secret.getSdsConfig());
        case HttpFilter filter when filter.hasConfigDiscovery() ->
            child(
                ResourceType.EXTENSION_CONFIG,
                filter.getName(),
                filter.getConfigDiscovery().getConfigSource());
        case RouteAction action -> cluster(action.getCluster());
        case WeightedCluster.ClusterWeight weight -> cluster(weight.getName());
        case RouteAction.RequestMirrorPolicy mirror -> cluster(mirror.getCluster());
        case TcpProxy tcp -> cluster(tcp.getCluster());
        case TcpProxy.WeightedCluster.ClusterWeight weight -> cluster(weight.getName());
        default -> {}
      }
    }

    private void child(ResourceType<?> type, String name, ConfigSource source) {
      if (!name.isEmpty()) {
        children.add(new Reference(new ResourceName(type, XdstpName.normalise(name)), source));
      }
    }

    private void cluster(String name) {
      if (!name.isEmpty()) {
        clusters.add(name);
      }
    }
  }
}
