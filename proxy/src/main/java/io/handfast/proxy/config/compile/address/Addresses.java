package io.handfast.proxy.config.compile.address;

import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.runtime.UnixSockets;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.core.v3.Address}. */
public final class Addresses {

  private static final int MAX_PORT = 65_535;

  private Addresses() {}

  /** The address to bind, an IP literal or a Unix socket; null if it is wrong. */
  public static @Nullable NetworkAddress toBind(Address proto, Scope scope) {
    return proto.hasPipe() ? pipe(proto, scope) : toBindTcp(proto, scope);
  }

  /** The address to bind, an IP literal; null if it is wrong. */
  public static NetworkAddress.@Nullable Tcp toBindTcp(Address proto, Scope scope) {
    NetworkAddress.Tcp address = tcp(proto, scope);
    return address == null ? null : toBind(address, scope.field("socket_address"));
  }

  /** The same, where nothing but a socket's address may stand. */
  public static NetworkAddress.@Nullable Tcp toBindTcp(SocketAddress proto, Scope scope) {
    NetworkAddress.Tcp address = tcp(proto, scope);
    return address == null ? null : toBind(address, scope);
  }

  private static NetworkAddress.@Nullable Tcp toBind(NetworkAddress.Tcp address, Scope scope) {
    if (isLiteral(address.host())) {
      return address;
    }
    scope
        .field("address")
        .error(address.host(), "an IP address to bind, such as 127.0.0.1 or 0.0.0.0");
    return null;
  }

  /**
   * The address to connect to; null if it is wrong.
   *
   * @param literal an IP literal or a Unix socket; else a name is allowed, and a Unix socket not
   */
  public static @Nullable NetworkAddress toConnect(Address proto, boolean literal, Scope scope) {
    if (!proto.hasPipe()) {
      return toConnectTcp(proto, literal, scope);
    }
    if (!literal) {
      scope
          .field("pipe")
          .error("is no name to resolve (expected: socket_address, or the cluster's type: STATIC)");
      return null;
    }
    return pipe(proto, scope);
  }

  /** The same without Unix sockets. */
  public static NetworkAddress.@Nullable Tcp toConnectTcp(
      Address proto, boolean literal, Scope scope) {
    NetworkAddress.Tcp address = tcp(proto, scope);
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

  private static NetworkAddress.@Nullable Pipe pipe(Address proto, Scope scope) {
    Scope here = scope.field("pipe");
    if (!UnixSockets.areAvailable()) {
      here.error(
          proto.getPipe().getPath(), "a socket_address: Unix sockets need Linux's epoll here");
      return null;
    }
    // An empty path has been noted by the constraints of the message.
    return proto.getPipe().getPath().isEmpty()
        ? null
        : here.build(
            () -> new NetworkAddress.Pipe(proto.getPipe().getPath(), proto.getPipe().getMode()));
  }

  private static NetworkAddress.@Nullable Tcp tcp(Address proto, Scope scope) {
    if (proto.hasPipe()) {
      scope.field("pipe").error("a Unix socket is not supported here (expected: socket_address)");
      return null;
    }
    return tcp(proto.getSocketAddress(), scope.field("socket_address"));
  }

  private static NetworkAddress.@Nullable Tcp tcp(SocketAddress socket, Scope here) {
    if (socket.getAddress().isEmpty()) {
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
    return new NetworkAddress.Tcp(socket.getAddress(), port);
  }

  public static boolean isLiteral(String host) {
    return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
  }

  public static boolean isLoopback(NetworkAddress.Tcp address) {
    InetAddress ip = NetUtil.createInetAddressFromIpAddressString(address.host());
    return ip != null && ip.isLoopbackAddress();
  }

  /** Whether both cannot be bound at once. */
  public static boolean clash(NetworkAddress a, NetworkAddress b) {
    return switch (a) {
      case NetworkAddress.Tcp one -> b instanceof NetworkAddress.Tcp other && clash(one, other);
      case NetworkAddress.Pipe one ->
          b instanceof NetworkAddress.Pipe other && one.path().equals(other.path());
    };
  }

  private static boolean clash(NetworkAddress.Tcp a, NetworkAddress.Tcp b) {
    return a.port() != 0
        && a.port() == b.port()
        && (a.host().equals(b.host())
            || (isIpv6(a) == isIpv6(b) && (isWildcard(a.host()) || isWildcard(b.host()))));
  }

  private static boolean isIpv6(NetworkAddress.Tcp address) {
    return address.host().indexOf(':') >= 0;
  }

  private static boolean isWildcard(String host) {
    return host.equals("0.0.0.0") || host.equals("::");
  }
}
