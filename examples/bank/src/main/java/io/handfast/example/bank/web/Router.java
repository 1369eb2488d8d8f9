package io.handfast.example.bank.web;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The routes of one service: method and path template to handler. Immutable once it serves. */
public final class Router {

  private record Route(String method, List<String> template, Handler handler) {}

  /** A route that fits, and the values of its template. */
  record Match(Handler handler, Map<String, String> path) {}

  private final List<Route> routes = new ArrayList<>();

  public Router on(String method, String template, Handler handler) {
    routes.add(new Route(method, segments(template), handler));
    return this;
  }

  /** Finds the handler of a raw path; 404 when no template fits, 405 when none has the method. */
  Match match(String method, String rawPath) {
    List<String> path = segments(rawPath);
    boolean known = false;
    for (Route route : routes) {
      Map<String, String> values = fit(route.template(), path);
      if (values != null && route.method().equals(method)) {
        return new Match(route.handler(), values);
      }
      known |= values != null;
    }
    throw known
        ? new Problem(405, "Method Not Allowed", method + " is not served on " + rawPath)
        : Problem.notFound("nothing is served on " + rawPath);
  }

  private static @Nullable Map<String, String> fit(List<String> template, List<String> path) {
    if (template.size() != path.size()) {
      return null;
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < path.size(); i++) {
      String expected = template.get(i);
      if (expected.startsWith("{")) {
        values.put(expected.substring(1, expected.length() - 1), decode(path.get(i)));
      } else if (!expected.equals(path.get(i))) {
        return null;
      }
    }
    return values;
  }

  private static List<String> segments(String path) {
    return List.of(path.split("/", -1));
  }

  static String decode(String encoded) {
    try {
      return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest("path or query: " + encoded + " (expected: percent-encoded UTF-8)");
    }
  }
}
