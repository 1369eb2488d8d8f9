package io.handfast.proxy.route;

import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The routes of one virtual host, by path. The first route in order that holds is taken, as if they
 * were tried one after the other; but only those are tried whose path may match and that stand
 * before the best found so far. Expressions have no beginning to be found by: they are tried last,
 * in order. A CONNECT has no path, and routes of its own. Immutable.
 */
final class RouteIndex implements PathTrie.Test {
  static final int NO_ROUTE = -1;

  private final RouteMatch[] matches;
  private final PathTrie exactCase;
  private final PathTrie anyCase;
  private final int[] expressions;
  private final int[] connects;
  private final boolean fractions;

  RouteIndex(List<Route> routes) {
    matches = routes.stream().map(Route::match).toArray(RouteMatch[]::new);
    PathTrie.Builder exact = new PathTrie.Builder(false);
    PathTrie.Builder any = new PathTrie.Builder(true);
    IntStream.Builder regexes = IntStream.builder();
    IntStream.Builder pathless = IntStream.builder();
    for (int i = 0; i < matches.length; i++) {
      PathTrie.Builder trie = matches[i].caseSensitive() ? exact : any;
      switch (matches[i].path()) {
        case PathMatch.Prefix(String prefix) -> trie.begins(prefix, i);
        case PathMatch.PathSeparatedPrefix(String prefix) -> trie.begins(prefix, i);
        case PathMatch.Exact(String path) -> trie.whole(path, i);
        case PathMatch.Regex _ -> regexes.add(i);
        case PathMatch.Connect _ -> pathless.add(i);
      }
    }
    exactCase = exact.build();
    anyCase = any.build();
    expressions = regexes.build().toArray();
    connects = pathless.build().toArray();
    fractions = routes.stream().anyMatch(route -> route.match().fraction().isPresent());
  }

  /** Whether a route wants only a part of the requests that it matches. */
  boolean hasFractions() {
    return fractions;
  }

  /**
   * The place of the first route that holds, or {@link #NO_ROUTE}.
   *
   * @param path of the request, without its query
   * @param draw one evenly drawn number for all fractions
   */
  int find(RequestHead head, String path, int draw) {
    if (head.tunnel() == Tunnel.CONNECT) { // it has no path
      int found = first(connects, matches.length, head, path, draw);
      return found == matches.length ? NO_ROUTE : found;
    }
    int found = exactCase.first(this, matches.length, head, path, draw);
    found = anyCase.first(this, found, head, path, draw);
    found = first(expressions, found, head, path, draw);
    return found == matches.length ? NO_ROUTE : found;
  }

  /** Why each route before a place is passed over. */
  List<String> passedOver(int before, RequestHead head, String path, int draw) {
    return Arrays.stream(matches, 0, before)
        .map(match ->
            Objects.requireNonNullElse(
                Mismatch.of(match, head, path, draw), "it would hold, and was not tried"))
        .toList();
  }

  @Override
  public int first(int[] routes, int before, RequestHead head, String path, int draw) {
    for (int route : routes) {
      if (route >= before) {
        return before;
      }
      if (RouteConditions.hold(matches[route], head, path, draw)) {
        return route;
      }
    }
    return before;
  }
}
