/**
 * Which route a request takes: {@link io.handfast.proxy.route.RouteMatcher} finds the virtual host
 * by its domain, {@link io.handfast.proxy.route.RouteIndex} those routes of it that the path may
 * match, {@link io.handfast.proxy.route.RouteConditions} the first of them that holds. Pure.
 */
@NullMarked
package io.handfast.proxy.route;

import org.jspecify.annotations.NullMarked;
