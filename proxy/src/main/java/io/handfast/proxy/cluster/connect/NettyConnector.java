package io.handfast.proxy.cluster.connect;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.pool.ClientConnector;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.h1.H1ClientConnection;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.runtime.NettyDispatcher;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.WriteBufferWaterMark;
import org.jspecify.annotations.Nullable;

/** Opens TCP connections and speaks HTTP/1.1 on them. Immutable and thread-safe. */
public final class NettyConnector implements ClientConnector {
  private final Class<? extends Channel> channel;

  /**
   * @param channel class of a connected socket for the loops that will be given
   */
  public NettyConnector(Class<? extends Channel> channel) {
    this.channel = channel;
  }

  @Override
  public void connect(Dispatcher loop, Cluster cluster, Host host, Listener listener) {
    Life life = new Life(listener);
    H1ClientConnection connection =
        new H1ClientConnection(life, cluster.stats(), cluster.config().http().enableTrailers());
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
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel made) {
                made.pipeline().addLast(connection);
              }
            })
        .connect(host.address())
        .addListener(
            (ChannelFutureListener)
                attempt -> loop.execute(() -> settle(attempt, connection, life)));
  }

  private static void settle(ChannelFuture attempt, H1ClientConnection connection, Life life) {
    if (attempt.isSuccess()) {
      life.connected(connection);
    } else {
      life.failed(attempt.cause());
    }
  }

  /** From the attempt to the end, in the words of the pool. Confined to the connection's loop. */
  private static final class Life implements ClientConnection.Listener {
    private static final String NATIVE = " failed with error(";

    private final Listener listener;
    private boolean connected;
    private boolean over;

    Life(Listener listener) {
      this.listener = listener;
    }

    void connected(ClientConnection connection) {
      if (over) { // closed between the handshake and now
        listener.onFailed(false, "closed at once");
      } else {
        connected = true;
        listener.onConnected(connection);
      }
    }

    void failed(@Nullable Throwable cause) {
      over = true;
      listener.onFailed(cause instanceof ConnectTimeoutException, reason(cause));
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
    public void onAvailable(ClientConnection connection) {
      listener.onStreamsAvailable();
    }

    @Override
    public void onClosed(ClientConnection connection) {
      over = true;
      if (connected) {
        listener.onClosed(true);
      }
    }
  }
}
