package io.handfast.proxy.cluster.connect;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.pool.ClientConnector;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.h1.H1ClientConnection;
import io.handfast.proxy.http.h2.H2ClientConnection;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.runtime.NettyDispatcher;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.WriteBufferWaterMark;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Opens TCP connections and speaks HTTP/1.1 or HTTP/2 on them. Immutable and thread-safe. */
public final class NettyConnector implements ClientConnector {
  private final Class<? extends Channel> channel;

  /**
   * @param channel class of a connected socket for the loops that will be given
   */
  public NettyConnector(Class<? extends Channel> channel) {
    this.channel = channel;
  }

  @Override
  public void connect(
      Dispatcher loop, Cluster cluster, Host host, HttpProtocol protocol, Listener listener) {
    Life life = new Life(loop, cluster.config().connectTimeout(), listener);
    int limit = cluster.config().perConnectionBufferLimitBytes();
    ChannelHandler codec =
        protocol == HttpProtocol.HTTP_2
            ? life.of(
                new H2ClientConnection(
                    life, loop, cluster.config().http().http2(), cluster.stats(), limit))
            : life.of(
                new H1ClientConnection(
                    life, cluster.stats(), cluster.config().http().enableTrailers()));
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
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel made) {
                made.pipeline().addLast(codec);
              }
            })
        .connect(host.address())
        .addListener(
            (ChannelFutureListener) attempt -> loop.execute(() -> life.attempted(attempt)));
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

    void attempted(ChannelFuture attempt) {
      attempted = true;
      if (!attempt.isSuccess()) {
        over = true;
        listener.onFailed(
            attempt.cause() instanceof ConnectTimeoutException, reason(attempt.cause()));
      } else if (over) { // closed between the handshake and now
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
