package io.handfast.proxy.config.compile.address;

import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.extension.Scope;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.core.v3.Address}. */
public final class Addresses {

  private static final int MAX_PORT = 65_535;

  private Addresses() {}

  /** The address to bind, an IP literal; null if it is wrong. */
  public static @Nullable NetworkAddress toBind(Address proto, Scope scope) {
    NetworkAddress address = compile(proto, scope);
    if (address != null && !isLiteral(address.host())) {
      scope
          .field("socket_address.address")
          .error(address.host(), "an IP address to bind, such as 127.0.0.1 or 0.0.0.0");
      return null;
    }
    return address;
  }

  /** The address to connect to; null if it is wrong. */
  public static @Nullable NetworkAddress toConnect(Address proto, boolean literal, Scope scope) {
    NetworkAddress address = compile(proto, scope);
    if (address == null) {
      return null;
    }
    if (literal && !isLiteral(address.host())) {
      scope
          .field("socket_address.address")
          .error(address.host(), "an IP address; a name needs the cluster's type: STRICT_DNS");
      return null;
    }
    if (address.port() == 0) {
      scope.field("socket_address.port_value").error(0, "1 to " + MAX_PORT);
      return null;
    }
    return address;
  }

  private static @Nullable NetworkAddress compile(Address proto, Scope scope) {
    SocketAddress socket = proto.getSocketAddress();
    Scope here = scope.field("socket_address");
    if (!proto.hasSocketAddress() || socket.getAddress().isEmpty()) {
      here.field("address").error("missing (expected: a host)");
      return null;
    }
    if (socket.getPortSpecifierCase() != SocketAddress.PortSpecifierCase.PORT_VALUE) {
      here.field("port_value").error("missing (expected: 0 to " + MAX_PORT + ")");
      return null;
    }
    int port = socket.getPortValue();
    if (port < 0 || port > MAX_PORT) {
      here.field("port_value").error(Integer.toUnsignedString(port), "0 to " + MAX_PORT);
      return null;
    }
    return new NetworkAddress(socket.getAddress(), port);
  }

  public static boolean isLiteral(String host) {
    return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
  }

  public static boolean isLoopback(NetworkAddress address) {
    InetAddress ip = NetUtil.createInetAddressFromIpAddressString(address.host());
    return ip != null && ip.isLoopbackAddress();
  }

  /** Whether both cannot be bound at once. */
  public static boolean clash(NetworkAddress a, NetworkAddress b) {
    return a.port() != 0
        && a.port() == b.port()
        && (a.host().equals(b.host())
            || (isIpv6(a) == isIpv6(b) && (isWildcard(a.host()) || isWildcard(b.host()))));
  }

  private static boolean isIpv6(NetworkAddress address) {
    return address.host().indexOf(':') >= 0;
  }

  private static boolean isWildcard(String host) {
    return host.equals("0.0.0.0") || host.equals("::");
  }
}
