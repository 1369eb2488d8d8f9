package io.handfast.proxy.cluster.connect;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.pool.ClientConnector;
import io.handfast.proxy.cluster.pool.Wire;
import io.handfast.proxy.config.tls.Alpn;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.h1.H1ClientConnection;
import io.handfast.proxy.http.h2.H2ClientConnection;
import io.handfast.proxy.runtime.Dispatcher;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Speaks HTTP/1.1, HTTP/2 or nothing on sockets to endpoints. Immutable and thread-safe. */
public final class NettyConnector implements ClientConnector {
  private final SocketConnector sockets;
  private final SocketConnector tunnels;

  /**
   * @param sockets opens those that HTTP is spoken on
   * @param tunnels opens those on which each direction ends for itself
   */
  public NettyConnector(SocketConnector sockets, SocketConnector tunnels) {
    this.sockets = sockets;
    this.tunnels = tunnels;
  }

  @Override
  public void connect(Dispatcher loop, Cluster cluster, Host host, Wire wire, Listener listener) {
    Life life = new Life(loop, cluster.config().connectTimeout(), listener);
    SocketConnector socket = wire == Wire.RAW ? tunnels : sockets;
    socket.connect(
        loop,
        cluster,
        host,
        wire.offered(),
        new SocketConnector.Listener() {
          @Override
          public void onOpen(Channel channel) {
            channel.pipeline().addLast(codec(loop, cluster, agreed(wire, channel), life));
            life.opened(channel.pipeline().get(CloseWitness.class));
          }

          @Override
          public void onFailed(boolean timedOut, String reason) {
            life.failed(timedOut, reason);
          }
        });
  }

  /** What TLS has agreed on, where that is what counts. */
  private static Wire agreed(Wire wire, Channel channel) {
    if (wire != Wire.AUTO) {
      return wire;
    }
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    return tls != null && Alpn.HTTP2.equals(tls.applicationProtocol()) ? Wire.HTTP2 : Wire.HTTP1;
  }

  private static ChannelHandler codec(Dispatcher loop, Cluster cluster, Wire wire, Life life) {
    return switch (wire) {
      case HTTP1, AUTO ->
          life.of(
              new H1ClientConnection(
                  life, cluster.stats(), cluster.config().http().enableTrailers()));
      case HTTP2 ->
          life.of(
              new H2ClientConnection(
                  life,
                  loop,
                  cluster.config().http().http2(),
                  cluster.stats(),
                  cluster.config().perConnectionBufferLimitBytes()));
      case RAW -> life.of(H1ClientConnection.raw(life, cluster.stats()));
    };
  }

  /**
   * From the attempt to the end, in the words of the pool. A connection is there once it takes a
   * stream: with HTTP/1.1 at once, with HTTP/2 when the endpoint has said what it takes. Confined
   * to the connection's loop.
   */
  private static final class Life implements ClientConnection.Listener {
    private final Dispatcher loop;
    private final Duration timeout;
    private final Listener listener;
    private @Nullable ClientConnection connection;
    private @Nullable CloseWitness witness;
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

    void failed(boolean timedOut, String why) {
      over = true;
      listener.onFailed(timedOut, why);
    }

    void opened(CloseWitness seenBy) {
      witness = seenBy;
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
        listener.onClosed(witness == null || !witness.closedHere());
      } else if (attempted && !wasOver) {
        listener.onFailed(false, "closed before its HTTP/2 settings");
      }
    }
  }
}
