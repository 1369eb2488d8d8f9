package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteAction.WeightedCluster;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.RouteTable.VirtualHost;
import io.handfast.proxy.http.HeaderChanges;
import io.handfast.proxy.http.HeaderFormat;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.route.RouteMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a request, and the name of the cluster that it chooses. What a route says is
 * put together once, so that a request is only pointed to it. Immutable and thread-safe.
 */
final class RouteChooser {
  private final RouteMatcher<Choices> routes;
  private final HeaderFormat.Compiler formats;
  private final LongUnaryOperator random;

  /**
   * @param formats compiles values of headers
   * @param random an evenly drawn number from 0 up to its argument; thread-safe
   */
  RouteChooser(RouteTable table, HeaderFormat.Compiler formats, LongUnaryOperator random) {
    this.formats = formats;
    this.routes = RouteMatcher.compile(table, this::choices);
    this.random = random;
  }

  /** What one route may come to. */
  private sealed interface Choices {

    /** Always the same. */
    record One(RouteChoice choice) implements Choices {}

    /** One of several, by weight. */
    record Weighted(List<Weight> weights, long total) implements Choices {}

    /**
     * One of them.
     *
     * @param below it is taken by the draws below this that those before it have left
     */
    record Weight(RouteChoice choice, long below) {}

    /** The cluster that a header names. */
    record ByHeader(String header, RouteChoice withoutCluster) implements Choices {}
  }

  /** What holds for a request; null if no route matches. */
  @Nullable RouteChoice choose(RequestHead head) {
    Choices choices = routes.match(head, random);
    return switch (choices) {
      case null -> null;
      case Choices.One(RouteChoice choice) -> choice;
      case Choices.Weighted weighted -> draw(weighted);
      case Choices.ByHeader(String header, RouteChoice choice) -> {
        String name = head.field(header);
        yield name == null ? choice : choice.with(name);
      }
    };
  }

  private RouteChoice draw(Choices.Weighted weighted) {
    long drawn = random.applyAsLong(weighted.total());
    List<Choices.Weight> weights = weighted.weights();
    int at = 0;
    while (drawn >= weights.get(at).below()) {
      at++;
    }
    return weights.get(at).choice();
  }

  private Choices choices(VirtualHost host, Route route) {
    RouteChoice plain = choice(host, route, null, route.headers(), route.perFilterConfigs());
    return switch (route.action()) {
      case RouteAction.Forward forward -> new Choices.One(plain.with(forward.cluster()));
      case RouteAction.WeightedClusters weighted -> weighted(host, route, weighted);
      case RouteAction.ClusterHeader byHeader -> new Choices.ByHeader(byHeader.header(), plain);
      case RouteAction.Redirect _, RouteAction.DirectResponse _ -> new Choices.One(plain);
    };
  }

  private Choices weighted(VirtualHost host, Route route, RouteAction.WeightedClusters weighted) {
    List<Choices.Weight> weights = new ArrayList<>();
    long below = 0;
    for (WeightedCluster cluster : weighted.clusters()) {
      below += cluster.weight();
      RouteChoice choice =
          choice(host, route, cluster.cluster(), cluster.headers(), cluster.perFilterConfigs());
      weights.add(new Choices.Weight(choice, below));
    }
    return new Choices.Weighted(List.copyOf(weights), weighted.totalWeight());
  }

  private RouteChoice choice(
      VirtualHost host,
      Route route,
      @Nullable String cluster,
      HeaderMutations headers,
      PerFilterConfigs configs) {
    return new RouteChoice(
        host.name(), route, cluster, configs, HeaderChanges.of(headers, formats));
  }
}
