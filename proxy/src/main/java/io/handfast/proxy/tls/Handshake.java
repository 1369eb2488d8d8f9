package io.handfast.proxy.tls;

import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.proxy.stats.TlsStats;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts TLS on a connection and tells once what came of it. It stays between TLS and the codec: a
 * peer that says goodbye (close_notify) is done with the connection, as one that closes a plain
 * socket is, or with its direction of a tunnel. Confined to the channel's loop.
 */
public final class Handshake extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(Handshake.class);

  /** Told once, on the channel's loop. */
  public interface Listener {
    /** TLS is there; the codec is to be added to the pipeline now. */
    void onSecured(TlsInfo info);

    /**
     * It is not, and the connection closes.
     *
     * @param timedOut whether the time was up
     * @param reason a short sentence for logs
     */
    void onFailed(boolean timedOut, String reason);
  }

  private final TlsConfig config;
  private final TlsStats stats;
  private final Listener listener;
  private final SslHandler tls;
  private boolean told;
  private boolean goodbye;

  private Handshake(TlsConfig config, TlsStats stats, Listener listener, SslHandler tls) {
    this.config = config;
    this.stats = stats;
    this.listener = listener;
    this.tls = tls;
  }

  /**
   * Begins on the server's side of a channel.
   *
   * @param limit from now to the end of the handshake; zero: none
   */
  public static void server(
      Channel channel, TlsContext context, Duration limit, TlsStats stats, Listener listener) {
    begin(channel, context, null, 0, limit, stats, listener);
  }

  /**
   * Begins on the client's side of a channel.
   *
   * @param host the server's name to ask for, or an address
   * @param port of the server; sessions are resumed with the same host and port
   */
  public static void client(
      Channel channel,
      TlsContext context,
      @Nullable String host,
      int port,
      Duration limit,
      TlsStats stats,
      Listener listener) {
    begin(channel, context, host, port, limit, stats, listener);
  }

  /**
   * Begins on the server's side of a channel whose bytes have been in plain until now: TLS stands
   * before every handler that is there, which go on with what it decrypts.
   */
  public static void serverInFront(
      Channel channel, TlsContext context, Duration limit, TlsStats stats, Listener listener) {
    add(channel, context, null, 0, limit, stats, listener, true);
  }

  private static void begin(
      Channel channel,
      TlsContext context,
      @Nullable String host,
      int port,
      Duration limit,
      TlsStats stats,
      Listener listener) {
    add(channel, context, host, port, limit, stats, listener, false);
  }

  private static void add(
      Channel channel,
      TlsContext context,
      @Nullable String host,
      int port,
      Duration limit,
      TlsStats stats,
      Listener listener,
      boolean inFront) {
    if (!channel.isOpen()) { // its handlers would never be removed, nor what they hold be released
      listener.onFailed(false, "TLS error: the connection is closed");
      return;
    }
    SslHandler tls = context.newHandler(channel.alloc(), host, port);
    if (tls == null) {
      channel.close();
      listener.onFailed(false, "TLS error: no certificates");
      return;
    }
    tls.setHandshakeTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
    Handshake handshake = new Handshake(context.config(), stats, listener, tls);
    if (inFront) {
      channel.pipeline().addFirst(tls, handshake);
    } else {
      channel.pipeline().addLast(tls, handshake);
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      ctx.read();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.read();
    ctx.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent done && !told) {
      if (done.isSuccess()) {
        succeed(ctx);
      } else {
        fail(ctx, done.cause());
      }
    }
    if (event instanceof ChannelInputShutdownEvent) {
      if (!goodbye) { // an end that the peer did not announce is a cut
        ctx.close();
      }
      return; // an announced one has been told
    }
    ctx.fireUserEventTriggered(event);
    if (event instanceof SslCloseCompletionEvent close && close.isSuccess()) {
      goodbye = true;
      if (Boolean.TRUE.equals(ctx.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE))) {
        ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      } else {
        ctx.close();
      }
    }
  }

  private void succeed(ChannelHandlerContext ctx) {
    TlsInfo info = TlsSessions.info(config, tls);
    if (config instanceof TlsConfig.Downstream server
        && server.requireSni()
        && info.serverName().isEmpty()) {
      stats.connectionError.inc();
      tell(ctx, false, "TLS error: no server name (expected: one, by SNI)");
      return;
    }
    stats.handshake.inc();
    stats.negotiated(info.version(), info.cipherSuite());
    if (TlsSessions.isReused(tls)) {
      stats.sessionReused.inc();
    }
    if (info.peer() == null) {
      stats.noCertificate.inc();
    }
    told = true;
    listener.onSecured(info);
  }

  private void fail(ChannelHandlerContext ctx, Throwable cause) {
    PeerRefusedException refused = TlsSessions.refusal(cause);
    boolean timedOut = cause instanceof SslHandshakeTimeoutException;
    if (refused != null) {
      switch (refused.reason()) {
        case UNTRUSTED -> stats.failVerifyError.inc();
        case NAME -> stats.failVerifySan.inc();
        case PIN -> stats.failVerifyCertHash.inc();
      }
    } else if (TlsSessions.isCertificateMissing(cause)) {
      stats.failVerifyNoCert.inc();
    } else if (!timedOut && !(cause instanceof ClosedChannelException)) {
      stats.connectionError.inc();
    }
    String reason = refused == null ? cause.getMessage() : refused.getMessage();
    tell(ctx, timedOut, "TLS error: " + reason);
  }

  private void tell(ChannelHandlerContext ctx, boolean timedOut, String reason) {
    told = true;
    LOG.debug("handshake failed: connection={} reason={}", ctx.channel(), reason);
    ctx.close();
    listener.onFailed(timedOut, reason);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (TlsSessions.isTlsError(cause)) {
      LOG.debug("connection {}: {}", ctx.channel(), cause.getMessage());
      ctx.close();
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }
}
