package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.HeaderChanges;
import org.jspecify.annotations.Nullable;

/**
 * What was found for a request.
 *
 * @param cluster that the route chose; null if it needs none or there is none of that name
 * @param perFilterConfigs of the route, or of the weighted cluster that was drawn
 * @param headerChanges what the route, and the levels around and in it, change in heads
 */
record RouteChoice(
    String virtualHost,
    Route route,
    @Nullable ClusterConfig cluster,
    PerFilterConfigs perFilterConfigs,
    HeaderChanges headerChanges) {

  /** The same, to that cluster. */
  RouteChoice with(ClusterConfig chosen) {
    return new RouteChoice(virtualHost, route, chosen, perFilterConfigs, headerChanges);
  }
}
