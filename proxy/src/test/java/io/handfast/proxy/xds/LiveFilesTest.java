package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.http;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.ExtensionConfigSource;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.handfast.transaction.v1.Boundary;
import io.handfast.transaction.v1.Propagation;
import io.handfast.transaction.v1.Protocol;
import io.handfast.transaction.v1.Transaction;
import io.handfast.transaction.v1.TransactionPerRoute;
import io.handfast.transaction.v1.Trust;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything comes from files that are replaced as Kubernetes does it: listeners, routes, clusters,
 * endpoints, HTTP filters, and the transaction policy with them.
 */
final class LiveFilesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String FILTER = "handfast.transaction";

  @TempDir Path directory;

  @TempDir Path journal;

  private final NamedService one = new NamedService("one");
  private final NamedService two = new NamedService("two");
  private Optional<LiveSidecar> running = Optional.empty();

  @AfterEach
  void close() {
    one.release();
    running.ifPresent(LiveSidecar::close);
    one.close();
    two.close();
  }

  @Test
  void shouldFollowEveryFileWhenAConfigMapIsReplaced() {
    // Given
    ConfigMap files = files(one).put("routes.yaml", routes("r", "a"));
    files.mount();
    LiveSidecar sidecar = started(files);
    try (KeptConnection client = new KeptConnection(sidecar.port("l").orElseThrow())) {
      assertThat(client.get()).isEqualTo("200 one");

      // When: by endpoints, then by a route
      files(files, two).mount();
      await().atMost(PATIENCE).until(() -> client.get().equals("200 two"));
      files.put("routes.yaml", direct()).mount();

      // Then
      await().atMost(PATIENCE).until(() -> client.get().equals("200 direct"));
    }
  }

  @Test
  void shouldFollowTheDirectoryThatIsToBeWatchedWhenThatOfTheFileDoesNotChange() {
    // Given: the routes by way of a link that is above the file, in a directory that is named
    ConfigMap files = files(one);
    ConfigSource.Builder routes = ConfigSource.newBuilder();
    routes
        .getPathConfigSourceBuilder()
        .setPath(files.file("..data").resolve("routes.yaml").toString())
        .getWatchedDirectoryBuilder()
        .setPath(directory.toString());
    HttpConnectionManager.Builder http = http("r").toBuilder();
    http.getRdsBuilder().setConfigSource(routes);
    files.put("listeners.yaml", listener("l", http.build())).put("routes.yaml", routes("r", "a"));
    files.mount();
    LiveSidecar sidecar = started(files);
    try (KeptConnection client = new KeptConnection(sidecar.port("l").orElseThrow())) {
      assertThat(client.get()).isEqualTo("200 one");

      // When
      files.put("routes.yaml", direct()).mount();

      // Then
      await().atMost(PATIENCE).until(() -> client.get().equals("200 direct"));
    }
  }

  @Test
  void shouldServeOnWhenAFileCannotBeReadOrIsRefused() {
    // Given
    ConfigMap files = files(one).put("routes.yaml", routes("r", "a"));
    files.mount();
    LiveSidecar sidecar = started(files);
    try (KeptConnection client = new KeptConnection(sidecar.port("l").orElseThrow())) {
      client.get();

      // When: half a file, then a route that is refused, then a good one
      files.put("routes.yaml", "resources: [ {").put("clusters.yaml", "resources: 5").mount();
      RouteConfiguration.Builder bad = routes("r", "a").toBuilder();
      bad.getVirtualHostsBuilder(0)
          .getRoutesBuilder(0)
          .getMatchBuilder()
          .getSafeRegexBuilder()
          .setRegex("(");
      files.put("routes.yaml", bad.build()).mount();
      await()
          .atMost(PATIENCE)
          .until(() -> sidecar.stat("http.in.rds.r.update_rejected").equals(Optional.of(1L)));

      // Then
      await()
          .atMost(PATIENCE)
          .until(() -> sidecar.stat("cluster_manager.cds.update_failure").orElse(0L) > 0);
      assertThat(client.get()).isEqualTo("200 one");
      files(files, two).put("routes.yaml", routes("r", "a")).mount();
      await().atMost(PATIENCE).until(() -> client.get().equals("200 two"));
    }
  }

  @Test
  void shouldAnswer500UntilTheFilterIsThereAndTakeItWithoutLosingConnections() {
    // Given: waited for as long as initial_fetch_timeout says
    ConfigMap files = files(one).put("routes.yaml", routes("r", "a"));
    files.put(
        "listeners.yaml",
        listener("l", discovering(files, "router", Router.getDefaultInstance(), false)));
    files.put("filters.yaml").mount();
    LiveSidecar sidecar = started(files);
    try (KeptConnection client = new KeptConnection(sidecar.port("l").orElseThrow())) {
      assertThat(client.get()).startsWith("500");

      // When
      files.put("filters.yaml", extension("router", Router.getDefaultInstance())).mount();

      // Then
      await().atMost(PATIENCE).until(() -> client.get().equals("200 one"));
      String filter = "extension_config_discovery.http_filter.router.";
      assertThat(sidecar.stat(filter + "config_reload")).contains(1L);
      assertThat(sidecar.stat(filter + "update_success")).contains(1L);
    }
  }

  @Test
  void shouldApplyATransactionPolicyToNewTransactionsAndLetRunningOnesEnd() throws Exception {
    // Given: the filter by ECDS, its policy by RDS
    ConfigMap files = files(one);
    files
        .put("listeners.yaml", inbound(files))
        .put(
            "filters.yaml",
            extension(FILTER, Transaction.newBuilder().setTrust(Trust.PLAINTEXT).build()))
        .put("routes.yaml", withPolicy(beginning()))
        .mount();
    LiveSidecar sidecar = started(files);
    int port = sidecar.port("l").orElseThrow();
    one.hold();
    CompletableFuture<String> begun = ask(port);
    await().atMost(PATIENCE).until(() -> one.held() == 1);

    // When: from now on nobody may come without a transaction
    TransactionPerRoute mandatory =
        TransactionPerRoute.newBuilder().setPropagation(Propagation.MANDATORY).build();
    files.put("routes.yaml", withPolicy(mandatory)).mount();
    await()
        .atMost(PATIENCE)
        .until(() -> sidecar.stat("http.in.rds.r.update_success").equals(Optional.of(2L)));

    // Then
    assertThat(ask(port).get()).startsWith("400");
    assertThat(one.held()).isEqualTo(1);
    one.release();
    assertThat(begun.get()).isEqualTo("200 one committed");
  }

  @Test
  void shouldRefuseABadTransactionPolicyWithItsFieldAndKeepTheOldOne() throws Exception {
    // Given
    ConfigMap files = files(one);
    files
        .put("listeners.yaml", inbound(files))
        .put(
            "filters.yaml",
            extension(FILTER, Transaction.newBuilder().setTrust(Trust.PLAINTEXT).build()))
        .put("routes.yaml", withPolicy(beginning()))
        .mount();
    LiveSidecar sidecar = started(files);
    int port = sidecar.port("l").orElseThrow();
    assertThat(ask(port).get()).isEqualTo("200 one committed");

    // When
    TransactionPerRoute bad =
        TransactionPerRoute.newBuilder().setPropagation(Propagation.REQUIRES_NEW).build();
    files.put("routes.yaml", withPolicy(bad)).mount();
    await()
        .atMost(PATIENCE)
        .until(() -> sidecar.stat("http.in.rds.r.update_rejected").equals(Optional.of(1L)));

    // Then
    assertThat(ask(port).get()).isEqualTo("200 one committed");
  }

  @Test
  void shouldForgetWhatWasCountedOfAFileThatNobodyNames() {
    // Given
    ConfigMap files = files(one).put("routes.yaml", routes("r", "a"));
    files
        .put("clusters.yaml", of(files, "before", "before.yaml"))
        .put("before.yaml", endpoints("before", one.port()))
        .mount();
    LiveSidecar sidecar = started(files);
    assertThat(sidecar.admin("/stats"))
        .contains("cluster.a.update_success: 1", "before.yaml.endpoints.ack: 1");

    // When
    files
        .put("clusters.yaml", of(files, "after", "after.yaml"))
        .put("after.yaml", endpoints("after", two.port()))
        .mount();

    // Then
    try (KeptConnection client = new KeptConnection(sidecar.port("l").orElseThrow())) {
      await().atMost(PATIENCE).until(() -> client.get().equals("200 two"));
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(sidecar.admin("/stats"))
                .contains("cluster.a.update_success: 2", "after.yaml.endpoints.ack: 1")
                .contains("clusters.yaml.clusters.ack: 2")
                .doesNotContain("before", "cluster.after"));
  }

  private static Cluster of(ConfigMap files, String service, String file) {
    Cluster.Builder cluster = cluster("a").toBuilder();
    cluster.getEdsClusterConfigBuilder().setServiceName(service).setEdsConfig(source(files, file));
    return cluster.build();
  }

  private static CompletableFuture<String> ask(int port) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try (KeptConnection client = new KeptConnection(port)) {
            answer.complete((client.get() + " " + client.header("tx-outcome")).strip());
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  private static Listener inbound(ConfigMap files) {
    return listener("l", discovering(files, FILTER, Transaction.getDefaultInstance(), true))
        .toBuilder()
        .setTrafficDirection(TrafficDirection.INBOUND)
        .build();
  }

  private static RouteConfiguration direct() {
    RouteConfiguration.Builder direct = routes("r", "a").toBuilder();
    direct
        .getVirtualHostsBuilder(0)
        .getRoutesBuilder(0)
        .getDirectResponseBuilder()
        .setStatus(200)
        .getBodyBuilder()
        .setInlineString("direct");
    return direct.build();
  }

  private static TransactionPerRoute beginning() {
    return TransactionPerRoute.newBuilder()
        .setBoundary(
            Boundary.newBuilder()
                .setProtocol(Protocol.TWO_PHASE)
                .setTimeout(Durations.fromSeconds(20)))
        .build();
  }

  private static RouteConfiguration withPolicy(TransactionPerRoute policy) {
    RouteConfiguration.Builder routes = routes("r", "a").toBuilder();
    routes
        .getVirtualHostsBuilder(0)
        .getRoutesBuilder(0)
        .putTypedPerFilterConfig(FILTER, Any.pack(policy));
    return routes.build();
  }

  private static TypedExtensionConfig extension(String name, Message config) {
    return TypedExtensionConfig.newBuilder().setName(name).setTypedConfig(Any.pack(config)).build();
  }

  /** A connection manager of which one filter comes by a file. */
  private static HttpConnectionManager discovering(
      ConfigMap files, String name, Message type, boolean routed) {
    HttpConnectionManager.Builder http = http("r").toBuilder();
    http.getRdsBuilder().setConfigSource(source(files, "routes.yaml"));
    ExtensionConfigSource.Builder discovery =
        ExtensionConfigSource.newBuilder()
            .setConfigSource(
                source(files, "filters.yaml").toBuilder()
                    .setInitialFetchTimeout(Durations.fromMillis(50)))
            .addTypeUrls(Any.pack(type).getTypeUrl());
    HttpFilter filter = HttpFilter.newBuilder().setName(name).setConfigDiscovery(discovery).build();
    if (routed) {
      http.addHttpFilters(0, filter);
    } else {
      http.setHttpFilters(0, filter);
    }
    return http.build();
  }

  private static ConfigSource source(ConfigMap files, String name) {
    ConfigSource.Builder source = ConfigSource.newBuilder();
    source.getPathConfigSourceBuilder().setPath(files.file(name).toString());
    return source.build();
  }

  private ConfigMap files(NamedService service) {
    return files(new ConfigMap(directory), service);
  }

  private static ConfigMap files(ConfigMap files, NamedService service) {
    HttpConnectionManager.Builder http = http("r").toBuilder();
    http.getRdsBuilder().setConfigSource(source(files, "routes.yaml"));
    Cluster.Builder cluster = cluster("a").toBuilder();
    cluster.getEdsClusterConfigBuilder().setEdsConfig(source(files, "endpoints.yaml"));
    return files
        .put("listeners.yaml", listener("l", http.build()))
        .put("clusters.yaml", cluster.build())
        .put("endpoints.yaml", endpoints("a", service.port()));
  }

  private LiveSidecar started(ConfigMap files) {
    LiveSidecar sidecar =
        LiveSidecar.of(
            """
            node: { id: sidecar-1, cluster: shop }
            admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
            bootstrap_extensions:
            - name: handfast.transaction_manager
              typed_config:
                "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
                service_name: shop
                store: { journal: { directory: %s } }
                control: { address: 127.0.0.1, port: 0, authority: "127.0.0.1:1" }
                control_trust: PLAINTEXT
                local_cluster: service
            dynamic_resources:
              cds_config: { path_config_source: { path: %s } }
              lds_config: { path_config_source: { path: %s } }
            static_resources:
              clusters:
              - name: service
                type: STATIC
                load_assignment:
                  cluster_name: service
                  endpoints:
                  - lb_endpoints:
                    - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %s } } }
            """
                .formatted(
                    journal,
                    files.file("clusters.yaml"),
                    files.file("listeners.yaml"),
                    one.port()));
    running = Optional.of(sidecar);
    await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l").isPresent());
    return sidecar;
  }
}
