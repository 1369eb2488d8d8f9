package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.tls.TlsEnd;
import io.handfast.proxy.runtime.Dispatcher;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket under a connection: bytes in until they are decoded, bytes out with one flush per turn
 * of the event loop, and an end that lets the peer read what was sent last. It is always read:
 * windows, not the socket, hold a peer back. Confined to the channel's loop.
 */
abstract class H2Channel extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(H2Channel.class);

  private final Dispatcher dispatcher;
  private final Duration delayedClose;
  private final Runnable flushTask = this::flushNow;
  private final SendBuffer out = new SendBuffer(this);
  private @Nullable ChannelHandlerContext context;
  private ByteBuf in = Unpooled.EMPTY_BUFFER;
  private Dispatcher.Timer closeTimer = Dispatcher.Timer.NONE;
  private boolean started;
  private boolean flushQueued;
  private boolean closing;
  private boolean inactive;

  /** Behind it the channel closes: what would be written then is lost. */
  private @Nullable ChannelPromise lastWrite;

  /**
   * @param delayedClose how long a peer that is still sending is listened to after the last frame,
   *     so that it can read it; zero: the connection closes as soon as that is sent
   */
  H2Channel(Dispatcher dispatcher, Duration delayedClose) {
    this.dispatcher = dispatcher;
    this.delayedClose = delayedClose;
  }

  /** The channel is open: what is to be said first. */
  abstract void onOpen();

  /** Decodes what there is. */
  abstract void process(ByteBuf bytes);

  /** The socket has room again. */
  abstract void onRoom();

  /** The channel has closed. */
  abstract void onInactive();

  abstract void countReceived(int bytes);

  abstract void countSent(int bytes);

  final Dispatcher dispatcher() {
    return dispatcher;
  }

  final ChannelHandlerContext context() {
    ChannelHandlerContext known = context;
    if (known == null) {
      throw new IllegalStateException("channel: none (expected: handler added)");
    }
    return known;
  }

  final ByteBufAllocator alloc() {
    return context().alloc();
  }

  final boolean hasRoom() {
    return context().channel().isWritable();
  }

  /** Whether nothing is read and sent any more. */
  final boolean isClosing() {
    return closing;
  }

  final boolean isInactive() {
    return inactive;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    if (ctx.channel().isActive()) {
      start();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    start();
  }

  private void start() {
    if (!started) {
      started = true;
      onOpen();
      context().read();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    countReceived(bytes.readableBytes());
    if (in.isReadable()) {
      if (in.refCnt() == 1 && in.writableBytes() < bytes.readableBytes()) {
        in.discardReadBytes(); // or it would grow for as long as reads end within a message
      }
      in = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), in, bytes);
    } else {
      in.release();
      in = bytes;
    }
    if (!closing) {
      process(in);
    }
    if (closing) {
      in.skipBytes(in.readableBytes());
    }
    releaseIfRead();
  }

  private void releaseIfRead() {
    if (!in.isReadable()) {
      in.release();
      in = Unpooled.EMPTY_BUFFER;
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      ctx.read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable() && !closing) {
      onRoom();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    inactive = true;
    closing = true;
    closeTimer.cancel();
    out.close();
    in.skipBytes(in.readableBytes());
    releaseIfRead();
    onInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // The second is the native transports' word for a socket that its peer has reset (ENOTCONN).
    if (cause instanceof IOException || cause instanceof NotYetConnectedException) {
      LOG.debug("connection {}: {}", ctx.channel(), cause.getMessage());
    } else {
      LOG.error("connection {}: closed after a bug", ctx.channel(), cause);
    }
    ctx.close();
  }

  /** Room for a frame, or the head of one, of at most so many bytes: to be written at once. */
  final ByteBuf room(int bytes) {
    if (closing) {
      return Unpooled.buffer(bytes); // which nobody sends
    }
    ByteBuf room = out.room(bytes);
    queueFlush();
    return room;
  }

  /** Closes at once: what both sides know of each other is not the same any more. */
  final void breakOff() {
    context().close();
  }

  /** Queues bytes; takes over the reference. */
  final void write(ByteBuf bytes) {
    if (closing) {
      bytes.release();
      return;
    }
    out.add(bytes);
    queueFlush();
  }

  private void queueFlush() {
    if (!flushQueued) {
      flushQueued = true;
      context().executor().execute(flushTask);
    }
  }

  /** Tells when what is queued now is in the socket, or that it will never be. */
  final void whenFlushed(Consumer<Boolean> told) {
    out.handOver();
    ChannelFuture written = lastWrite == null ? context().write(Unpooled.EMPTY_BUFFER) : lastWrite;
    written.addListener(done -> told.accept(done.isSuccess()));
  }

  private void flushNow() {
    flushQueued = false;
    if (!inactive) {
      out.handOver();
      context().flush();
      out.flushed();
    }
  }

  /** Closes the channel once what is queued has been sent. */
  final void flushAndClose() {
    out.handOver();
    context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /**
   * Sends what is queued, then the end; the peer's rest is read and dropped for a while, for a
   * close with unread input would destroy what was sent last.
   */
  final void closeAfterFlush() {
    if (closing) {
      return;
    }
    out.handOver();
    closing = true;
    boolean listens = delayedClose.isPositive();
    if (listens) {
      closeTimer = dispatcher.schedule(delayedClose, () -> context().close());
    }
    lastWrite = context().newPromise();
    lastWrite.addListener(done -> {
      SslHandler tls = context().pipeline().get(SslHandler.class);
      if (!listens) {
        context().close(); // which says TLS's goodbye
      } else if (tls == null) {
        endOutput();
      } else {
        TlsEnd.sayGoodbye(context(), tls, this::endOutput);
      }
    });
    context().writeAndFlush(Unpooled.EMPTY_BUFFER, lastWrite);
  }

  private void endOutput() {
    if (context().channel() instanceof DuplexChannel channel && channel.isActive()) {
      channel.shutdownOutput();
    } else {
      context().close();
    }
  }
}
