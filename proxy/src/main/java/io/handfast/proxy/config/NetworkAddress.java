package io.handfast.proxy.config;

/**
 * A TCP address as configured ({@code envoy.config.core.v3.SocketAddress}).
 *
 * @param host an IP literal, or for an endpoint of a STRICT_DNS cluster a DNS name; never empty
 * @param port 0 to 65535; 0 lets the kernel choose (listeners only)
 */
public record NetworkAddress(String host, int port) {

  public NetworkAddress {
    Checks.notEmpty("host", host);
    Checks.inRange("port", port, 0, 65_535);
  }

  /** {@code host:port}, an IPv6 literal in brackets. */
  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
