package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.http;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump.DynamicCluster;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump.DynamicEndpointConfig;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump.DynamicListener;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.ScopedRoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.PreconnectPolicy;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What administration shows of a configuration that comes from a control plane. */
final class ConfigDumpTest {
  private static final String SOTW = "AGGREGATED_GRPC";
  private static final String DELTA = "AGGREGATED_DELTA_GRPC";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final LiveServer control = new LiveServer();
  private final NamedService one = new NamedService("one");
  private Optional<LiveSidecar> running = Optional.empty();

  @AfterEach
  void close() {
    running.ifPresent(LiveSidecar::close);
    control.close();
    one.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldShowWhatServesWithVersionsAndTimesAndParseBackO1(String type) throws Exception {
    // Given
    control.serve(snapshot("1", "a"));
    LiveSidecar sidecar = started(type);

    // When
    ConfigDump dump = dump(sidecar, "?include_eds");

    // Then
    assertThat(dump.getConfigsList())
        .extracting(Any::getTypeUrl)
        .extracting(url -> url.substring(url.lastIndexOf('.') + 1))
        .containsExactly(
            "BootstrapConfigDump",
            "ClustersConfigDump",
            "EndpointsConfigDump",
            "ListenersConfigDump",
            "ScopedRoutesConfigDump",
            "RoutesConfigDump",
            "SecretsConfigDump");
    BootstrapConfigDump bootstrap = part(dump, BootstrapConfigDump.class);
    assertThat(bootstrap.getBootstrap().getStaticResources().getClustersList()).hasSize(1);
    assertThat(bootstrap.getBootstrap().getStaticResources().getListenersList()).isEmpty();
    ClustersConfigDump clusters = part(dump, ClustersConfigDump.class);
    assertThat(clusters.getVersionInfo()).isNotEmpty();
    assertThat(clusters.getStaticClustersList()).hasSize(1);
    assertThat(clusters.getDynamicWarmingClustersList()).isEmpty();
    DynamicCluster first = clusters.getDynamicActiveClusters(0);
    assertThat(first.getCluster().unpack(Cluster.class)).isEqualTo(cluster("a"));
    assertThat(first.getClientStatus()).isEqualTo(ClientResourceStatus.ACKED);
    assertThat(first.hasLastUpdated()).isTrue();
    assertThat(first.getVersionInfo()).isNotEmpty();
    DynamicListener listener =
        part(dump, ListenersConfigDump.class).getDynamicListenersList().getFirst();
    assertThat(listener.getActiveState().getListener().unpack(Listener.class))
        .isEqualTo(listener("l", "r1"));
    assertThat(listener.hasWarmingState()).isFalse();
    assertThat(
            part(dump, RoutesConfigDump.class)
                .getDynamicRouteConfigs(0)
                .getRouteConfig()
                .unpack(RouteConfiguration.class))
        .isEqualTo(routes("r1", "a"));
    EndpointsConfigDump endpoints = part(dump, EndpointsConfigDump.class);
    DynamicEndpointConfig assignment = endpoints.getDynamicEndpointConfigs(0);
    assertThat(assignment.getClientStatus()).isEqualTo(ClientResourceStatus.ACKED);
    assertThat(
            assignment
                .getEndpointConfig()
                .unpack(ClusterLoadAssignment.class)
                .getEndpoints(0)
                .getLbEndpoints(0)
                .getEndpoint()
                .getAddress()
                .getSocketAddress()
                .getPortValue())
        .isEqualTo(one.port());
    assertThat(dump(sidecar, "").getConfigsList())
        .noneMatch(config -> config.is(EndpointsConfigDump.class));
  }

  @Test
  void shouldShowTheRefusedOneBesideTheLastGoodO1() throws Exception {
    // Given
    control.serve(snapshot("1", "a"));
    LiveSidecar sidecar = started(DELTA);

    // When
    Cluster bad =
        cluster("a").toBuilder().setPreconnectPolicy(PreconnectPolicy.getDefaultInstance()).build();
    Cluster strange =
        cluster("z").toBuilder()
            .putTypedExtensionProtocolOptions(
                "x", Any.newBuilder().setTypeUrl("type.googleapis.com/no.such.Type").build())
            .build();
    control.serve(
        Snapshot.create(
            List.of(bad, strange),
            List.of(endpoints("a", one.port())),
            List.of(listener("l", "r1")),
            List.of(routes("r1", "a")),
            List.of(),
            "2"));
    await().atMost(PATIENCE).until(() -> !control.refusals().isEmpty());

    // Then
    ClustersConfigDump clusters = part(dump(sidecar, ""), ClustersConfigDump.class);
    DynamicCluster kept = clusters.getDynamicActiveClusters(0);
    assertThat(kept.getClientStatus()).isEqualTo(ClientResourceStatus.NACKED);
    assertThat(kept.getCluster().unpack(Cluster.class)).isEqualTo(cluster("a"));
    assertThat(kept.getErrorState().getFailedConfiguration().unpack(Cluster.class)).isEqualTo(bad);
    assertThat(kept.getErrorState().getDetails()).contains("clusters[a].preconnect_policy");
    assertThat(kept.getErrorState().hasLastUpdateAttempt()).isTrue();
    assertThat(kept.getErrorState().getVersionInfo()).isNotEqualTo(kept.getVersionInfo());
    DynamicCluster never = clusters.getDynamicWarmingClusters(0);
    assertThat(never.getClientStatus()).isEqualTo(ClientResourceStatus.NACKED);
    assertThat(never.hasLastUpdated()).isFalse();
    assertThat(never.getErrorState().getDetails()).contains("no.such.Type");

    // And when it is mended
    Cluster mended = cluster("a").toBuilder().setConnectTimeout(Durations.fromSeconds(2)).build();
    control.serve(
        Snapshot.create(
            List.of(mended),
            List.of(endpoints("a", one.port())),
            List.of(listener("l", "r1")),
            List.of(routes("r1", "a")),
            List.of(),
            "3"));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(
                    part(dump(sidecar, ""), ClustersConfigDump.class)
                        .getDynamicActiveClustersList())
                .hasSize(1)
                .allMatch(each ->
                    each.getClientStatus() == ClientResourceStatus.ACKED
                        && !each.hasErrorState()
                        && each.getCluster().equals(Any.pack(mended))));
  }

  @Test
  void shouldShowWhatIsWaitedForAndWhatServesMeanwhileO1() throws Exception {
    // Given
    control.serve(snapshot("1", "a"));
    LiveSidecar sidecar = started(DELTA);

    // When: another table for the listener, which does not come
    control.serve(
        Snapshot.create(
            List.of(cluster("a")),
            List.of(endpoints("a", one.port())),
            List.of(listener("l", "r2")),
            List.of(routes("r1", "a")),
            List.of(),
            "2"));

    // Then
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          ConfigDump dump = dump(sidecar, "");
          DynamicListener listener =
              part(dump, ListenersConfigDump.class).getDynamicListenersList().getFirst();
          assertThat(listener.getWarmingState().getListener().unpack(Listener.class))
              .isEqualTo(listener("l", "r2"));
          assertThat(listener.getActiveState().getListener().unpack(Listener.class))
              .isEqualTo(listener("l", "r1"));
          assertThat(part(dump, RoutesConfigDump.class).getDynamicRouteConfigsList())
              .anyMatch(each ->
                  each.getClientStatus() == ClientResourceStatus.REQUESTED
                      && !each.hasLastUpdated());
        });
  }

  @Test
  void shouldShowTheListenerWhoseConnectionsAreYetToFinishO1() throws Exception {
    // Given
    control.serve(snapshot("1", "a"));
    LiveSidecar sidecar = started(DELTA);
    try (SlowRequest open = SlowRequest.begin(sidecar.port("l").orElseThrow())) {

      // When
      Listener changed = listener("l", http("r1").toBuilder().setServerName("changed").build());
      control.serve(
          Snapshot.create(
              List.of(cluster("a")),
              List.of(endpoints("a", one.port())),
              List.of(changed),
              List.of(routes("r1", "a")),
              List.of(),
              "2"));

      // Then
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            DynamicListener listener =
                part(dump(sidecar, ""), ListenersConfigDump.class)
                    .getDynamicListenersList()
                    .getFirst();
            assertThat(listener.getActiveState().getListener().unpack(Listener.class))
                .isEqualTo(changed);
            assertThat(listener.getDrainingState().getListener().unpack(Listener.class))
                .isEqualTo(listener("l", "r1"));
          });
      assertThat(open.isOpen()).isTrue();
    }
  }

  /** As somebody else's program would read it, who knows Envoy's messages. */
  private static ConfigDump dump(LiveSidecar sidecar, String query) throws Exception {
    String answer = sidecar.admin("/config_dump" + query);
    assertThat(answer).startsWith("200 ");
    ConfigDump.Builder dump = ConfigDump.newBuilder();
    JsonFormat.parser()
        .usingTypeRegistry(
            JsonFormat.TypeRegistry.newBuilder()
                .add(ConfigDump.getDescriptor())
                .add(BootstrapConfigDump.getDescriptor())
                .add(ScopedRoutesConfigDump.getDescriptor())
                .add(SecretsConfigDump.getDescriptor())
                .add(HttpConnectionManager.getDescriptor())
                .add(HttpProtocolOptions.getDescriptor())
                .add(Router.getDescriptor())
                .add(TypedStruct.getDescriptor())
                .build())
        .merge(answer.substring(4), dump);
    return dump.build();
  }

  private static <M extends Message> M part(ConfigDump dump, Class<M> type) throws Exception {
    for (Any config : dump.getConfigsList()) {
      if (config.is(type)) {
        return config.unpack(type);
      }
    }
    throw new AssertionError("no " + type.getSimpleName());
  }

  private LiveSidecar started(String type) {
    LiveSidecar sidecar = LiveSidecar.on(control, type);
    running = Optional.of(sidecar);
    await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l").isPresent());
    return sidecar;
  }

  private Snapshot snapshot(String version, String cluster) {
    return Snapshot.create(
        List.of(cluster("a")),
        List.of(endpoints("a", one.port())),
        List.of(listener("l", "r1")),
        List.of(routes("r1", cluster)),
        List.of(),
        version);
  }

  /** A request of which the head has not ended. */
  private record SlowRequest(Socket socket) implements AutoCloseable {
    static SlowRequest begin(int port) throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket
          .getOutputStream()
          .write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nx".getBytes(US_ASCII));
      return new SlowRequest(socket);
    }

    boolean isOpen() {
      return !socket.isClosed();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
