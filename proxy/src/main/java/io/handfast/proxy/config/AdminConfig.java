package io.handfast.proxy.config;

/**
 * The administration server.
 *
 * @param address where it listens; it has no authentication, so anything but loopback is warned
 *     about
 */
public record AdminConfig(NetworkAddress.Tcp address) {

  public static final NetworkAddress.Tcp DEFAULT_ADDRESS =
      new NetworkAddress.Tcp("127.0.0.1", 15_000);
  public static final AdminConfig DEFAULTS = new AdminConfig(DEFAULT_ADDRESS);
}
