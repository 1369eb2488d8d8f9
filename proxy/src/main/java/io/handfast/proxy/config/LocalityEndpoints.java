package io.handfast.proxy.config;

import java.util.List;

/**
 * Endpoints of one locality ({@code LocalityLbEndpoints}).
 *
 * @param region may be empty
 * @param zone may be empty
 * @param subZone may be empty
 * @param priority 0 is the highest; all localities of a priority are one pool, as in Envoy unless
 *     they are weighed
 * @param endpoints in order
 */
public record LocalityEndpoints(
    String region, String zone, String subZone, int priority, List<Endpoint> endpoints) {

  /** Envoy's own bound of {@code priority}. */
  public static final int MAX_PRIORITY = 128;

  public LocalityEndpoints {
    Checks.inRange("priority", priority, 0, MAX_PRIORITY);
    endpoints = List.copyOf(endpoints);
  }

  /** Endpoints of no particular locality. */
  public static LocalityEndpoints of(List<Endpoint> endpoints) {
    return new LocalityEndpoints("", "", "", 0, endpoints);
  }
}
