package io.handfast.proxy.route;

import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteMatch.QueryParameterMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.config.match.StringMatch;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import org.jspecify.annotations.Nullable;

/** In words, what routes ask for and why a request does not have it. Pure. */
public final class Mismatch {

  private Mismatch() {}

  /**
   * The first condition that does not hold, by the same tests by which routes are chosen; null if
   * all do.
   */
  static @Nullable String of(RouteMatch match, RequestHead head, String path, int draw) {
    boolean connect = head.tunnel() == Tunnel.CONNECT;
    if (connect != match.path() instanceof PathMatch.Connect) {
      return connect
          ? "path: none, the request is a CONNECT (expected: " + text(match) + ")"
          : "method: " + head.method() + " (expected: CONNECT)";
    }
    if (!RouteConditions.pathHolds(match, path)) {
      return "path: " + path + " (expected: " + text(match) + ")";
    }
    if (match.grpc() && !RouteConditions.isGrpc(head)) {
      return "content-type: " + shown(head, "content-type") + " (expected: application/grpc)";
    }
    for (HeaderMatch header : match.headers()) {
      if (!HeaderConditions.hold(header, head)) {
        return header.name()
            + ": "
            + shown(head, header.name())
            + " (expected: "
            + text(header)
            + ")";
      }
    }
    for (QueryParameterMatch parameter : match.queryParameters()) {
      if (!RouteConditions.parameterHolds(parameter, head, path)) {
        String value = QueryString.first(RouteConditions.query(head, path), parameter.name());
        return "query parameter "
            + parameter.name()
            + ": "
            + (value == null ? "not there" : "'" + value + "'")
            + " (expected: "
            + text(parameter.test())
            + ")";
      }
    }
    if (match.fraction().isPresent() && !match.fraction().get().covers(draw)) {
      return "runtime_fraction: this request is not in it (expected: one of "
          + match.fraction().get().numerator()
          + " in "
          + match.fraction().get().denominator()
          + ")";
    }
    return null;
  }

  private static String shown(RequestHead head, String name) {
    String value = name.equals("host") ? head.authority() : head.field(name);
    return value == null ? "not there" : "'" + value + "'";
  }

  /** What is asked of the path. */
  public static String text(RouteMatch match) {
    String what =
        switch (match.path()) {
          case PathMatch.Prefix(String prefix) -> "prefix " + prefix;
          case PathMatch.Exact(String path) -> "path " + path;
          case PathMatch.PathSeparatedPrefix(String prefix) -> "path_separated_prefix " + prefix;
          case PathMatch.Regex(var pattern) -> "safe_regex " + pattern.pattern();
          case PathMatch.Connect _ -> "connect_matcher";
        };
    return match.caseSensitive() ? what : what + ", in any case";
  }

  /** What is asked of a header. */
  public static String text(HeaderMatch header) {
    return (header.invert() ? "not " : "")
        + text(header.test())
        + (header.treatMissingAsEmpty() ? ", empty if it is missing" : "");
  }

  /** What is asked of a value. */
  public static String text(ValueTest test) {
    return switch (test) {
      case ValueTest.Present(boolean wanted) -> wanted ? "there" : "not there";
      case ValueTest.Range(long start, long end) -> "a number from " + start + " up to " + end;
      case ValueTest.Matches(StringMatch match) ->
          switch (match) {
            case StringMatch.Exact(String value, boolean ignoreCase) ->
                "'" + value + "'" + inAnyCase(ignoreCase);
            case StringMatch.Prefix(String prefix, boolean ignoreCase) ->
                "prefix '" + prefix + "'" + inAnyCase(ignoreCase);
            case StringMatch.Suffix(String suffix, boolean ignoreCase) ->
                "suffix '" + suffix + "'" + inAnyCase(ignoreCase);
            case StringMatch.Contains(String part, boolean ignoreCase) ->
                "contains '" + part + "'" + inAnyCase(ignoreCase);
            case StringMatch.Regex(var pattern) -> "safe_regex " + pattern.pattern();
          };
    };
  }

  private static String inAnyCase(boolean ignoreCase) {
    return ignoreCase ? ", in any case" : "";
  }
}
