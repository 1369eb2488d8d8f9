package io.handfast.proxy.explain;

import java.util.List;
import java.util.Map;

/**
 * What would become of a request, for people and, member by member, as JSON. Names stay, new ones
 * may join. What does not apply is empty.
 *
 * @param matched whether a route would be taken
 * @param outcome in a sentence
 * @param listener that takes the connection
 * @param filterChain of it
 * @param request as the connection manager makes it before it looks for a route
 * @param virtualHost whose domain covers the host
 * @param route that is taken
 * @param clusters where it may go, with their endpoints
 * @param transaction what the filter {@code handfast.transaction} does with it, in words by field
 */
public record Explanation(
    boolean matched,
    String outcome,
    Choice listener,
    Choice filterChain,
    String request,
    Choice virtualHost,
    Choice route,
    List<Destination> clusters,
    Map<String, String> transaction) {

  /** Nothing was chosen, and nothing passed over. */
  static final Choice NONE = new Choice("", "", List.of());

  public Explanation {
    clusters = List.copyOf(clusters);
  }

  /**
   * One of several.
   *
   * @param chosen which; empty: none
   * @param because what it matches by, or does
   * @param passedOver the others that were looked at
   */
  public record Choice(String chosen, String because, List<PassedOver> passedOver) {
    public Choice {
      passedOver = List.copyOf(passedOver);
    }
  }

  /**
   * What was looked at and not taken.
   *
   * @param why the first condition that did not hold: what is, and what was expected
   */
  public record PassedOver(String name, String why) {}

  /**
   * A cluster.
   *
   * @param share such as {@code 25 of 100}; empty: all of it
   * @param note what is to be known of it; may be empty
   */
  public record Destination(String cluster, String share, String note, List<Target> endpoints) {
    public Destination {
      endpoints = List.copyOf(endpoints);
    }
  }

  /** An endpoint. */
  public record Target(String address, String health, int priority, String locality, long weight) {}
}
