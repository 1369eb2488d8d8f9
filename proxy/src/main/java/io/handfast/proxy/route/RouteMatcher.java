package io.handfast.proxy.route;

import io.handfast.proxy.config.RouteMatch.Fraction;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.RouteTable.VirtualHost;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.field.HostSyntax;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A route table, compiled for looking up. Immutable and thread-safe; made once per configuration.
 *
 * <p>The virtual host is found by the authority in constant time for exact domains and in one probe
 * per distinct length for wildcards. Of its routes the first that matches is taken; what that costs
 * depends on the path and on the routes that it may match, not on how many there are.
 *
 * @param <T> what was made of each route
 */
public final class RouteMatcher<T> {
  private final DomainIndex<Targets<T>> domains;
  private final boolean ignorePort;

  private RouteMatcher(DomainIndex<Targets<T>> domains, boolean ignorePort) {
    this.domains = domains;
    this.ignorePort = ignorePort;
  }

  private record Targets<T>(RouteIndex index, List<T> targets) {}

  /**
   * Compiles a table.
   *
   * @param target makes of a route what a request is to be told, once
   */
  public static <T> RouteMatcher<T> compile(
      RouteTable table, BiFunction<VirtualHost, Route, T> target) {
    DomainIndex<Targets<T>> domains = new DomainIndex<>();
    for (VirtualHost host : table.virtualHosts()) {
      List<T> targets = host.routes().stream().map(route -> target.apply(host, route)).toList();
      Targets<T> compiled = new Targets<>(new RouteIndex(host.routes()), targets);
      host.domains().forEach(domain -> domains.add(domain, compiled));
    }
    return new RouteMatcher<>(domains, table.ignorePort());
  }

  /**
   * What was made of the route of a request; null if no domain or no route matches.
   *
   * @param random an evenly drawn number from 0 up to its argument, for routes that want a part of
   *     the requests; all of them see the same number, as in Envoy
   */
  public @Nullable T match(RequestHead head, LongUnaryOperator random) {
    Targets<T> host = host(head);
    if (host == null) {
      return null;
    }
    int draw = host.index().hasFractions() ? (int) random.applyAsLong(Fraction.MAX_DENOMINATOR) : 0;
    int found = host.index().find(head, head.pathWithoutQuery(), draw);
    return found == RouteIndex.NO_ROUTE ? null : host.targets().get(found);
  }

  /**
   * How {@link #match} finds what it finds, for people; empty if no domain matches.
   *
   * @param draw the number that routes see that want a part of the requests
   */
  public Optional<RouteWalk<T>> walk(RequestHead head, int draw) {
    Targets<T> host = host(head);
    if (host == null) {
      return Optional.empty();
    }
    String path = head.pathWithoutQuery();
    int found = host.index().find(head, path, draw);
    int before = found == RouteIndex.NO_ROUTE ? host.targets().size() : found;
    return Optional.of(
        new RouteWalk<>(
            host.targets(),
            found == RouteIndex.NO_ROUTE ? OptionalInt.empty() : OptionalInt.of(found),
            host.index().passedOver(before, head, path, draw)));
  }

  private @Nullable Targets<T> host(RequestHead head) {
    String authority = head.authority();
    return domains.find(ignorePort ? HostSyntax.withoutPort(authority) : authority);
  }
}
