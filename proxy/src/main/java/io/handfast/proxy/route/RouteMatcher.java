package io.handfast.proxy.route;

import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.RouteTable.VirtualHost;
import io.handfast.proxy.http.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * A route table, compiled for looking up. Immutable and thread-safe; made once per configuration.
 *
 * <p>The virtual host is found by the authority in constant time for exact domains and in one probe
 * per distinct length for wildcards; its routes are tried in order.
 */
public final class RouteMatcher {
  private final DomainIndex domains;

  private RouteMatcher(DomainIndex domains) {
    this.domains = domains;
  }

  /** Compiles a table. */
  public static RouteMatcher compile(RouteTable table) {
    return new RouteMatcher(DomainIndex.of(table.virtualHosts()));
  }

  /**
   * A route and where it stands.
   *
   * @param virtualHost that has the domain
   * @param route the first of it that matches
   */
  public record Match(VirtualHost virtualHost, Route route) {}

  /** The route of a request; null if no domain or no route matches. */
  public @Nullable Match match(RequestHead head) {
    VirtualHost host = domains.find(head.authority());
    if (host == null) {
      return null;
    }
    String path = head.pathWithoutQuery();
    for (Route route : host.routes()) {
      if (RouteConditions.hold(route.match(), head, path)) {
        return new Match(host, route);
      }
    }
    return null;
  }
}
