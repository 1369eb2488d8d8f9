/** Which route a request takes: {@link io.handfast.proxy.route.RouteMatcher}. Pure. */
@NullMarked
package io.handfast.proxy.route;

import org.jspecify.annotations.NullMarked;
