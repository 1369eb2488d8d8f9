package io.handfast.proxy.xds;

import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.runtime.UnixSockets;
import io.handfast.xds.stream.ClusterChannels;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Channels of gRPC to the static clusters of the bootstrap, with their TLS. Immutable.
 *
 * @param clusters the static part of the configuration
 * @param tls what is spoken with a cluster, with the newest certificates
 * @param group the event loops
 * @param sockets makes a socket to connect to an address with
 * @param executor takes what comes; messages are decoded on it
 */
public record StaticChannels(
    ConfigSnapshot clusters,
    Function<TlsConfig.Upstream, SslContext> tls,
    EventLoopGroup group,
    Function<SocketAddress, Channel> sockets,
    Executor executor)
    implements ClusterChannels {

  private static final SocketAddress ANY_INTERNET = new InetSocketAddress(0);

  /** Ways that nobody goes: for a bootstrap that is only looked at. */
  public static ClusterChannels unused(ConfigSnapshot clusters) {
    return cluster ->
        clusters.cluster(cluster).stream()
            .flatMap(found -> found.localities().stream())
            .flatMap(locality -> locality.endpoints().stream())
            .<ManagedChannelBuilder<?>>map(
                endpoint -> NettyChannelBuilder.forTarget("dns:///" + endpoint.address()))
            .toList();
  }

  @Override
  public List<ManagedChannelBuilder<?>> builders(String cluster) {
    Optional<ClusterConfig> config = clusters.cluster(cluster);
    return config.stream()
        .flatMap(found -> found.localities().stream())
        .flatMap(locality -> locality.endpoints().stream())
        .<ManagedChannelBuilder<?>>map(endpoint -> builder(endpoint, config.get()))
        .toList();
  }

  private NettyChannelBuilder builder(Endpoint endpoint) {
    return switch (endpoint.address()) {
      case NetworkAddress.Tcp tcp ->
          NettyChannelBuilder.forTarget("dns:///" + tcp)
              .channelFactory(() -> sockets.apply(ANY_INTERNET));
      case NetworkAddress.Pipe pipe -> {
        SocketAddress address = UnixSockets.address(pipe.path());
        yield NettyChannelBuilder.forAddress(address)
            .channelFactory(() -> sockets.apply(address))
            .overrideAuthority("localhost");
      }
    };
  }

  private NettyChannelBuilder builder(Endpoint endpoint, ClusterConfig cluster) {
    NettyChannelBuilder builder = builder(endpoint).eventLoopGroup(group).executor(executor);
    Optional<TlsConfig.Upstream> secured = cluster.tls();
    if (secured.isEmpty()) {
      return builder.usePlaintext();
    }
    builder.sslContext(tls.apply(secured.get()));
    String serverName = secured.get().sni();
    return serverName.isEmpty() ? builder : builder.overrideAuthority(serverName);
  }
}
