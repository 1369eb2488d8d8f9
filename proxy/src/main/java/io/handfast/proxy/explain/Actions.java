package io.handfast.proxy.explain;

import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.explain.Explanation.Destination;
import io.handfast.proxy.filter.router.RouterReplies;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.route.Mismatch;
import java.util.ArrayList;
import java.util.List;

/** What routes ask for and do, in words. Pure. */
final class Actions {

  private Actions() {}

  /** All that a route asks for. */
  static String because(RouteMatch match) {
    List<String> parts = new ArrayList<>();
    parts.add(Mismatch.text(match));
    if (match.grpc()) {
      parts.add("gRPC");
    }
    match.headers().forEach(header -> parts.add(header.name() + ": " + Mismatch.text(header)));
    match
        .queryParameters()
        .forEach(parameter ->
            parts.add(
                "query parameter " + parameter.name() + ": " + Mismatch.text(parameter.test())));
    match
        .fraction()
        .ifPresent(part ->
            parts.add("of those " + part.numerator() + " in " + part.denominator() + ", drawn"));
    return String.join("; ", parts);
  }

  static String outcome(Route route, RequestHead head, List<Destination> clusters) {
    return switch (route.action()) {
      case RouteAction.DirectResponse(int status, String body) ->
          "answered here: " + status + (body.isEmpty() ? "" : " " + body);
      case RouteAction.Redirect redirect ->
          "redirected: "
              + redirect.status()
              + " to "
              + RouterReplies.redirect(redirect, head, route.match()).headers().get("location");
      case RouteAction.Upstream upstream ->
          clusters.stream().allMatch(each -> each.note().equals(Destinations.NOT_THERE))
              ? "answered here: "
                  + upstream.options().clusterNotFoundStatus()
                  + ", there is no such cluster"
              : "sent to "
                  + String.join(", ", clusters.stream().map(Destination::cluster).toList());
    };
  }
}
