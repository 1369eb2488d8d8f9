package io.handfast.xds.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SharedRoutesTest {

  private static Route route(String prefix, String cluster) {
    Route.Builder route = Route.newBuilder();
    route.getMatchBuilder().setPrefix(prefix);
    route.getRouteBuilder().setCluster(cluster);
    return route.build();
  }

  private static VirtualHost host(String name, Route... routes) {
    return VirtualHost.newBuilder()
        .setName(name)
        .addDomains(name + ".example")
        .addAllRoutes(Arrays.asList(routes))
        .build();
  }

  private static RouteConfiguration table(VirtualHost... hosts) {
    return RouteConfiguration.newBuilder()
        .setName("table")
        .addAllVirtualHosts(Arrays.asList(hosts))
        .build();
  }

  private static RouteConfiguration shared(RouteConfiguration next, RouteConfiguration before) {
    Message shared = SharedRoutes.of(next, before);
    assertThat(shared).isEqualTo(next);
    return (RouteConfiguration) shared;
  }

  @Test
  void shouldKeepTheOtherRoutesWhenOneChanges() {
    // Given
    RouteConfiguration before = table(host("a", route("/1", "c"), route("/2", "c")));
    RouteConfiguration next = table(host("a", route("/1", "c"), route("/2", "d")));

    // When
    RouteConfiguration shared = shared(next, before);

    // Then
    assertThat(shared.getVirtualHosts(0).getRoutes(0))
        .isSameAs(before.getVirtualHosts(0).getRoutes(0));
    assertThat(shared.getVirtualHosts(0).getRoutes(1))
        .isSameAs(next.getVirtualHosts(0).getRoutes(1));
  }

  @Test
  void shouldKeepRoutesInTheNewOrderWhenTheyMove() {
    // Given
    RouteConfiguration before = table(host("a", route("/1", "c"), route("/2", "c")));
    RouteConfiguration next =
        table(host("a", route("/0", "c"), route("/2", "c"), route("/1", "c"), route("/1", "c")));

    // When
    RouteConfiguration shared = shared(next, before);

    // Then
    Stream.of(2, 3)
        .forEach(place ->
            assertThat(shared.getVirtualHosts(0).getRoutes(place))
                .isSameAs(before.getVirtualHosts(0).getRoutes(0)));
  }

  @Test
  void shouldKeepAHostWhenOnlyOthersChange() {
    // Given
    RouteConfiguration before = table(host("a", route("/1", "c")), host("b"));
    RouteConfiguration next =
        table(host("b"), host("n", route("/1", "c")), host("a", route("/1", "c")));

    // When
    RouteConfiguration shared = shared(next, before);

    // Then
    assertThat(shared.getVirtualHosts(2)).isSameAs(before.getVirtualHosts(0));
  }

  @Test
  void shouldTellTwoHostsOfOneNameApart() {
    // Given
    RouteConfiguration before = table(host("a", route("/1", "c")), host("a", route("/2", "c")));
    RouteConfiguration next = table(host("a", route("/1", "d")), host("a", route("/2", "d")));

    // When
    RouteConfiguration shared = shared(next, before);

    // Then
    assertThat(shared.getVirtualHostsList()).isEqualTo(next.getVirtualHostsList());
  }

  @Test
  void shouldTakeWhatIsNoTableAsItIs() {
    // Given
    Cluster next = Cluster.newBuilder().setName("c").build();

    // When
    Message shared = SharedRoutes.of(next, Cluster.newBuilder().setName("c").build());

    // Then
    assertThat(shared).isSameAs(next);
  }
}
