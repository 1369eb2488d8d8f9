package io.handfast.proxy.cluster.connect;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.pool.ClientConnector;
import io.handfast.proxy.cluster.pool.Wire;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.h1.H1ClientConnection;
import io.handfast.proxy.http.h2.H2ClientConnection;
import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.runtime.NettyDispatcher;
import io.handfast.proxy.tls.Handshake;
import io.handfast.proxy.tls.TlsContexts;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.NetUtil;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections, with TLS where the cluster has it, and speaks HTTP/1.1, HTTP/2 or nothing on
 * them. Immutable and thread-safe.
 */
public final class NettyConnector implements ClientConnector {
  /** Of a handshake when connecting took all the time there was; zero would mean no limit. */
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final Class<? extends Channel> channel;
  private final TlsContexts tls;

  /**
   * @param channel class of a connected socket for the loops that will be given
   * @param tls contexts of the clusters that will be given
   */
  public NettyConnector(Class<? extends Channel> channel, TlsContexts tls) {
    this.channel = channel;
    this.tls = tls;
  }

  @Override
  public void connect(Dispatcher loop, Cluster cluster, Host host, Wire wire, Listener listener) {
    Life life = new Life(loop, cluster.config().connectTimeout(), listener);
    Attempt attempt = new Attempt(loop, cluster, host, wire, life, loop.nanoTime());
    int limit = cluster.config().perConnectionBufferLimitBytes();
    new Bootstrap()
        .group(((NettyDispatcher) loop).eventLoop())
        .channel(channel)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(limit / 2, limit))
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            (int) Math.min(cluster.config().connectTimeout().toMillis(), Integer.MAX_VALUE))
        // Nothing is read before there is a codec, which stands behind TLS.
        .handler(new ChannelInboundHandlerAdapter())
        .connect(host.address())
        .addListener(
            (ChannelFutureListener) connected -> loop.execute(() -> settle(connected, attempt)));
  }

  /** What is to be connected, and since when. */
  private record Attempt(
      Dispatcher loop, Cluster cluster, Host host, Wire wire, Life life, long startedNanos) {}

  private void settle(ChannelFuture connected, Attempt attempt) {
    Channel made = connected.channel();
    Optional<TlsConfig.Upstream> config = attempt.cluster().config().tls();
    if (!connected.isSuccess()) {
      attempt.life().failed(connected.cause());
    } else if (!made.isActive()) {
      attempt.life().failed(false, "closed at once");
    } else if (config.isPresent()) {
      secure(made, attempt, config.get());
    } else {
      open(made, attempt);
    }
  }

  private void secure(Channel made, Attempt attempt, TlsConfig.Upstream config) {
    Host host = attempt.host();
    boolean named =
        config.autoHostSni() && NetUtil.createByteArrayFromIpAddressString(host.hostname()) == null;
    String sni = named ? host.hostname() : config.sni();
    Duration limit =
        attempt
            .cluster()
            .config()
            .connectTimeout()
            .minusNanos(attempt.loop().nanoTime() - attempt.startedNanos());
    Handshake.client(
        made,
        tls.of(config),
        sni.isEmpty() ? host.address().getAddress().getHostAddress() : sni,
        host.address().getPort(),
        limit.compareTo(SHORTEST) < 0 ? SHORTEST : limit,
        attempt.cluster().stats().tls,
        new Handshake.Listener() {
          @Override
          public void onSecured(TlsInfo info) {
            open(made, attempt);
          }

          @Override
          public void onFailed(boolean timedOut, String reason) {
            attempt.life().failed(timedOut, reason);
          }
        });
  }

  private static void open(Channel made, Attempt attempt) {
    Cluster cluster = attempt.cluster();
    Life life = attempt.life();
    ChannelHandler codec =
        switch (attempt.wire()) {
          case HTTP1 ->
              life.of(
                  new H1ClientConnection(
                      life, cluster.stats(), cluster.config().http().enableTrailers()));
          case HTTP2 ->
              life.of(
                  new H2ClientConnection(
                      life,
                      attempt.loop(),
                      cluster.config().http().http2(),
                      cluster.stats(),
                      cluster.config().perConnectionBufferLimitBytes()));
          case RAW -> life.of(H1ClientConnection.raw(life, cluster.stats()));
        };
    made.pipeline().addLast(codec);
    life.opened();
  }

  /**
   * From the attempt to the end, in the words of the pool. A connection is there once it takes a
   * stream: with HTTP/1.1 at once, with HTTP/2 when the endpoint has said what it takes. Confined
   * to the connection's loop.
   */
  private static final class Life implements ClientConnection.Listener {
    private static final String NATIVE = " failed with error(";

    private final Dispatcher loop;
    private final Duration timeout;
    private final Listener listener;
    private @Nullable ClientConnection connection;
    private Dispatcher.Timer timer = Dispatcher.Timer.NONE;
    private boolean attempted;
    private boolean connected;
    private boolean over;

    Life(Dispatcher loop, Duration timeout, Listener listener) {
      this.loop = loop;
      this.timeout = timeout;
      this.listener = listener;
    }

    <C extends ChannelHandler & ClientConnection> C of(C codec) {
      connection = codec;
      return codec;
    }

    void failed(@Nullable Throwable cause) {
      failed(cause instanceof ConnectTimeoutException, reason(cause));
    }

    void failed(boolean timedOut, String why) {
      over = true;
      listener.onFailed(timedOut, why);
    }

    void opened() {
      attempted = true;
      if (over) { // closed between the handshake and now
        listener.onFailed(false, "closed at once");
      } else if (!greeted()) {
        timer = loop.schedule(timeout, this::onSilence);
      }
    }

    /** Whether the connection takes a stream: then it is the pool's. */
    private boolean greeted() {
      ClientConnection made = connection;
      if (made == null || made.freeStreams() == 0) {
        return false;
      }
      connected = true;
      timer.cancel();
      listener.onConnected(made);
      return true;
    }

    private void onSilence() {
      if (!connected && !over) {
        over = true;
        listener.onFailed(true, "no HTTP/2 settings");
        if (connection != null) {
          connection.close();
        }
      }
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

    @Override
    public void onAvailable(ClientConnection available) {
      if (connected) {
        listener.onStreamsAvailable();
      } else if (attempted && !over) {
        greeted();
      }
    }

    @Override
    public void onClosed(ClientConnection closed) {
      timer.cancel();
      boolean wasOver = over;
      over = true;
      if (connected) {
        listener.onClosed(true);
      } else if (attempted && !wasOver) {
        listener.onFailed(false, "closed before its HTTP/2 settings");
      }
    }
  }
}
