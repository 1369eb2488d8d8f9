package io.handfast.proxy.filter.router;

import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.HeaderChanges;
import io.handfast.proxy.http.RequestHead;

/** What a route changes in heads. Pure but for the heads themselves. */
final class RequestRewrite {
  private RequestRewrite() {}

  static void apply(
      RequestHead head, Route route, ForwardOptions options, HeaderMutations headers) {
    HeaderChanges.ofRequest(head.headers(), headers);
    if (!options.hostRewrite().isEmpty()) {
      head.authority(options.hostRewrite());
    }
    if (!options.prefixRewrite().isEmpty()) {
      String path = head.pathWithoutQuery();
      String query = head.path().substring(path.length());
      head.path(replacePrefix(path, route.match(), options.prefixRewrite()) + query);
    }
  }

  /** The path with what the route matched of it replaced; a regex has no prefix to replace. */
  static String replacePrefix(String path, RouteMatch match, String replacement) {
    return switch (match.path()) {
      case PathMatch.Prefix prefix -> replacement + path.substring(prefix.prefix().length());
      case PathMatch.PathSeparatedPrefix prefix ->
          replacement + path.substring(prefix.prefix().length());
      case PathMatch.Exact _ -> replacement;
      case PathMatch.Regex _ -> path;
    };
  }
}
