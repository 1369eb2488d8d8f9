package io.handfast.proxy.http.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.accesslog.HeaderTemplate;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteAction.WeightedCluster;
import io.handfast.proxy.config.RouteAction.WeightedClusters;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.RouteTable.VirtualHost;
import io.handfast.proxy.http.RequestHead;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RouteChooserTest {
  private final AtomicLong drawn = new AtomicLong();
  private final AtomicLong bound = new AtomicLong();

  @ParameterizedTest
  @CsvSource({"0,a", "1,b", "2,b", "3,b", "4,d", "5,d"})
  void shouldGiveEachClusterAsManyDrawsAsItsWeight(long draw, String cluster) {
    // Given
    RouteChooser chooser = chooser(weight("a", 1), weight("b", 3), weight("c", 0), weight("d", 2));
    drawn.set(draw);

    // When
    RouteChoice choice = chooser.choose(RequestHead.of("GET", "a", "/"));

    // Then
    assertThat(Objects.requireNonNull(choice).cluster()).isEqualTo(cluster);
    assertThat(bound).hasValue(6);
  }

  @Test
  void shouldNotDrawAClusterWithoutWeightThoughItStandsFirst() {
    // Given
    RouteChooser chooser = chooser(weight("a", 0), weight("b", 4_294_967_295L));

    // When
    RouteChoice choice = chooser.choose(RequestHead.of("GET", "a", "/"));

    // Then
    assertThat(Objects.requireNonNull(choice).cluster()).isEqualTo("b");
    assertThat(bound).hasValue(4_294_967_295L);
  }

  private RouteChooser chooser(WeightedCluster... clusters) {
    long sum = List.of(clusters).stream().mapToLong(WeightedCluster::weight).sum();
    Route route =
        Route.of(
            RouteMatch.prefix("/"),
            new WeightedClusters(List.of(clusters), sum, ForwardOptions.DEFAULTS));
    RouteTable table =
        new RouteTable(List.of(new VirtualHost("all", List.of("*"), List.of(route))));
    return new RouteChooser(
        table,
        HeaderTemplate::compile,
        below -> {
          bound.set(below);
          return drawn.get();
        });
  }

  private static WeightedCluster weight(String name, long weight) {
    return new WeightedCluster(name, weight, HeaderMutations.NONE, PerFilterConfigs.NONE);
  }
}
