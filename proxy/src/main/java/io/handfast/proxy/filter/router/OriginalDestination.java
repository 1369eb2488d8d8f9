package io.handfast.proxy.filter.router;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.config.LoadBalancing.Policy;
import io.handfast.proxy.http.HttpFilterContext;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Where a request to an {@code ORIGINAL_DST} cluster goes. Stateless. */
final class OriginalDestination {
  private static final int MAX_PORT = 65_535;

  private OriginalDestination() {}

  /** What its header says, if it may; else what its client connected to. Null if nobody knows. */
  static @Nullable InetSocketAddress of(Cluster cluster, HttpFilterContext context) {
    if (!(cluster.config().loadBalancing().policy() instanceof Policy.OriginalDestination policy)) {
      return null;
    }
    String said =
        policy.header().isEmpty() ? null : context.requestHead().headers().get(policy.header());
    InetSocketAddress named = said == null ? null : parse(said);
    if (said != null && named == null) {
      cluster.stats().originalDstHostInvalid.inc();
    }
    InetSocketAddress address = named == null ? context.connection().originalDestination() : named;
    return address == null ? null : cluster.redirected(address);
  }

  /** {@code 10.0.0.1:80} or {@code [fd00::1]:80}; null for anything else. */
  static @Nullable InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || text.length() - colon > 6) {
      return null;
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    String literal = bracketed ? host.substring(1, host.length() - 1) : host;
    boolean valid =
        bracketed ? NetUtil.isValidIpV6Address(literal) : NetUtil.isValidIpV4Address(literal);
    int port = port(text, colon + 1);
    InetAddress address = valid ? NetUtil.createInetAddressFromIpAddressString(literal) : null;
    return address == null || port < 1 ? null : new InetSocketAddress(address, port);
  }

  private static int port(String text, int from) {
    int port = 0;
    for (int i = from; i < text.length(); i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      port = port * 10 + digit - '0';
    }
    return port > MAX_PORT ? -1 : port;
  }
}
