package io.handfast.proxy.route;

import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.Fraction;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteMatch.QueryParameterMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.http.RequestHead;
import org.jspecify.annotations.Nullable;

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

  private static boolean isGrpc(RequestHead head) {
    String type = head.headers().get("content-type");
    return type != null
        && type.startsWith(GRPC)
        && (type.length() == GRPC.length() || type.charAt(GRPC.length()) == '+');
  }

  private static boolean pathHolds(RouteMatch match, String path) {
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
      if (!headerHolds(header, value(head, header.name()))) {
        return false;
      }
    }
    return true;
  }

  private static boolean headerHolds(HeaderMatch header, @Nullable String found) {
    String value = found == null && header.treatMissingAsEmpty() ? "" : found;
    if (header.test() instanceof ValueTest.Present(boolean wanted)) {
      return (value != null) == wanted != header.invert();
    }
    // A header that is not there matches nothing, inverted or not, as in Envoy.
    return value != null && holds(header.test(), value) != header.invert();
  }

  private static @Nullable String value(RequestHead head, String name) {
    return switch (name) {
      case ":method" -> head.method();
      case ":path" -> head.path();
      case ":authority", "host" -> head.authority();
      case ":scheme" -> head.scheme();
      case String field -> head.headers().getJoined(field);
    };
  }

  private static boolean parametersHold(RouteMatch match, RequestHead head, String path) {
    String rest = head.path().substring(path.length());
    String query = rest.startsWith("?") ? rest.substring(1) : "";
    for (QueryParameterMatch parameter : match.queryParameters()) {
      String value = QueryString.first(query, parameter.name());
      boolean holds =
          parameter.test() instanceof ValueTest.Present(boolean wanted)
              ? (value != null) == wanted
              : value != null && holds(parameter.test(), value);
      if (!holds) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(ValueTest test, String value) {
    return switch (test) {
      case ValueTest.Present(boolean wanted) -> wanted;
      case ValueTest.Matches(var match) -> match.matches(value);
      case ValueTest.Range(long start, long end) -> inRange(value, start, end);
    };
  }

  private static boolean inRange(String value, long start, long end) {
    try {
      long number = Long.parseLong(value);
      return number >= start && number < end;
    } catch (NumberFormatException notANumber) {
      return false;
    }
  }
}
