package io.handfast.proxy.filter.router;

import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteAction.HostRewrite;
import io.handfast.proxy.config.RouteAction.PathReplacement;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.RequestHead;

/** What a route changes in the path and the host. Pure but for the heads themselves. */
final class RequestRewrite {
  private static final String FORWARDED_HOST = "x-forwarded-host";
  private static final String ORIGINAL_HOST = "x-envoy-original-host";
  private static final String ORIGINAL_PATH = "x-envoy-original-path";

  private RequestRewrite() {}

  static void apply(RequestHead head, Route route, ForwardOptions options) {
    rewriteHost(head, options);
    if (!(options.path() instanceof PathReplacement.Keep || head.path().isEmpty())) {
      head.headers().set(ORIGINAL_PATH, head.path());
      String path = head.pathWithoutQuery();
      String query = head.path().substring(path.length());
      head.path(replace(path, route.match(), options.path()) + query);
    }
  }

  private static void rewriteHost(RequestHead head, ForwardOptions options) {
    String host =
        switch (options.host()) {
          case HostRewrite.Keep _ -> "";
          case HostRewrite.Literal(String literal) -> literal;
          case HostRewrite.FromHeader(String header) -> head.field(header);
          case HostRewrite.FromPath(var rewrite) -> rewrite.apply(head.pathWithoutQuery());
        };
    if (host == null || host.isEmpty()) {
      return;
    }
    if (options.appendForwardedHost() && !head.authority().isEmpty()) {
      String before = head.headers().getJoined(FORWARDED_HOST);
      if (before == null) {
        head.headers().add(FORWARDED_HOST, head.authority());
      } else if (!lastMember(before).equals(head.authority())) {
        head.headers().set(FORWARDED_HOST, before + "," + head.authority());
      }
    }
    head.headers().set(ORIGINAL_HOST, head.authority());
    head.authority(host);
  }

  private static String lastMember(String list) {
    return list.substring(list.lastIndexOf(',') + 1).strip();
  }

  /** What becomes of a path without its query. */
  static String replace(String path, RouteMatch match, PathReplacement replacement) {
    return switch (replacement) {
      case PathReplacement.Keep _ -> path;
      case PathReplacement.Whole(String whole) -> whole;
      case PathReplacement.MatchedPrefix(String prefix) -> replacePrefix(path, match, prefix);
      case PathReplacement.Regex(var rewrite) -> rewrite.apply(path);
    };
  }

  /** The path with what the route matched of it replaced; a regex matches the whole. */
  private static String replacePrefix(String path, RouteMatch match, String replacement) {
    return switch (match.path()) {
      case PathMatch.Prefix prefix -> replacement + path.substring(prefix.prefix().length());
      case PathMatch.PathSeparatedPrefix prefix ->
          replacement + path.substring(prefix.prefix().length());
      case PathMatch.Exact _, PathMatch.Regex _ -> replacement;
      case PathMatch.Connect _ -> path;
    };
  }
}
