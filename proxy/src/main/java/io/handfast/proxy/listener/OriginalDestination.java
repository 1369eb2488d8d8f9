package io.handfast.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The address that a client connected to before the kernel's REDIRECT changed it: Linux keeps it
 * with the connection ({@code SO_ORIGINAL_DST}, {@code IP6T_SO_ORIGINAL_DST}). Stateless.
 */
final class OriginalDestination {
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;
  private static final int SO_ORIGINAL_DST = 80;
  private static final int SOCKADDR_IN = 16;
  private static final int SOCKADDR_IN6 = 28;
  private static final RawUnixChannelOption V4 =
      new RawUnixChannelOption("SO_ORIGINAL_DST", SOL_IP, SO_ORIGINAL_DST, SOCKADDR_IN);
  private static final RawUnixChannelOption V6 =
      new RawUnixChannelOption("IP6T_SO_ORIGINAL_DST", SOL_IPV6, SO_ORIGINAL_DST, SOCKADDR_IN6);

  private OriginalDestination() {}

  /** The address; null if the connection was not redirected, or the system cannot tell. */
  static @Nullable InetSocketAddress of(Channel channel) {
    if (!(channel.localAddress() instanceof InetSocketAddress local)) {
      return null;
    }
    boolean v6 = local.getAddress() instanceof Inet6Address;
    ByteBuffer found;
    try {
      found = channel.config().getOption(v6 ? V6 : V4);
    } catch (ChannelException e) { // the kernel knows of no redirection
      return null;
    }
    if (found == null) {
      return null;
    }
    InetSocketAddress original = parse(found, v6);
    return original.equals(local) ? null : original;
  }

  /** A {@code sockaddr_in} or {@code sockaddr_in6}: port and address are in network order. */
  private static InetSocketAddress parse(ByteBuffer address, boolean v6) {
    byte[] bytes = new byte[v6 ? 16 : 4];
    address.get(v6 ? 8 : 4, bytes);
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(bytes), Short.toUnsignedInt(address.getShort(2)));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of 4 or 16 bytes is none", e);
    }
  }

  /**
   * Whether a connection to that address arrives where it has just arrived.
   *
   * @param listener where the listener is bound
   */
  static boolean isLoop(InetSocketAddress original, InetSocketAddress listener) {
    if (original.getPort() != listener.getPort()) {
      return false;
    }
    if (!listener.getAddress().isAnyLocalAddress()) {
      return original.getAddress().equals(listener.getAddress());
    }
    try {
      return original.getAddress().isLoopbackAddress()
          || NetworkInterface.getByInetAddress(original.getAddress()) != null;
    } catch (SocketException e) {
      return true; // not to know is no reason to go round
    }
  }
}
