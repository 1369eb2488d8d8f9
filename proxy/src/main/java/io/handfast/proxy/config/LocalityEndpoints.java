package io.handfast.proxy.config;

import java.util.List;

/**
 * Endpoints of one locality ({@code LocalityLbEndpoints}).
 *
 * @param locality where they are
 * @param priority 0 is the highest; all localities of a priority are one pool unless they are
 *     weighed
 * @param weight of all endpoints of this locality in this priority, where localities are weighed; 0
 *     if there is none, and then no load
 * @param endpoints in order
 */
public record LocalityEndpoints(
    Locality locality, int priority, long weight, List<Endpoint> endpoints) {

  /** Envoy's own bound of {@code priority}. */
  public static final int MAX_PRIORITY = 128;

  /** Envoy's own bound of the sum of the weights of a priority: an unsigned number of 32 bits. */
  public static final long MAX_WEIGHT = 0xffff_ffffL;

  /**
   * Where an endpoint is.
   *
   * @param region may be empty
   * @param zone may be empty
   * @param subZone may be empty
   */
  public record Locality(String region, String zone, String subZone) {

    public static final Locality NONE = new Locality("", "", "");
  }

  public LocalityEndpoints {
    Checks.inRange("priority", priority, 0, MAX_PRIORITY);
    if (weight < 0 || weight > MAX_WEIGHT) {
      throw new IllegalArgumentException(
          "load_balancing_weight: " + weight + " (expected: 0 to " + MAX_WEIGHT + ")");
    }
    endpoints = List.copyOf(endpoints);
  }

  /** Endpoints of no particular locality. */
  public static LocalityEndpoints of(List<Endpoint> endpoints) {
    return new LocalityEndpoints(Locality.NONE, 0, 0, endpoints);
  }
}
