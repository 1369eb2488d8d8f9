package io.handfast.proxy.config;

import java.util.List;

/**
 * One address that serves a cluster, or a name that is resolved to several.
 *
 * @param address IP literal or DNS name, port 1 to 65535; or a Unix socket
 * @param additional further addresses of the same endpoint, IP literals, tried in this order if the
 *     first one does not answer
 * @param hostname for logs and {@code auto_host_rewrite}; may be empty
 * @param weight how often it is chosen by comparison, at least 1
 * @param health what is known of it
 */
public record Endpoint(
    NetworkAddress address,
    List<NetworkAddress> additional,
    String hostname,
    int weight,
    EndpointHealth health) {

  public Endpoint {
    additional = List.copyOf(additional);
    if (address instanceof NetworkAddress.Tcp tcp) {
      Checks.inRange("port_value", tcp.port(), 1, 65_535);
    }
    Checks.inRange("load_balancing_weight", weight, 1, Integer.MAX_VALUE);
  }

  /** An endpoint with one address. */
  public Endpoint(NetworkAddress address, String hostname, int weight, EndpointHealth health) {
    this(address, List.of(), hostname, weight, health);
  }

  /** An endpoint like any other. */
  public static Endpoint of(String host, int port) {
    return new Endpoint(new NetworkAddress.Tcp(host, port), "", 1, EndpointHealth.UNKNOWN);
  }
}
