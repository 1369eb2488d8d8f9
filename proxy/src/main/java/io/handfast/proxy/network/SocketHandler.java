package io.handfast.proxy.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the last handler of a connection does with its socket, whatever it speaks: writing with one
 * flush per turn of the event loop, ending its direction, breaking off. Confined to the channel's
 * loop.
 */
public abstract class SocketHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(SocketHandler.class);

  private final Runnable flushTask = this::flushNow;
  private @Nullable ChannelHandlerContext context;
  private boolean flushQueued;
  private boolean cutOff;

  /** Told of every byte that is handed to the socket. */
  protected abstract void countSent(int bytes);

  /** Our direction has ended behind everything that was queued; {@link #endOutput} asked for it. */
  protected void onOutputEnded() {}

  /** The connection broke, and is being closed. */
  protected void onBroken() {}

  protected final ChannelHandlerContext context() {
    ChannelHandlerContext known = context;
    if (known == null) {
      throw new IllegalStateException("channel: none (expected: handler added)");
    }
    return known;
  }

  protected final ByteBufAllocator alloc() {
    return context().alloc();
  }

  protected final boolean isWritable() {
    return context().channel().isWritable();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  /**
   * Lets the peer end its direction without ending ours; elsewhere the end of the input counts as a
   * disconnect.
   */
  protected final void allowHalfClose() {
    context().channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  /** Queues bytes, to be sent at the end of this turn of the loop; takes over the reference. */
  protected final void write(ByteBuf bytes) {
    append(bytes);
    if (!flushQueued) {
      flushQueued = true;
      context().executor().execute(flushTask);
    }
  }

  /** Queues bytes for a flush of the caller's; takes over the reference. */
  protected final void append(ByteBuf bytes) {
    countSent(bytes.readableBytes());
    context().write(bytes, context().voidPromise());
  }

  protected final void flushNow() {
    flushQueued = false;
    context().flush();
  }

  /** Sends what is queued, and then the end of our direction. */
  protected final void endOutput() {
    context()
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(_ -> {
          SslHandler tls = context().pipeline().get(SslHandler.class);
          if (tls == null) {
            shutdownOutput();
          } else { // the peer is told first, or it would have to take it for a cut
            tls.closeOutbound().addListener(_ -> shutdownOutput());
          }
        });
  }

  private void shutdownOutput() {
    if (context().channel() instanceof DuplexChannel channel && channel.isActive()) {
      channel.shutdownOutput().addListener(_ -> onOutputEnded());
    } else {
      context().close();
    }
  }

  /** Sends what is queued, and closes. */
  protected final void closeBehindOutput() {
    context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** Closes in a way that cannot be taken for a regular end: not by TLS's goodbye either. */
  protected final void abort() {
    context().channel().config().setOption(ChannelOption.SO_LINGER, 0);
    ChannelHandlerContext tls = context().pipeline().context(SslHandler.class);
    (tls == null ? context() : tls).close();
  }

  /** Whether TLS ended without the peer's word: anybody on the way may have cut it off. */
  protected final boolean cutOff() {
    return cutOff;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof SslCloseCompletionEvent close && !close.isSuccess()) {
      cutOff = true;
    }
    super.userEventTriggered(ctx, event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("connection {}: {}", ctx.channel(), cause.getMessage());
    } else {
      LOG.error("connection {}: closed after a bug", ctx.channel(), cause);
    }
    onBroken();
    ctx.close();
  }
}
