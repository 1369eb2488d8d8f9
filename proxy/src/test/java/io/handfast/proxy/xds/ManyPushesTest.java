package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.handfast.proxy.grpc.Echo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two hundred pushes while requests run, of which none may fail (W8): every cluster has another
 * name in each version, and those of the version before are gone from the server at once; types
 * come in any order; listeners come, change and go.
 */
final class ManyPushesTest {
  private static final String DELTA = "AGGREGATED_DELTA_GRPC";
  private static final String SOTW = "AGGREGATED_GRPC";
  private static final String PREFIX = "/handfast.test.Echo/";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int PUSHES = 200;

  /** What one version takes to be told: each type by itself. */
  private static final int TYPES = 4;

  private static final int VERSIONS = PUSHES / TYPES;

  private final LiveServer control = new LiveServer();
  private final NamedService one = new NamedService("one");
  private final NamedService two = new NamedService("two");
  private final Echo echo = Echo.start();

  ManyPushesTest() throws IOException {}

  @AfterEach
  void close() {
    control.close();
    one.close();
    two.close();
    echo.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldLoseNoRequestOverTwoHundredPushesW8(String type) {
    // Given
    World world = new World();
    control.serve(world.snapshot());
    try (LiveSidecar sidecar = LiveSidecar.on(control, type)) {
      await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l").isPresent());
      int port = sidecar.port("l").orElseThrow();
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
      Load load = new Load();
      try (KeptClient kept = new KeptClient(port);
          load) {
        load.client(kept::get);
        load.client(() -> onNewConnection(port));
        load.client(() -> call(channel));

        // When
        for (int version = 2; version <= VERSIONS + 1; version++) {
          long before = load.succeeded();
          world.push(version, control::serve);
          String table = "table-" + version;
          await()
              .pollInterval(Duration.ofMillis(2))
              .atMost(PATIENCE)
              .until(() ->
                  sidecar.count("http.in.rds." + table + ".update_success") > 0
                      && load.succeeded() > before + 10);
        }
      } finally {
        channel.shutdownNow();
      }

      // Then
      assertThat(load.failures()).isEmpty();
      assertThat(load.succeeded()).isGreaterThan(10L * VERSIONS);
      assertThat(control.refusals()).isEmpty();
    }
  }

  private static String onNewConnection(int port) {
    try (KeptConnection fresh = new KeptConnection(port)) {
      return fresh.get();
    }
  }

  private static String call(ManagedChannel channel) {
    return "200 "
        + ClientCalls.blockingUnaryCall(channel, Echo.UNARY, CallOptions.DEFAULT, "hello");
  }

  /** What the server tells at the moment; a version of it takes a push for each type. */
  private final class World {
    private final Random order = new Random(8);
    private List<Cluster> clusters = List.of();
    private List<ClusterLoadAssignment> endpoints = List.of();
    private List<Listener> listeners = List.of();
    private List<RouteConfiguration> routes = List.of();
    private int pushes;

    World() {
      parts(1).forEach(Runnable::run);
    }

    void push(int version, Consumer<Snapshot> server) {
      List<Runnable> parts = parts(version);
      Collections.shuffle(parts, order);
      for (Runnable part : parts) {
        part.run();
        server.accept(snapshot());
      }
    }

    Snapshot snapshot() {
      pushes++;
      return Snapshot.create(
          clusters, endpoints, listeners, routes, List.of(), String.valueOf(pushes));
    }

    private List<Runnable> parts(int version) {
      String plain = "plain-" + version;
      String grpc = "grpc-" + version;
      String table = "table-" + version;
      List<Runnable> parts = new ArrayList<>();
      parts.add(() -> clusters = List.of(cluster(plain), cluster(grpc)));
      parts.add(() -> endpoints = endpointsOf(plain, grpc, version));
      parts.add(() -> listeners = List.of(serving(table), listener("extra-" + version, table)));
      parts.add(() -> routes = List.of(tableOf(table, plain, grpc)));
      return parts;
    }

    /** One of two, or both. */
    private List<ClusterLoadAssignment> endpointsOf(String plain, String grpc, int version) {
      ClusterLoadAssignment of =
          switch (version % 3) {
            case 0 -> endpoints(plain, one.port());
            case 1 -> endpoints(plain, two.port());
            default -> endpoints(plain, one.port(), two.port());
          };
      return List.of(of, endpoints(grpc, echo.port()));
    }

    /** Another table in each version, so the listener changes with it. */
    private Listener serving(String table) {
      return listener("l", table);
    }

    private RouteConfiguration tableOf(String name, String plain, String grpc) {
      RouteConfiguration.Builder table = routes(name, plain).toBuilder();
      var first = table.getVirtualHostsBuilder(0).addRoutesBuilder(0);
      first.getMatchBuilder().setPrefix(PREFIX);
      first.getRouteBuilder().setCluster(grpc);
      return table.build();
    }
  }
}
