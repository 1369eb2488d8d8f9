package io.handfast.proxy.config;

/** {@code envoy.config.core.v3.HealthStatus}: what a control plane knows of an endpoint. */
public enum EndpointHealth {
  UNKNOWN(Availability.HEALTHY),
  HEALTHY(Availability.HEALTHY),
  UNHEALTHY(Availability.UNHEALTHY),
  DRAINING(Availability.UNHEALTHY),
  TIMEOUT(Availability.UNHEALTHY),
  DEGRADED(Availability.DEGRADED);

  /** Whether an endpoint may be chosen. */
  public enum Availability {
    HEALTHY,
    /** Only for what the healthy ones cannot take. */
    DEGRADED,
    /** Only in a panic. */
    UNHEALTHY
  }

  private final Availability availability;

  EndpointHealth(Availability availability) {
    this.availability = availability;
  }

  /** What comes of it. */
  public Availability availability() {
    return availability;
  }
}
