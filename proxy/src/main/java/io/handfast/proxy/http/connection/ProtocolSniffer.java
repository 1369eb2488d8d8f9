package io.handfast.proxy.http.connection;

import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.http.ServerConnection;
import io.handfast.proxy.http.h2.H2ServerConnection;
import io.handfast.proxy.network.TerminalFilter;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.HttpStats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out by the first bytes of a connection which HTTP is spoken on it, puts that codec in its
 * own place, and from then on passes on what the listener wants. No valid HTTP/1 request begins as
 * HTTP/2 does. Confined to the channel's loop.
 */
final class ProtocolSniffer extends ChannelInboundHandlerAdapter implements ServerConnection {
  private static final Logger LOG = LoggerFactory.getLogger(ProtocolSniffer.class);

  private final HttpTimeouts timeouts;
  private final HttpStats stats;
  private final Dispatcher dispatcher;
  private final Function<Boolean, TerminalFilter> codecs;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ServerConnection chosen;
  private @Nullable ByteBuf begin;
  private Dispatcher.Timer timer = Dispatcher.Timer.NONE;
  private boolean draining;

  /**
   * @param codecs makes the codec; true for HTTP/2
   */
  ProtocolSniffer(
      HttpTimeouts timeouts,
      HttpStats stats,
      Dispatcher dispatcher,
      Function<Boolean, TerminalFilter> codecs) {
    this.timeouts = timeouts;
    this.stats = stats;
    this.dispatcher = dispatcher;
    this.codecs = codecs;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    wait(timeouts.connectionIdle(), this::onIdle);
    if (ctx.channel().isActive()) {
      ctx.read();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    ByteBuf before = begin;
    ByteBuf all = before == null ? bytes : Unpooled.wrappedBuffer(before, bytes);
    begin = all;
    int likeness = H2ServerConnection.looksLikePreface(all);
    if (likeness != 0) {
      begin = null;
      choose(ctx, codecs.apply(likeness > 0), all);
    } else if (before == null && timeouts.requestHeaders().isPositive()) {
      wait(timeouts.requestHeaders(), this::onSlowBegin);
    }
  }

  private void choose(ChannelHandlerContext ctx, TerminalFilter codec, ByteBuf bytes) {
    timer.cancel();
    chosen = codec.connection();
    ctx.pipeline().addAfter(ctx.name(), null, codec.handler());
    if (draining) {
      codec.connection().drain();
    }
    ctx.fireChannelRead(bytes);
    ctx.pipeline().remove(this);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.read();
  }

  private void wait(Duration limit, Runnable task) {
    timer.cancel();
    if (limit.isPositive()) {
      timer = dispatcher.schedule(limit, task);
    }
  }

  private void onIdle() {
    stats.cxIdleTimeout.inc();
    close();
  }

  private void onSlowBegin() {
    stats.rqHeaderTimeout.inc();
    close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    timer.cancel();
    ByteBuf partial = begin;
    begin = null;
    if (partial != null) {
      partial.release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("connection {}: {}", ctx.channel(), cause.getMessage());
    } else {
      LOG.error("connection {}: closed after a bug", ctx.channel(), cause);
    }
    ctx.close();
  }

  @Override
  public void drain() {
    if (draining) {
      return;
    }
    draining = true;
    if (chosen != null) {
      chosen.drain();
    } else if (begin == null) {
      wait(DRAIN_GRACE, this::onDrained);
    }
  }

  private void onDrained() {
    if (begin == null) {
      stats.cxDrainClose.inc();
      close();
    }
  }

  @Override
  public void close() {
    if (chosen != null) {
      chosen.close();
    } else if (context != null) {
      context.close();
    }
  }
}
