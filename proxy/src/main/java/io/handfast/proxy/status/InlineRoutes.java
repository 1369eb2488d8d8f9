package io.handfast.proxy.status;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.TypeRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Route tables that stand in listeners.
 *
 * @param managers how many HTTP connection managers there are, wherever their routes come from
 */
record InlineRoutes(int managers, List<RouteConfiguration> tables) {

  static InlineRoutes of(List<Message> listeners, TypeRegistry types) {
    int managers = 0;
    List<RouteConfiguration> tables = new ArrayList<>();
    for (Message each : listeners) {
      Listener listener = (Listener) each;
      List<FilterChain> chains =
          Stream.concat(
                  listener.getFilterChainsList().stream(),
                  listener.hasDefaultFilterChain()
                      ? Stream.of(listener.getDefaultFilterChain())
                      : Stream.empty())
              .toList();
      for (FilterChain chain : chains) {
        for (Filter filter : chain.getFiltersList()) {
          Message config =
              types
                  .unpack(filter.getTypedConfig(), "", new ConfigErrors())
                  .orElse(filter.getTypedConfig());
          if (config instanceof HttpConnectionManager manager) {
            managers++;
            if (manager.hasRouteConfig()) {
              tables.add(manager.getRouteConfig());
            }
          }
        }
      }
    }
    return new InlineRoutes(managers, List.copyOf(tables));
  }
}
