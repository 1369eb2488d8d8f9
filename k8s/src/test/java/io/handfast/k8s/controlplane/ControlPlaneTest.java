package io.handfast.k8s.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource.ApiType;
import io.handfast.k8s.controlplane.source.DirectorySource;
import io.handfast.k8s.controlplane.source.SidecarValidator;
import io.handfast.xds.resource.ResourceType;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** A control plane over a real directory and real sockets, and our own client of xDS. */
final class ControlPlaneTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String PREFIX = "type.googleapis.com/envoy.";

  private static final Map<ResourceType<?>, String> ALL_TYPES =
      Map.of(
          ResourceType.CLUSTER,
          "{ '@type': PREFIX.config.cluster.v3.Cluster, name: c }",
          ResourceType.ENDPOINT,
          "{ '@type': PREFIX.config.endpoint.v3.ClusterLoadAssignment, cluster_name: c }",
          ResourceType.LISTENER,
          "{ '@type': PREFIX.config.listener.v3.Listener, name: c, address: { socket_address: { address:"
              + " 127.0.0.1, port_value: 0 } }, filter_chains: [ { filters: [ { name: tcp,"
              + " typed_config: { '@type': PREFIX.extensions.filters.network.tcp_proxy.v3.TcpProxy,"
              + " stat_prefix: t, cluster: c } } ] } ] }",
          ResourceType.ROUTE,
          "{ '@type': PREFIX.config.route.v3.RouteConfiguration, name: c }",
          ResourceType.SECRET,
          "{ '@type': PREFIX.extensions.transport_sockets.tls.v3.Secret, name: c, validation_context: {"
              + " trusted_ca: { filename: /of/a/sidecar.pem } } }",
          ResourceType.EXTENSION_CONFIG,
          "{ '@type': PREFIX.config.core.v3.TypedExtensionConfig, name: c, typed_config: { '@type':"
              + " PREFIX.extensions.filters.http.router.v3.Router } }");

  @TempDir Path directory;

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.handfast.k8s");
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void close() throws Exception {
    logger.detachAppender(log);
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  private ControlPlane start(int port) throws Exception {
    return opened(
        ControlPlane.start(
            new DirectorySource(directory, new SidecarValidator(), System::nanoTime),
            new ServerSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Optional.empty()),
            registry));
  }

  private void write(String file, String text) throws Exception {
    // As a whole, as editors do it.
    Path fresh = Files.writeString(directory.resolve("." + file), text.replace("PREFIX.", PREFIX));
    Files.move(fresh, directory.resolve(file), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private static String cluster(String name, String timeout) {
    return "---\n{ '@type': PREFIX.config.cluster.v3.Cluster, name: "
        + name
        + ", connect_timeout: "
        + timeout
        + " }\n";
  }

  private List<String> logged(String beginning) {
    return List.copyOf(log.list).stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.startsWith(beginning))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(
      value = ApiType.class,
      names = {"AGGREGATED_DELTA_GRPC", "AGGREGATED_GRPC"})
  void shouldServeAllTypesOverOneStreamAndFollowTheDirectory(ApiType api) throws Exception {
    // Given
    for (var each : ALL_TYPES.entrySet()) {
      write(each.getKey() + ".yaml", each.getValue());
    }
    ControlPlane controlPlane = start(0);
    FollowingClient client =
        opened(FollowingClient.of(controlPlane.address().getPort(), api, ResourceType.CLUSTER));
    ResourceType.ALL.forEach(type -> client.subscribe(type, type.complete() ? "*" : "c"));

    // When
    client.start();

    // Then
    await().atMost(PATIENCE).until(() -> client.held.size() == ALL_TYPES.size());
    assertThat(client.received).hasSize(ALL_TYPES.size());
    write("clusters.yaml", cluster("c", "2s") + cluster("d", "2s"));
    await().atMost(PATIENCE).until(() -> client.held.containsKey("clusters[d]"));
    Files.delete(directory.resolve("listeners.yaml"));
    await().atMost(PATIENCE).until(() -> !client.held.containsKey("listeners[c]"));
    assertThat(client.received).hasSize(ALL_TYPES.size() + 2);
  }

  @ParameterizedTest
  @EnumSource(
      value = ApiType.class,
      names = {"DELTA_GRPC", "GRPC"})
  void shouldServeEachTypeByItsOwnService(ApiType api) throws Exception {
    // Given
    for (var each : ALL_TYPES.entrySet()) {
      write(each.getKey() + ".yaml", each.getValue());
    }
    int port = start(0).address().getPort();

    for (ResourceType<?> type : ResourceType.ALL) {
      // When
      FollowingClient client = opened(FollowingClient.of(port, api, type));
      client.subscribe(type, type.complete() ? "*" : "c").start();

      // Then
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(client.held).containsOnlyKeys(type + "[c]"));
    }
  }

  @Test
  void shouldSendOnlyTheOneThatChanged() throws Exception {
    // Given
    write("clusters.yaml", cluster("a", "1s") + cluster("b", "1s"));
    FollowingClient client =
        opened(
            FollowingClient.of(
                start(0).address().getPort(), ApiType.AGGREGATED_DELTA_GRPC, ResourceType.CLUSTER));
    client.subscribe(ResourceType.CLUSTER, "*").start();
    await().atMost(PATIENCE).until(() -> client.held.size() == 2);

    // When
    write("clusters.yaml", cluster("a", "1s") + cluster("b", "2s"));

    // Then
    await().atMost(PATIENCE).until(() -> client.received.size() == 2);
    assertThat(client.received).containsExactly("clusters[a, b]", "clusters[b]");
  }

  @Test
  void shouldSendNothingAnewWhenItIsRestartedOnTheSameDirectory() throws Exception {
    // Given
    write("clusters.yaml", cluster("a", "1s") + cluster("b", "1s"));
    ControlPlane first = start(0);
    int port = first.address().getPort();
    FollowingClient client =
        opened(FollowingClient.of(port, ApiType.AGGREGATED_DELTA_GRPC, ResourceType.CLUSTER));
    client.subscribe(ResourceType.CLUSTER, "*").start();
    await().atMost(PATIENCE).until(() -> client.held.size() == 2);

    // When: one goes while nobody serves
    first.close();
    write("clusters.yaml", cluster("a", "1s"));
    start(port);

    // Then
    await().atMost(PATIENCE).until(() -> client.held.size() == 1);
    assertThat(client.received).containsExactly("clusters[a, b]", "clusters[] without [b]");
  }

  @Test
  void shouldKeepWhatABadFileSaidSayWhyAndServeItWhenItIsMended() throws Exception {
    // Given
    write("clusters.yaml", cluster("a", "1s"));
    ControlPlane controlPlane = start(0);
    AdminServer admin =
        opened(
            AdminServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                controlPlane,
                registry));

    // When
    write("clusters.yaml", cluster("a", "-1s"));

    // Then
    await().atMost(PATIENCE).until(() -> !logged("file refused").isEmpty());
    assertThat(logged("file refused").getFirst())
        .startsWith(
            "file refused, what it said before is served: clusters.yaml, 1 error: clusters.yaml"
                + " (document 1).connect_timeout: ");
    assertThat(get(admin, "/ready"))
        .startsWith("200 serving: clusters=1 (")
        .contains("\nrefused, what it said before is served: clusters.yaml: ");
    assertThat(get(admin, "/stats/prometheus"))
        .contains("handfast_control_plane_refused_files 1.0");
    assertThat(get(admin, "/other")).startsWith("404");
    write("clusters.yaml", cluster("b", "1s"));
    await().atMost(PATIENCE).until(() -> !logged("file no longer refused").isEmpty());
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(logged("serving: ").getLast())
                .endsWith("changed=[clusters[b]] removed=[clusters[a]]"));
  }

  private static String get(AdminServer admin, String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      var answer =
          http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + admin.address().getPort() + path))
                  .build(),
              BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    }
  }

  @Test
  void shouldLogWhoRefusesWhat() throws Exception {
    // Given
    write("clusters.yaml", cluster("a", "1s") + cluster("b", "1s"));
    FollowingClient client =
        opened(
            FollowingClient.of(
                start(0).address().getPort(), ApiType.AGGREGATED_DELTA_GRPC, ResourceType.CLUSTER));
    client.refuse.add("b");

    // When
    client.subscribe(ResourceType.CLUSTER, "*").start();

    // Then
    await().atMost(PATIENCE).until(() -> !logged("NACK").isEmpty());
    assertThat(logged("NACK"))
        .containsExactly(
            "NACK: node=sidecar-1 type=clusters error=clusters[b].type: refused by the test");
    assertThat(client.received).containsExactly("clusters[a, b]");
    assertThat(registry.scrape())
        .contains("handfast_control_plane_nacks_total{type=\"clusters\"} 1.0");
  }

  @Test
  void shouldAnswerNobodyAsLongAsTheDirectoryHasNeverHadAnything() throws Exception {
    // Given
    ControlPlane controlPlane = start(0);
    FollowingClient client =
        opened(
            FollowingClient.of(
                controlPlane.address().getPort(),
                ApiType.AGGREGATED_DELTA_GRPC,
                ResourceType.CLUSTER));
    client.subscribe(ResourceType.CLUSTER, "*").start();
    await().atMost(PATIENCE).until(() -> !logged("connected: node=sidecar-1 delta").isEmpty());

    // When
    write("clusters.yaml", cluster("a", "1s"));

    // Then
    await().atMost(PATIENCE).until(() -> client.held.size() == 1);
    assertThat(client.received).containsExactly("clusters[a]");
  }
}
