package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.HeaderChanges;
import org.jspecify.annotations.Nullable;

/**
 * What was found for a request.
 *
 * @param cluster name of the one that the route chose; null if it needs or names none
 * @param perFilterConfigs of the route, or of the weighted cluster that was drawn
 * @param headerChanges what the route, and the levels around and in it, change in heads
 */
record RouteChoice(
    String virtualHost,
    Route route,
    @Nullable String cluster,
    PerFilterConfigs perFilterConfigs,
    HeaderChanges headerChanges) {

  /** The same, to that cluster. */
  RouteChoice with(String chosen) {
    return new RouteChoice(virtualHost, route, chosen, perFilterConfigs, headerChanges);
  }
}
