package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.zookeeper_proxy.v3.ZooKeeperProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Resources that cannot be used, by a real control plane: each is refused with the path of its
 * field, and the version before serves on. All that are bad in one way or another come at once, a
 * listener with its routes, its cluster and its endpoints for each.
 */
final class LiveRefusalsTest {
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

  /** A way to be bad. */
  private record Case(String what, Consumer<Push> change, String error) {}

  /** What belongs to one case. */
  private static final class Push {
    final ClusterLoadAssignment.Builder endpoints;
    final Listener.Builder listener;
    final RouteConfiguration.Builder routes;

    Push(int number, int port) {
      endpoints = endpoints("a" + number, port).toBuilder();
      listener = listener("l" + number, "r" + number).toBuilder();
      routes = routes("r" + number, "a" + number).toBuilder();
    }

    HttpConnectionManager.Builder http() {
      return Resources.http("r").toBuilder();
    }

    void http(HttpConnectionManager.Builder http) {
      listener
          .getFilterChainsBuilder(0)
          .getFiltersBuilder(0)
          .setTypedConfig(Any.pack(http.build()));
    }
  }

  private void refusesAndServesOn(List<Case> cases) {
    // Given
    serve("1", cases.size(), List.of());
    LiveSidecar sidecar = LiveSidecar.on(control, "AGGREGATED_DELTA_GRPC");
    running = Optional.of(sidecar);
    await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l0").isPresent());

    // When
    serve("2", cases.size(), cases);

    // Then
    for (int i = 0; i < cases.size(); i++) {
      Case bad = cases.get(i);
      String error = bad.error().replace("#", "" + i);
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(control.refusals()).as(bad.what()).anyMatch(text -> text.contains(error)));
      try (KeptConnection client = new KeptConnection(sidecar.port("l" + i).orElseThrow())) {
        assertThat(client.get()).as(bad.what()).isEqualTo("200 one");
      }
    }
  }

  private void serve(String version, int count, List<Case> bad) {
    List<Push> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Push push = new Push(i, one.port());
      if (!bad.isEmpty()) {
        bad.get(i).change().accept(push);
      }
      all.add(push);
    }
    control.serve(
        Snapshot.create(
            IntStream.range(0, count).mapToObj(i -> cluster("a" + i)).toList(),
            all.stream().map(push -> push.endpoints.build()).toList(),
            all.stream().map(push -> push.listener.build()).toList(),
            all.stream().map(push -> push.routes.build()).toList(),
            List.of(),
            version));
  }

  @Test
  void shouldRefuseEndpointsThatCannotBeUsedV1() {
    refusesAndServesOn(
        List.of(
            bad(
                "a gap between priorities",
                push -> push.endpoints.addEndpointsBuilder().setPriority(2),
                "endpoints[a#].endpoints[1].priority: 2 (expected: priorities without a gap, from 0 on)"),
            bad(
                "a locality twice",
                push -> {
                  Locality locality = Locality.newBuilder().setRegion("eu").setZone("1").build();
                  push.endpoints.addEndpointsBuilder().setLocality(locality);
                  push.endpoints.addEndpointsBuilder().setLocality(locality);
                },
                "endpoints[a#].endpoints[2].locality: eu/1/ (expected: each locality once in a priority)"),
            bad(
                "an address twice",
                push -> push.endpoints.addEndpoints(push.endpoints.getEndpoints(0)),
                "endpoints[a#].endpoints[1].lb_endpoints[0].endpoint.address: 127.0.0.1:"),
            bad(
                "weights of localities",
                push -> {
                  for (String zone : List.of("1", "2")) {
                    push.endpoints
                        .addEndpointsBuilder()
                        .setLocality(Locality.newBuilder().setZone(zone))
                        .setLoadBalancingWeight(UInt32Value.of(Integer.MIN_VALUE));
                  }
                },
                "endpoints[a#].endpoints: load_balancing_weight sum 4294967296 of priority 0"
                    + " (expected: 0 to 4294967295)"),
            bad(
                "weights of endpoints",
                push -> {
                  for (int port = 1; port < 3; port++) {
                    push.endpoints
                        .getEndpointsBuilder(0)
                        .addLbEndpoints(endpoints("a", port).getEndpoints(0).getLbEndpoints(0))
                        .getLbEndpointsBuilder(port)
                        .setLoadBalancingWeight(UInt32Value.of(Integer.MIN_VALUE));
                  }
                },
                "endpoints[a#].endpoints[0].lb_endpoints: load_balancing_weight sum 4294967296"
                    + " (expected: 0 to 4294967295)")));
  }

  @Test
  void shouldRefuseListenersAndRoutesThatCannotBeUsedV2() {
    refusesAndServesOn(
        List.of(
            bad(
                "two filter chains for the same",
                push -> push.listener.addFilterChains(push.listener.getFilterChains(0)),
                "listeners[l#].filter_chains[1].filter_chain_match: "),
            bad(
                "the last network filter is not terminal",
                push -> push.listener.getFilterChainsBuilder(0).setFilters(0, zookeeper()),
                "listeners[l#].filter_chains[0].filters[0].name: zookeeper (expected: the last filter is"
                    + " a terminal one"),
            bad(
                "a terminal network filter is not last",
                push -> push.listener.getFilterChainsBuilder(0).addFilters(zookeeper()),
                "listeners[l#].filter_chains[0].filters[0].name: http (expected: a terminal filter"),
            bad(
                "the last HTTP filter is not the router",
                push -> push.http(push.http().clearHttpFilters()),
                "listeners[l#].filter_chains[0].filters[0].typed_config.http_filters: "),
            bad(
                "the router is not last",
                push -> push.http(push.http().addHttpFilters(router("second"))),
                "listeners[l#].filter_chains[0].filters[0].typed_config.http_filters[0].name: router"
                    + " (expected: the router stands last)"),
            bad(
                "an HTTP filter that nobody knows",
                push ->
                    push.http(
                        push.http()
                            .addHttpFilters(
                                0,
                                HttpFilter.newBuilder()
                                    .setName("x")
                                    .setTypedConfig(Any.newBuilder().setTypeUrl("t/a.b.C")))),
                "listeners[l#].filter_chains[0].filters[0].typed_config.http_filters[0].typed_config:"
                    + " t/a.b.C is not known here"),
            bad(
                "weights of nothing",
                push -> weights(push, 0, 0),
                "routes[r#].virtual_hosts[0].routes[0].route.weighted_clusters.clusters: weight sum 0"
                    + " (expected: 1 to 4294967295)"),
            bad(
                "weights beyond 32 bits",
                push -> weights(push, Integer.MIN_VALUE, Integer.MIN_VALUE),
                "routes[r#].virtual_hosts[0].routes[0].route.weighted_clusters.clusters: weight sum"
                    + " 4294967296 (expected: 1 to 4294967295)"),
            bad(
                "a regex that is none",
                push ->
                    push.routes
                        .getVirtualHostsBuilder(0)
                        .getRoutesBuilder(0)
                        .getMatchBuilder()
                        .getSafeRegexBuilder()
                        .setRegex("(a"),
                "routes[r#].virtual_hosts[0].routes[0].match.safe_regex")));
  }

  private static Case bad(String what, Consumer<Push> change, String error) {
    return new Case(what, change, error);
  }

  private static Filter zookeeper() {
    return Filter.newBuilder()
        .setName("zookeeper")
        .setTypedConfig(Any.pack(ZooKeeperProxy.newBuilder().setStatPrefix("z").build()))
        .build();
  }

  private static HttpFilter router(String name) {
    return HttpFilter.newBuilder()
        .setName(name)
        .setTypedConfig(Any.pack(Router.getDefaultInstance()))
        .build();
  }

  private static void weights(Push push, int... weights) {
    var action = push.routes.getVirtualHostsBuilder(0).getRoutesBuilder(0).getRouteBuilder();
    var weighted = action.getWeightedClustersBuilder();
    for (int weight : weights) {
      weighted.addClustersBuilder().setName("a").setWeight(UInt32Value.of(weight));
    }
  }
}
