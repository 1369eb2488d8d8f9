package io.handfast.xds.tree;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.handfast.xds.resource.Content;
import java.util.HashMap;
import java.util.Map;

/**
 * A route table comes whole for each route of it that changes. What is equal in the version before
 * is kept in its place, so that it is not held twice, and what is known of it stays known. Pure
 * functions.
 */
final class SharedRoutes {

  private SharedRoutes() {}

  /** A message equal to the next one, which shares what it can with the one before. */
  static Content<Message> of(Content<Message> next, Content<?> before) {
    Message message = next.message();
    return message instanceof RouteConfiguration
        ? new Content<>(of(message, before.message()))
        : next;
  }

  /** The same of messages. */
  static Message of(Message next, Message before) {
    return next instanceof RouteConfiguration table && before instanceof RouteConfiguration old
        ? table(table, old)
        : next;
  }

  private static RouteConfiguration table(RouteConfiguration next, RouteConfiguration before) {
    Map<String, VirtualHost> hosts = new HashMap<>();
    before.getVirtualHostsList().forEach(host -> hosts.put(host.getName(), host));
    RouteConfiguration.Builder shared = next.toBuilder().clearVirtualHosts();
    for (VirtualHost host : next.getVirtualHostsList()) {
      VirtualHost old = hosts.get(host.getName());
      shared.addVirtualHosts(old == null ? host : host(host, old));
    }
    return shared.build();
  }

  private static VirtualHost host(VirtualHost next, VirtualHost before) {
    if (next.equals(before)) {
      return before;
    }
    Map<Route, Route> routes = new HashMap<>();
    before.getRoutesList().forEach(route -> routes.put(route, route));
    VirtualHost.Builder shared = next.toBuilder().clearRoutes();
    next.getRoutesList().forEach(route -> shared.addRoutes(routes.getOrDefault(route, route)));
    return shared.build();
  }
}
