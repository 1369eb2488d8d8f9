package io.handfast.proxy.route;

import java.util.List;
import java.util.OptionalInt;

/**
 * How the route of a request was found, for people.
 *
 * @param targets what was made of each route of the virtual host, in order
 * @param found the place of the one that is taken; empty: none
 * @param passedOver why each of those before it, or all, is not
 * @param <T> what was made of each route
 */
public record RouteWalk<T>(List<T> targets, OptionalInt found, List<String> passedOver) {

  public RouteWalk {
    targets = List.copyOf(targets);
    passedOver = List.copyOf(passedOver);
  }
}
