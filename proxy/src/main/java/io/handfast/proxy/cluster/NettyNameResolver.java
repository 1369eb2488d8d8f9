package io.handfast.proxy.cluster;

import io.handfast.proxy.config.ClusterConfig.DnsLookupFamily;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the name servers of this host, after its hosts file, on an event loop. Thread-safe: what
 * asks, with its socket, is made when the first name of its kind is wanted, under a lock; most
 * sidecars have addresses only, or names of one kind.
 */
public final class NettyNameResolver implements NameResolver, AutoCloseable {
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(5);

  private final EventLoop loop;
  private final Supplier<DatagramChannel> sockets;
  private final Map<ResolvedAddressTypes, DnsNameResolver> resolvers =
      new EnumMap<>(ResolvedAddressTypes.class);
  private boolean closed;

  /**
   * @param loop on which queries run
   * @param sockets opens one for that loop; what it throws is a failure of the name that was asked
   *     for, and it is asked again for the next one
   */
  public NettyNameResolver(EventLoop loop, Supplier<DatagramChannel> sockets) {
    this.loop = loop;
    this.sockets = sockets;
  }

  private synchronized @Nullable DnsNameResolver resolver(ResolvedAddressTypes types) {
    return closed ? null : resolvers.computeIfAbsent(types, this::open);
  }

  /** The socket comes first: Netty's resolver would go on without one, and fail for ever. */
  private DnsNameResolver open(ResolvedAddressTypes types) {
    DatagramChannel socket = sockets.get();
    try {
      return new DnsNameResolverBuilder(loop)
          .datagramChannelFactory(() -> socket)
          .queryTimeoutMillis(QUERY_TIMEOUT.toMillis())
          .resolvedAddressTypes(types)
          .resolveCache(NoopDnsCache.INSTANCE) // the cluster's refresh rate decides, as in Envoy
          .build();
    } catch (RuntimeException e) {
      socket.unsafe().closeForcibly();
      throw e;
    }
  }

  @Override
  public void resolve(String name, DnsLookupFamily family, Callback callback) {
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(name);
    if (literal != null) {
      InetAddress address = NetUtil.createInetAddressFromIpAddressString(name);
      callback.onAddresses(List.of(address));
      return;
    }
    DnsNameResolver resolver;
    try {
      resolver = resolver(types(family));
    } catch (RuntimeException e) {
      callback.onFailure("nothing to ask name servers with: " + e);
      return;
    }
    if (resolver == null) {
      callback.onFailure("the name resolver is closed");
      return;
    }
    resolver
        .resolveAll(name)
        .addListener((Future<List<InetAddress>> answer) -> {
          if (answer.isSuccess()) {
            callback.onAddresses(chosen(answer.getNow(), family));
          } else {
            callback.onFailure(String.valueOf(answer.cause().getMessage()));
          }
        });
  }

  /** AUTO takes one family only, IPv6 first, as in Envoy; V4_PREFERRED the other way round. */
  private static List<InetAddress> chosen(List<InetAddress> all, DnsLookupFamily family) {
    Class<? extends InetAddress> preferred =
        switch (family) {
          case AUTO -> Inet6Address.class;
          case V4_PREFERRED -> Inet4Address.class;
          case V4_ONLY, V6_ONLY, ALL -> InetAddress.class;
        };
    List<InetAddress> of = all.stream().filter(preferred::isInstance).toList();
    return of.isEmpty() ? List.copyOf(all) : of;
  }

  private static ResolvedAddressTypes types(DnsLookupFamily family) {
    return switch (family) {
      case V4_ONLY -> ResolvedAddressTypes.IPV4_ONLY;
      case V6_ONLY -> ResolvedAddressTypes.IPV6_ONLY;
      case V4_PREFERRED -> ResolvedAddressTypes.IPV4_PREFERRED;
      case AUTO, ALL -> ResolvedAddressTypes.IPV6_PREFERRED;
    };
  }

  @Override
  public synchronized void close() {
    closed = true;
    resolvers.values().forEach(DnsNameResolver::close);
  }
}
