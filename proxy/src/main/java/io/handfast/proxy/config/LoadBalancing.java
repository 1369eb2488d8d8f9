package io.handfast.proxy.config;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How an endpoint of a cluster is chosen for a request.
 *
 * @param policy among the endpoints of one priority
 * @param healthyPanicThreshold if less than that many percent of a priority's endpoints are
 *     available, all of them are used; 0: never
 * @param overprovisioningFactor in percent: a priority gets all its traffic as long as the share of
 *     its endpoints that are healthy, times this, is at least 100
 * @param byLocality whether a locality is chosen first, as often as its weight and its available
 *     endpoints say ({@code locality_weighted_lb_config})
 * @param byWeight whether the share of a priority's healthy endpoints is one of their weights, not
 *     of their number ({@code weighted_priority_health})
 * @param dropsPerMillion how many of a million requests are refused ({@code drop_overloads})
 */
public record LoadBalancing(
    Policy policy,
    int healthyPanicThreshold,
    int overprovisioningFactor,
    boolean byLocality,
    boolean byWeight,
    int dropsPerMillion) {

  /** All of a million. */
  public static final int EVERY = 1_000_000;

  /** Envoy's default of {@code healthy_panic_threshold}. */
  public static final int DEFAULT_HEALTHY_PANIC_THRESHOLD = 50;

  /** Envoy's default of {@code overprovisioning_factor}. */
  public static final int DEFAULT_OVERPROVISIONING_FACTOR = 140;

  public static final LoadBalancing DEFAULTS =
      new LoadBalancing(
          new Policy.RoundRobin(),
          DEFAULT_HEALTHY_PANIC_THRESHOLD,
          DEFAULT_OVERPROVISIONING_FACTOR,
          false);

  public LoadBalancing {
    Checks.inRange("healthy_panic_threshold", healthyPanicThreshold, 0, 100);
    Checks.inRange("overprovisioning_factor", overprovisioningFactor, 1, Integer.MAX_VALUE);
    Checks.inRange("drop_percentage", dropsPerMillion, 0, EVERY);
  }

  /** Where the endpoints say nothing about it. */
  public LoadBalancing(
      Policy policy, int healthyPanicThreshold, int overprovisioningFactor, boolean byLocality) {
    this(policy, healthyPanicThreshold, overprovisioningFactor, byLocality, false, 0);
  }

  /** The same with what comes with the endpoints of another one. */
  public LoadBalancing withPolicyOfEndpoints(LoadBalancing other) {
    return new LoadBalancing(
        policy,
        healthyPanicThreshold,
        other.overprovisioningFactor,
        byLocality,
        other.byWeight,
        other.dropsPerMillion);
  }

  /** How one of equally available endpoints is chosen. */
  public sealed interface Policy {

    /** One after the other, as often as its weight says. */
    record RoundRobin() implements Policy {}

    /**
     * The one that the client connected to before the connection was redirected.
     *
     * @param header of the request, that says another; empty: none does
     * @param port in place of the client's; 0: the client's
     * @param cleanupInterval endpoints that are not used that long are forgotten
     */
    record OriginalDestination(String header, int port, Duration cleanupInterval)
        implements Policy {

      public static final String DEFAULT_HEADER = "x-envoy-original-dst-host";
      public static final Duration DEFAULT_CLEANUP_INTERVAL = Duration.ofSeconds(5);

      public OriginalDestination {
        Checks.inRange("upstream_port_override", port, 0, 65_535);
        Checks.positive("cleanup_interval", cleanupInterval);
      }

      /** Where a connection that was made to that address goes. */
      public InetSocketAddress at(InetSocketAddress destination) {
        return port == 0 ? destination : new InetSocketAddress(destination.getAddress(), port);
      }
    }

    /** Any, regardless of weights. */
    record Random() implements Policy {}

    /**
     * The one with the fewest requests in flight of a few that are drawn. If weights differ, one
     * after the other, as often as its weight by its requests in flight says.
     *
     * @param choiceCount how many are drawn
     * @param activeRequestBias how much the requests in flight make of a weight: 0 for nothing, 1
     *     for inversely proportional
     */
    record LeastRequest(int choiceCount, double activeRequestBias) implements Policy {

      public static final int DEFAULT_CHOICE_COUNT = 2;
      public static final double DEFAULT_ACTIVE_REQUEST_BIAS = 1;

      public LeastRequest {
        Checks.inRange("choice_count", choiceCount, 2, Integer.MAX_VALUE);
        if (!(activeRequestBias >= 0 && Double.isFinite(activeRequestBias))) {
          throw new IllegalArgumentException(
              "active_request_bias: " + activeRequestBias + " (expected: >= 0)");
        }
      }
    }
  }
}
