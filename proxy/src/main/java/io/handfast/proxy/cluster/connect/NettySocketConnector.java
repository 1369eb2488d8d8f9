package io.handfast.proxy.cluster.connect;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.runtime.NettyDispatcher;
import io.handfast.proxy.runtime.UnixSockets;
import io.handfast.proxy.tls.Handshake;
import io.handfast.proxy.tls.TlsContext;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Opens sockets by Netty. Immutable and thread-safe. */
public final class NettySocketConnector implements SocketConnector {
  /** Of a handshake when connecting took all the time there was; zero would mean no limit. */
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private static final String NATIVE = " failed with error(";

  private final EventLoops loops;
  private final Function<TlsConfig, TlsContext> tls;

  /**
   * @param loops those that will be given
   * @param tls contexts of the clusters that will be given
   */
  public NettySocketConnector(EventLoops loops, Function<TlsConfig, TlsContext> tls) {
    this.loops = loops;
    this.tls = tls;
  }

  @Override
  public Pending connect(
      Dispatcher loop, Cluster cluster, Host host, List<String> offered, Listener listener) {
    Attempt attempt = new Attempt(loop, cluster, host, offered, listener, loop.nanoTime());
    AddressRace race =
        new AddressRace(
            loop,
            (address, timeout) -> open(loop, cluster.config(), address, timeout),
            host.addresses(),
            cluster.config().connectTimeout(),
            new AddressRace.Result() {
              @Override
              public void onConnected(Channel made) {
                settle(made, attempt);
              }

              @Override
              public void onFailed(@Nullable Throwable cause) {
                listener.onFailed(cause instanceof ConnectTimeoutException, reason(cause));
              }
            });
    race.start();
    return race::giveUp;
  }

  private ChannelFuture open(
      Dispatcher loop, ClusterConfig cluster, SocketAddress address, int timeout) {
    int limit = cluster.perConnectionBufferLimitBytes();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(((NettyDispatcher) loop).eventLoop())
            .channelFactory(() -> loops.newClientChannel(address))
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeout)
            .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .option(
                ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(limit / 2, limit))
            // Nothing is read before there is a codec, which stands behind TLS.
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel made) {
                    made.pipeline().addLast(new CloseWitness());
                  }
                });
    if (address instanceof InetSocketAddress) {
      bootstrap.option(ChannelOption.TCP_NODELAY, true);
      cluster.source().ifPresent(source -> bootstrap.localAddress(bindable(source)));
    }
    return bootstrap.connect(UnixSockets.toSystem(address));
  }

  private static SocketAddress bindable(NetworkAddress.Tcp source) {
    return new InetSocketAddress(InetAddress.ofLiteral(source.host()), source.port());
  }

  /** What is to be connected, and since when. */
  private record Attempt(
      Dispatcher loop,
      Cluster cluster,
      Host host,
      List<String> offered,
      Listener listener,
      long startedNanos) {}

  private void settle(Channel made, Attempt attempt) {
    Optional<TlsConfig.Upstream> config = attempt.cluster().config().tls();
    if (!made.isActive()) {
      attempt.listener().onFailed(false, "closed at once");
    } else if (config.isPresent() && config.get().startsPlain()) {
      PostgresTlsRequest.send(
          made,
          attempt.loop(),
          left(attempt),
          new PostgresTlsRequest.Listener() {
            @Override
            public void onAgreed() {
              secure(made, attempt, config.get());
            }

            @Override
            public void onFailed(boolean timedOut, String reason) {
              attempt.listener().onFailed(timedOut, reason);
            }
          });
    } else if (config.isPresent()) {
      secure(made, attempt, config.get());
    } else {
      attempt.listener().onOpen(made);
    }
  }

  private void secure(Channel made, Attempt attempt, TlsConfig.Upstream config) {
    Host host = attempt.host();
    InetSocketAddress reached =
        (made.remoteAddress() == null ? host.address() : made.remoteAddress())
                instanceof InetSocketAddress peer
            ? peer
            : null;
    boolean named =
        config.autoHostSni() && NetUtil.createByteArrayFromIpAddressString(host.hostname()) == null;
    String sni = named ? host.hostname() : config.sni();
    Handshake.client(
        made,
        tls.apply(config.offering(attempt.offered())),
        sni.isEmpty() ? literal(reached) : sni,
        reached == null ? 0 : reached.getPort(),
        left(attempt),
        attempt.cluster().stats().tls,
        new Handshake.Listener() {
          @Override
          public void onSecured(TlsInfo info) {
            attempt.listener().onOpen(made);
          }

          @Override
          public void onFailed(boolean timedOut, String reason) {
            attempt.listener().onFailed(timedOut, reason);
          }
        });
  }

  private static Duration left(Attempt attempt) {
    Duration left =
        attempt
            .cluster()
            .config()
            .connectTimeout()
            .minusNanos(attempt.loop().nanoTime() - attempt.startedNanos());
    return left.compareTo(SHORTEST) < 0 ? SHORTEST : left;
  }

  private static @Nullable String literal(@Nullable InetSocketAddress address) {
    return address == null ? null : address.getAddress().getHostAddress();
  }

  /** In Envoy's words, without our addresses. */
  private static String reason(@Nullable Throwable cause) {
    Throwable root = cause == null || cause.getCause() == null ? cause : cause.getCause();
    String message = root == null ? null : root.getMessage();
    if (message == null) {
      return "connection failed";
    }
    // Native transports put the name of their call before the system's words.
    int words = message.contains(NATIVE) ? message.lastIndexOf(": ") + 2 : 0;
    return "delayed connect error: " + message.substring(words);
  }
}
