package io.handfast.proxy.config;

/**
 * One address that serves a cluster, or a name that is resolved to several.
 *
 * @param address IP literal or DNS name, port 1 to 65535
 * @param hostname for logs and {@code auto_host_rewrite}; may be empty
 */
public record Endpoint(NetworkAddress address, String hostname) {

  public Endpoint {
    Checks.inRange("port_value", address.port(), 1, 65_535);
  }

  public static Endpoint of(String host, int port) {
    return new Endpoint(new NetworkAddress(host, port), "");
  }
}
