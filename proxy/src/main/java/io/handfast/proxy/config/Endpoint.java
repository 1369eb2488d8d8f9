package io.handfast.proxy.config;

/**
 * One address that serves a cluster, or a name that is resolved to several.
 *
 * @param address IP literal or DNS name, port 1 to 65535
 * @param hostname for logs and {@code auto_host_rewrite}; may be empty
 * @param weight how often it is chosen by comparison, at least 1
 * @param health what is known of it
 */
public record Endpoint(NetworkAddress address, String hostname, int weight, EndpointHealth health) {

  public Endpoint {
    Checks.inRange("port_value", address.port(), 1, 65_535);
    Checks.inRange("load_balancing_weight", weight, 1, Integer.MAX_VALUE);
  }

  /** An endpoint like any other. */
  public static Endpoint of(String host, int port) {
    return new Endpoint(new NetworkAddress(host, port), "", 1, EndpointHealth.UNKNOWN);
  }
}
