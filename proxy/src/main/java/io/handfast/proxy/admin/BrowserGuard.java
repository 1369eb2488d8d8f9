package io.handfast.proxy.admin;

import io.netty.util.NetUtil;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other people's web pages from administering this proxy through the browser of somebody on
 * this host.
 *
 * <p>A page reaches loopback in two ways: under a name of its own that it lets resolve to 127.0.0.1
 * (DNS rebinding; then {@code Host} carries that name), or by sending a form across sites (then
 * {@code Origin} is not ours). No program that is not a browser sends an {@code Origin}. Stateless.
 */
final class BrowserGuard {

  private BrowserGuard() {}

  /**
   * Why a request that changes something is refused; empty if it is not.
   *
   * @param host of the request
   * @param origin of the request
   * @param configuredHost the host of the configured address, which may be a name
   */
  static Optional<String> refusal(
      @Nullable String host, @Nullable String origin, String configuredHost) {
    if (host == null) {
      return Optional.of("host: missing (expected: the address of this server)");
    }
    String name = hostOf(host);
    if (!name.equals("localhost") && !isAddress(name) && !name.equalsIgnoreCase(configuredHost)) {
      return Optional.of(
          "host: " + host + " (expected: localhost, an IP address or the configured address)");
    }
    if (origin != null && !originHost(origin).equalsIgnoreCase(host)) {
      return Optional.of("origin: " + origin + " (expected: none, or the one of this server)");
    }
    return Optional.empty();
  }

  private static String hostOf(String authority) {
    int end = authority.lastIndexOf(']');
    int colon = authority.indexOf(':', Math.max(end, 0));
    String host = colon < 0 ? authority : authority.substring(0, colon);
    return host.toLowerCase(Locale.ROOT);
  }

  private static boolean isAddress(String name) {
    return NetUtil.isValidIpV4Address(name)
        || (name.startsWith("[")
            && name.endsWith("]")
            && NetUtil.isValidIpV6Address(name.substring(1, name.length() - 1)));
  }

  private static String originHost(String origin) {
    try {
      String authority = new URI(origin).getRawAuthority();
      return authority == null ? "" : authority;
    } catch (URISyntaxException e) {
      return "";
    }
  }
}
