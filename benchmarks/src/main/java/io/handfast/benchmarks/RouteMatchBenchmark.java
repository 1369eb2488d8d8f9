package io.handfast.benchmarks;

import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.RouteTable.VirtualHost;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.route.RouteMatcher;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** How finding a request's route grows with the configuration. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RouteMatchBenchmark {
  @Param({"10", "100", "1000", "10000"})
  public int size;

  private @Nullable RouteMatcher<Route> manyDomains;
  private @Nullable RouteMatcher<Route> manyRoutes;
  private @Nullable RouteMatcher<Route> mixedRoutes;
  private final RequestHead ofLastDomain = RequestHead.of("GET", "", "/orders/1234?full=true");
  private final RequestHead ofLastRoute = RequestHead.of("GET", "shop", "");
  private final RequestHead ofLastMixed = RequestHead.of("GET", "shop", "");

  @Setup
  public void compile() {
    List<VirtualHost> hosts =
        IntStream.range(0, size)
            .mapToObj(nth -> host("service-" + nth, List.of(route("/orders"), route("/"))))
            .toList();
    manyDomains = RouteMatcher.compile(new RouteTable(hosts), (_, route) -> route);
    ofLastDomain.authority("service-" + (size - 1));
    List<Route> routes =
        IntStream.range(0, size).mapToObj(nth -> route("/part-" + nth + "/")).toList();
    manyRoutes =
        RouteMatcher.compile(new RouteTable(List.of(host("shop", routes))), (_, route) -> route);
    ofLastRoute.path("/part-" + (size - 1) + "/1234?full=true");
    List<Route> mixed = IntStream.range(0, size).mapToObj(RouteMatchBenchmark::mixed).toList();
    mixedRoutes =
        RouteMatcher.compile(new RouteTable(List.of(host("shop", mixed))), (_, route) -> route);
    ofLastMixed.path("/path-" + (size - 2) + "?full=true");
  }

  /** By turns a path, a path with a header that the request has not, and a prefix. */
  private static Route mixed(int nth) {
    RouteMatch match =
        switch (nth % 3) {
          case 0 -> RouteMatch.prefix("/part-" + nth + "/");
          case 1 ->
              new RouteMatch(
                  new PathMatch.Exact("/path-" + (nth + 1)),
                  true,
                  List.of(new HeaderMatch("x-canary", new ValueTest.Present(true), false, false)),
                  List.of());
          default -> RouteMatch.of(new PathMatch.Exact("/path-" + nth));
        };
    return Route.of(match, new RouteAction.Forward("backend", ForwardOptions.DEFAULTS));
  }

  private static VirtualHost host(String name, List<Route> routes) {
    return new VirtualHost(name, List.of(name), routes);
  }

  private static Route route(String prefix) {
    return Route.of(
        RouteMatch.prefix(prefix), new RouteAction.Forward("backend", ForwardOptions.DEFAULTS));
  }

  /** As many virtual hosts; the one of the request is found by its domain. */
  @Benchmark
  public @Nullable Route amongDomains() {
    return manyDomains == null ? null : manyDomains.match(ofLastDomain, bound -> 0);
  }

  /** As many routes in one virtual host; the request takes the last. */
  @Benchmark
  public @Nullable Route amongRoutes() {
    return manyRoutes == null ? null : manyRoutes.match(ofLastRoute, bound -> 0);
  }

  /** Prefixes, paths, and paths with a header; the request takes the last of two of its path. */
  @Benchmark
  public @Nullable Route amongMixedRoutes() {
    return mixedRoutes == null ? null : mixedRoutes.match(ofLastMixed, bound -> 0);
  }
}
