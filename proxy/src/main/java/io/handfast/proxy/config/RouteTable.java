package io.handfast.proxy.config;

import java.util.List;

/**
 * {@code envoy.config.route.v3.RouteConfiguration}, compiled for one HTTP connection manager.
 *
 * @param path where it stands in the configuration, for errors; {@code routes[name]} if a control
 *     plane sends it
 * @param version as the control plane calls it
 * @param virtualHosts their domains are unique over the table
 * @param ignorePort a virtual host is found by the host alone, whatever port the request names
 */
public record RouteTable(
    String path, String version, List<VirtualHost> virtualHosts, boolean ignorePort) {

  private static final String DISCOVERED = "routes[";

  public RouteTable {
    virtualHosts = List.copyOf(virtualHosts);
  }

  /** Whether it comes from a control plane, which knows it by name. */
  public boolean isDiscovered() {
    return path.startsWith(DISCOVERED);
  }

  /** The name that a control plane knows it by. */
  public String name() {
    if (!isDiscovered()) {
      throw new IllegalStateException("name: none (expected: a table from a control plane)");
    }
    return path.substring(DISCOVERED.length(), path.length() - 1);
  }

  /** An inline one, for tests and composition. */
  public RouteTable(List<VirtualHost> virtualHosts) {
    this("route_config", "", virtualHosts, false);
  }

  /**
   * Routes of some domains.
   *
   * @param name unique in the table
   * @param domains lower case; {@code example.com}, {@code *.example.com}, {@code example.*} or
   *     {@code *}; searched in this order: exact, longest suffix wildcard, longest prefix wildcard,
   *     {@code *}
   * @param routes the first that matches is taken
   */
  public record VirtualHost(String name, List<String> domains, List<Route> routes) {

    public VirtualHost {
      Checks.notEmpty("name", name);
      domains = List.copyOf(domains);
      routes = List.copyOf(routes);
      if (domains.isEmpty()) {
        throw new IllegalArgumentException("domains: [] (expected: at least one)");
      }
    }
  }

  /**
   * A match and what follows from it.
   *
   * @param name for logs and {@code %ROUTE_NAME%}; may be empty
   * @param match when it is taken
   * @param action what then happens
   * @param headers all that is added and removed: the route's own, then the virtual host's, then
   *     the table's
   * @param perFilterConfigs the effective per-filter configuration of the route
   */
  public record Route(
      String name,
      RouteMatch match,
      RouteAction action,
      HeaderMutations headers,
      PerFilterConfigs perFilterConfigs) {

    /** A route with every default, for tests and composition. */
    public static Route of(RouteMatch match, RouteAction action) {
      return new Route("", match, action, HeaderMutations.NONE, PerFilterConfigs.NONE);
    }
  }
}
