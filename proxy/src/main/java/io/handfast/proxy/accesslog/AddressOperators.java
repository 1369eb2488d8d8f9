package io.handfast.proxy.accesslog;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The operators that tell of addresses. */
final class AddressOperators {

  private AddressOperators() {}

  /** Hands every operator over by its name. */
  static void register(BiConsumer<String, Operators.Factory> add) {
    address("UPSTREAM_REMOTE", log -> log.info().upstreamRemote(), add);
    address("UPSTREAM_LOCAL", log -> log.info().upstreamLocal(), add);
    address("DOWNSTREAM_REMOTE", log -> log.info().client(), add);
    address("DOWNSTREAM_DIRECT_REMOTE", log -> log.info().connection().remote(), add);
    address("DOWNSTREAM_LOCAL", log -> log.info().connection().local(), add);
    text("UPSTREAM_HOST", log -> hostAndPort(log.info().upstreamHost()), add);
    text("UPSTREAM_HOST_NAME", log -> log.info().upstreamHostName(), add);
    text("UPSTREAM_HOST_NAME_WITHOUT_PORT", log -> withoutPort(log.info().upstreamHostName()), add);
  }

  private static void text(
      String name, Operator.OfText operator, BiConsumer<String, Operators.Factory> add) {
    add.accept(name, Operators.withoutParameter(name, operator));
  }

  private static void address(
      String prefix,
      Function<LogRecord, @Nullable SocketAddress> address,
      BiConsumer<String, Operators.Factory> add) {
    text(prefix + "_ADDRESS", log -> hostAndPort(address.apply(log)), add);
    String bare = prefix + "_ADDRESS_WITHOUT_PORT";
    add.accept(bare, parameter -> masked(bare, parameter, address));
    String port = prefix + "_PORT";
    add.accept(
        port,
        Operators.withoutParameter(port, (Operator.OfNumber) log -> port(address.apply(log))));
  }

  private static Operator masked(
      String name, @Nullable String bits, Function<LogRecord, @Nullable SocketAddress> address) {
    if (bits == null || bits.isEmpty()) {
      return (Operator.OfText) log -> host(address.apply(log));
    }
    if (!bits.matches("[0-9]{1,3}") || Integer.parseInt(bits) > 128) {
      throw new IllegalArgumentException(
          "%" + name + "(" + bits + ")% (expected: 0 to 32, or 0 to 128 for IPv6)");
    }
    int length = Integer.parseInt(bits);
    return (Operator.OfText)
        log ->
            address.apply(log) instanceof InetSocketAddress inet && inet.getAddress() != null
                ? network(inet.getAddress(), length)
                : null;
  }

  /** The first bits of an address, as CIDR; null if it has not as many. */
  private static @Nullable String network(InetAddress address, int length) {
    byte[] bytes = address.getAddress();
    if (length > bytes.length * 8) {
      return null;
    }
    for (int i = 0; i < bytes.length; i++) {
      int kept = Math.clamp(length - 8L * i, 0, 8);
      bytes[i] &= (byte) (0xff00 >> kept);
    }
    try {
      return NetUtil.toAddressString(InetAddress.getByAddress(bytes)) + "/" + length;
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("address: of no known length", impossible);
    }
  }

  static @Nullable String hostAndPort(@Nullable SocketAddress address) {
    if (address instanceof InetSocketAddress inet) {
      String host = hostOf(inet);
      return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
    }
    return address == null ? null : address.toString();
  }

  private static @Nullable String host(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet ? hostOf(inet) : hostAndPort(address);
  }

  private static String hostOf(InetSocketAddress address) {
    return address.getAddress() == null
        ? address.getHostString()
        : NetUtil.toAddressString(address.getAddress());
  }

  private static long port(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet ? inet.getPort() : Operator.OfNumber.NONE;
  }

  /** A name without the port that stands in it if the endpoint has no name of its own. */
  private static String withoutPort(String name) {
    int colon = name.lastIndexOf(':');
    boolean isPort = colon > 0 && (name.indexOf(':') == colon || name.charAt(colon - 1) == ']');
    return isPort ? name.substring(0, colon) : name;
  }
}
