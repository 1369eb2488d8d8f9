package io.handfast.proxy.xds;

import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.tls.Alpn;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsContextConfig;
import io.handfast.proxy.runtime.UnixSockets;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.stream.ClusterChannels;
import io.handfast.xds.stream.Liveness;
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
    return new ClusterChannels() {
      @Override
      public List<ManagedChannelBuilder<?>> builders(String cluster) {
        return clusters.cluster(cluster).stream()
            .flatMap(found -> found.localities().stream())
            .flatMap(locality -> locality.endpoints().stream())
            .<ManagedChannelBuilder<?>>map(
                endpoint -> NettyChannelBuilder.forTarget("dns:///" + endpoint.address()))
            .toList();
      }

      @Override
      public Optional<ConfigError> problem(String cluster) {
        return problemOf(clusters, cluster);
      }
    };
  }

  /** What a cluster's TLS is on a channel of gRPC, which speaks HTTP/2 and nothing else. */
  public static TlsConfig.Upstream tls(TlsConfig.Upstream configured) {
    return configured.offering(Alpn.ONLY_HTTP2);
  }

  private static Optional<ConfigError> problemOf(ConfigSnapshot clusters, String cluster) {
    Optional<TlsContextConfig> tls =
        clusters.cluster(cluster).flatMap(ClusterConfig::tls).map(TlsConfig.Upstream::common);
    String path =
        "static_resources.clusters[%s].transport_socket.common_tls_context".formatted(cluster);
    if (tls.isPresent() && !tls.get().isComplete()) {
      return Optional.of(
          new ConfigError(
              path,
              "names a secret, and a control plane is asked over it (expected: tls_certificates and"
                  + " validation_context, whose files may be replaced)"));
    }
    return tls.map(TlsContextConfig::alpnProtocols)
        .filter(alpn -> !alpn.isEmpty() && !alpn.contains(Alpn.HTTP2))
        .map(alpn ->
            new ConfigError(
                path + ".alpn_protocols",
                alpn + " (expected: h2 among them or none, for gRPC is spoken over it)"));
  }

  @Override
  public Optional<ConfigError> problem(String cluster) {
    return problemOf(clusters, cluster);
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

  /** Its {@code connect_timeout}, and {@code connection_keepalive} if it has one. */
  @Override
  public Liveness liveness(String cluster) {
    return clusters.cluster(cluster).map(StaticChannels::liveness).orElse(Liveness.DEFAULT);
  }

  private static Liveness liveness(ClusterConfig cluster) {
    Http2Options.Keepalive keepalive = cluster.http().http2().keepalive();
    return keepalive.interval().isPositive()
        ? new Liveness(cluster.connectTimeout(), keepalive.interval(), keepalive.timeout())
        : new Liveness(
            cluster.connectTimeout(),
            Liveness.DEFAULT.keepalive(),
            Liveness.DEFAULT.keepaliveTimeout());
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
    builder.sslContext(tls.apply(tls(secured.get())));
    String serverName = secured.get().sni();
    return serverName.isEmpty() ? builder : builder.overrideAuthority(serverName);
  }
}
