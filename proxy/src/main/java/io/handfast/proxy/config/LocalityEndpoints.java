package io.handfast.proxy.config;

import java.util.List;

/**
 * Endpoints of one locality ({@code LocalityLbEndpoints}).
 *
 * @param region may be empty
 * @param zone may be empty
 * @param subZone may be empty
 * @param endpoints in order
 */
public record LocalityEndpoints(
    String region, String zone, String subZone, List<Endpoint> endpoints) {

  public LocalityEndpoints {
    endpoints = List.copyOf(endpoints);
  }

  /** Endpoints of no particular locality. */
  public static LocalityEndpoints of(List<Endpoint> endpoints) {
    return new LocalityEndpoints("", "", "", endpoints);
  }
}
