package io.handfast.proxy.config.compile;

import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteAction.DirectResponse;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.RouteTable.VirtualHost;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.Offered;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.route.v3.RouteConfiguration}. */
final class RouteTableCompiler {

  private final FilterChainBuilder chain;
  private final UpgradeTypes upgrades;
  private final Compilation compilation;
  private final boolean validateClusters;
  private final int directBodyLimit;
  private final Map<String, String> domains = new HashMap<>();
  private final Map<String, String> names = new HashMap<>();

  private RouteTableCompiler(
      FilterChainBuilder chain,
      UpgradeTypes upgrades,
      Compilation compilation,
      boolean validateClusters,
      int directBodyLimit) {
    this.chain = chain;
    this.upgrades = upgrades;
    this.compilation = compilation;
    this.validateClusters = validateClusters;
    this.directBodyLimit = directBodyLimit;
  }

  private static int directBodyLimit(RouteConfiguration proto) {
    return proto.hasMaxDirectResponseBodySizeBytes()
        ? Scope.clamped(proto.getMaxDirectResponseBodySizeBytes().getValue())
        : DirectResponse.DEFAULT_MAX_BODY_BYTES;
  }

  /**
   * An inline table, as far as it is right. Its clusters must exist unless it says otherwise or
   * clusters come from a control plane, as in Envoy.
   */
  static RouteTable inline(
      RouteConfiguration proto,
      FilterChainBuilder chain,
      UpgradeTypes upgrades,
      Compilation compilation,
      Scope scope) {
    boolean validate =
        proto.hasValidateClusters()
            ? isChecked(proto, compilation)
            : compilation.neighbours().needsClusters();
    return new RouteTable(
        scope.path(),
        "",
        new RouteTableCompiler(chain, upgrades, compilation, validate, directBodyLimit(proto))
            .hosts(proto, scope),
        proto.getIgnorePortInHostMatching());
  }

  /**
   * A table of its own, as far as it is right. Its clusters need not be there unless it asks for it
   * (W3), nor the filters that it speaks to: other listeners may have them.
   */
  static RouteTable discovered(
      Offered<RouteConfiguration> offered,
      FilterChainBuilder chain,
      UpgradeTypes upgrades,
      Compilation compilation,
      ConfigErrors errors) {
    RouteConfiguration proto = offered.message();
    Scope scope = new Scope(offered.path(), errors);
    boolean validate = isChecked(proto, compilation);
    return new RouteTable(
        offered.path(),
        offered.version(),
        new RouteTableCompiler(
                chain.shared(), upgrades, compilation, validate, directBodyLimit(proto))
            .hosts(proto, scope),
        proto.getIgnorePortInHostMatching());
  }

  private static boolean isChecked(RouteConfiguration proto, Compilation compilation) {
    return proto.getValidateClusters().getValue()
        && compilation.neighbours().needsClustersWhereAsked();
  }

  private List<VirtualHost> hosts(RouteConfiguration proto, Scope scope) {
    HeaderMutations headers =
        HeaderMutationsCompiler.compile(
            proto.getRequestHeadersToAddList(),
            proto.getRequestHeadersToRemoveList(),
            proto.getResponseHeadersToAddList(),
            proto.getResponseHeadersToRemoveList(),
            compilation,
            scope);
    RouteLevel level =
        RouteLevel.outermost(chain, proto.getMostSpecificHeaderMutationsWins())
            .inner(proto.getTypedPerFilterConfigMap(), headers, compilation, scope);
    List<VirtualHost> hosts = new ArrayList<>();
    for (int i = 0; i < proto.getVirtualHostsCount(); i++) {
      VirtualHost host =
          virtualHost(proto.getVirtualHosts(i), level, scope.field("virtual_hosts", i));
      if (host != null) {
        hosts.add(host);
      }
    }
    return hosts;
  }

  private @Nullable VirtualHost virtualHost(
      io.envoyproxy.envoy.config.route.v3.VirtualHost proto, RouteLevel outer, Scope scope) {
    String first =
        proto.getName().isEmpty() ? null : names.putIfAbsent(proto.getName(), scope.path());
    if (first != null) {
      scope.field("name").error(proto.getName(), "a name of its own; " + first + " has it");
    }
    List<String> hostDomains = new ArrayList<>();
    for (int i = 0; i < proto.getDomainsCount(); i++) {
      domain(proto.getDomains(i), scope.field("domains", i), hostDomains);
    }
    HeaderMutations headers =
        HeaderMutationsCompiler.compile(
            proto.getRequestHeadersToAddList(),
            proto.getRequestHeadersToRemoveList(),
            proto.getResponseHeadersToAddList(),
            proto.getResponseHeadersToRemoveList(),
            compilation,
            scope);
    RouteLevel level = outer.inner(proto.getTypedPerFilterConfigMap(), headers, compilation, scope);
    List<Route> routes = new ArrayList<>();
    for (int i = 0; i < proto.getRoutesCount(); i++) {
      Route route = route(proto.getRoutes(i), level, scope.field("routes", i));
      if (route != null) {
        routes.add(route);
      }
    }
    if (hostDomains.isEmpty()) {
      return null; // What is wrong with them has been noted.
    }
    return scope.build(() -> new VirtualHost(proto.getName(), hostDomains, routes));
  }

  private void domain(String text, Scope scope, List<String> into) {
    String domain = text.toLowerCase(Locale.ROOT);
    int star = domain.indexOf('*');
    boolean inside = star > 0 && star < domain.length() - 1;
    if (domain.isEmpty() || inside || star != domain.lastIndexOf('*')) {
      scope.error("'" + text + "'", "a host, *.host, host.* or *");
      return;
    }
    String first = domains.putIfAbsent(domain, scope.path());
    if (first != null) {
      scope.error(text, "each domain once in a route table; " + first + " has it");
      return;
    }
    into.add(domain);
  }

  private @Nullable Route route(
      io.envoyproxy.envoy.config.route.v3.Route proto, RouteLevel outer, Scope scope) {
    HeaderMutations headers =
        HeaderMutationsCompiler.compile(
            proto.getRequestHeadersToAddList(),
            proto.getRequestHeadersToRemoveList(),
            proto.getResponseHeadersToAddList(),
            proto.getResponseHeadersToRemoveList(),
            compilation,
            scope);
    RouteLevel level = outer.inner(proto.getTypedPerFilterConfigMap(), headers, compilation, scope);
    RouteMatch match = RouteMatchCompiler.compile(proto.getMatch(), scope.field("match"));
    RouteAction action =
        new RouteActionCompiler(compilation, upgrades, validateClusters, directBodyLimit)
            .compile(proto, level, scope);
    if (match == null || action == null) {
      return null;
    }
    return new Route(proto.getName(), match, action, level.headers(), level.filters().effective());
  }
}
