package io.handfast.proxy.route;

import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.Fraction;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteMatch.QueryParameterMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.http.RequestHead;

/** Whether what a route asks for holds for a request. Pure. */
final class RouteConditions {
  private static final String GRPC = "application/grpc";

  private RouteConditions() {}

  /**
   * @param path of the request, without its query
   * @param draw an evenly drawn number below {@link Fraction#MAX_DENOMINATOR}, the same for all
   *     routes of a request
   */
  static boolean hold(RouteMatch match, RequestHead head, String path, int draw) {
    return pathHolds(match, path)
        && (!match.grpc() || isGrpc(head))
        && headersHold(match, head)
        && (match.queryParameters().isEmpty() || parametersHold(match, head, path))
        && (match.fraction().isEmpty() || match.fraction().get().covers(draw));
  }

  static boolean isGrpc(RequestHead head) {
    String type = head.headers().get("content-type");
    return type != null
        && type.startsWith(GRPC)
        && (type.length() == GRPC.length() || type.charAt(GRPC.length()) == '+');
  }

  static boolean pathHolds(RouteMatch match, String path) {
    boolean ignoreCase = !match.caseSensitive();
    return switch (match.path()) {
      case PathMatch.Prefix(String prefix) -> startsWith(path, prefix, ignoreCase);
      case PathMatch.Exact(String exact) ->
          ignoreCase ? path.equalsIgnoreCase(exact) : path.equals(exact);
      case PathMatch.PathSeparatedPrefix(String prefix) ->
          startsWith(path, prefix, ignoreCase)
              && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
      case PathMatch.Regex(var pattern) -> pattern.matches(path);
      case PathMatch.Connect _ -> true; // the index asks only where it is one
    };
  }

  private static boolean startsWith(String path, String prefix, boolean ignoreCase) {
    return path.regionMatches(ignoreCase, 0, prefix, 0, prefix.length());
  }

  private static boolean headersHold(RouteMatch match, RequestHead head) {
    for (HeaderMatch header : match.headers()) {
      if (!HeaderConditions.hold(header, head)) {
        return false;
      }
    }
    return true;
  }

  private static boolean parametersHold(RouteMatch match, RequestHead head, String path) {
    String query = query(head, path);
    for (QueryParameterMatch parameter : match.queryParameters()) {
      if (!holds(parameter, query)) {
        return false;
      }
    }
    return true;
  }

  static boolean parameterHolds(QueryParameterMatch parameter, RequestHead head, String path) {
    return holds(parameter, query(head, path));
  }

  private static boolean holds(QueryParameterMatch parameter, String query) {
    String value = QueryString.first(query, parameter.name());
    return parameter.test() instanceof ValueTest.Present(boolean wanted)
        ? (value != null) == wanted
        : value != null && HeaderConditions.holds(parameter.test(), value);
  }

  static String query(RequestHead head, String path) {
    String rest = head.path().substring(path.length());
    return rest.startsWith("?") ? rest.substring(1) : "";
  }
}
