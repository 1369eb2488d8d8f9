package io.handfast.proxy.config.compile;

import com.google.protobuf.Any;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.extension.Scope;
import java.util.Map;

/**
 * What holds at one level of a route table (table, virtual host, route, weighted cluster), the
 * levels around it included.
 *
 * @param filters what is said to filters; the innermost level wins
 * @param headers what is added and removed; from the innermost level to the outermost, as in Envoy
 * @param innermostLast the other way round
 */
record RouteLevel(PerFilterLayer filters, HeaderMutations headers, boolean innermostLast) {

  static RouteLevel outermost(FilterChainBuilder chain, boolean innermostLast) {
    return new RouteLevel(PerFilterLayer.outermost(chain), HeaderMutations.NONE, innermostLast);
  }

  /** The level inside this one. */
  RouteLevel inner(
      Map<String, Any> perFilter, HeaderMutations own, Compilation compilation, Scope scope) {
    return new RouteLevel(
        filters.inner(perFilter, compilation, scope),
        innermostLast ? headers.then(own) : own.then(headers),
        innermostLast);
  }
}
