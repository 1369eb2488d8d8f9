package io.handfast.proxy.filter.router;

import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.HeaderMutations.HeaderSet;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import java.util.List;

/** What a route changes in heads. Pure but for the heads themselves. */
final class RequestRewrite {
  private RequestRewrite() {}

  static void apply(
      RequestHead head, Route route, ForwardOptions options, List<HeaderMutations> headers) {
    for (HeaderMutations mutations : headers) {
      mutate(head.headers(), mutations.requestRemove(), mutations.requestSet());
    }
    if (!options.hostRewrite().isEmpty()) {
      head.authority(options.hostRewrite());
    }
    if (!options.prefixRewrite().isEmpty()) {
      String path = head.pathWithoutQuery();
      String query = head.path().substring(path.length());
      head.path(replacePrefix(path, route.match(), options.prefixRewrite()) + query);
    }
  }

  static void applyToResponse(ResponseHead head, List<HeaderMutations> headers) {
    for (HeaderMutations mutations : headers) {
      mutate(head.headers(), mutations.responseRemove(), mutations.responseSet());
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

  private static void mutate(Headers headers, List<String> remove, List<HeaderSet> set) {
    for (String name : remove) {
      headers.remove(name);
    }
    for (HeaderSet field : set) {
      boolean present = headers.contains(field.name());
      switch (field.ifPresent()) {
        case APPEND -> headers.add(field.name(), field.value());
        case KEEP -> {
          if (!present) {
            headers.add(field.name(), field.value());
          }
        }
        case OVERWRITE -> headers.set(field.name(), field.value());
        case OVERWRITE_ONLY -> {
          if (present) {
            headers.set(field.name(), field.value());
          }
        }
      }
    }
  }
}
