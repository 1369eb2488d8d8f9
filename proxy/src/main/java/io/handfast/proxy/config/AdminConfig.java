package io.handfast.proxy.config;

/**
 * The administration server.
 *
 * @param address where it listens; it has no authentication, so anything but loopback is warned
 *     about
 */
public record AdminConfig(NetworkAddress address) {

  public static final NetworkAddress DEFAULT_ADDRESS = new NetworkAddress("127.0.0.1", 15_000);
  public static final AdminConfig DEFAULTS = new AdminConfig(DEFAULT_ADDRESS);
}
