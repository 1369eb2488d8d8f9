package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.tls.TlsEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What both ends of HTTP/1.1 share: bytes that have arrived and are not decoded yet, reading by
 * hand, writing with one flush per turn of the event loop. Confined to the channel's loop.
 */
abstract class H1Connection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(H1Connection.class);

  /** Decoded and lent to the stream; empty between calls. */
  final Body chunk = new Body();

  private final HeadWriter lines = new HeadWriter();
  private final Runnable flushTask = this::flushNow;
  private @Nullable ChannelHandlerContext context;
  private ByteBuf in = Unpooled.EMPTY_BUFFER;
  private boolean readPending;

  /** A head, and what was put behind it, that the channel has not been given yet. */
  private @Nullable ByteBuf tail;

  private boolean flushQueued;
  private boolean inputClosed;
  private boolean inputEnded;
  private boolean cutOff;

  /** Behind it the output ends: what would be written then is lost. */
  private @Nullable ChannelPromise lastWrite;

  /** Decodes what there is, as far as somebody takes it. */
  abstract void process();

  /** Whether more is to be read from the socket. */
  abstract boolean wantsRead();

  /** The channel has closed; {@link #process} has seen everything that came before. */
  abstract void onInactive();

  abstract void onWritability(boolean writable);

  abstract void countReceived(int bytes);

  abstract void countSent(int bytes);

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

  /** Writes what is text; empty between calls. */
  final HeadWriter lines() {
    return lines;
  }

  final ByteBuf in() {
    return in;
  }

  /**
   * Takes so many bytes of the input, which has as many at least; the caller owns them. If they are
   * its last, that is the buffer itself, which nothing here writes to or reads any more; unless a
   * slice of it is still on its way, for whoever gets it may take it for theirs alone.
   */
  final ByteBuf take(int count) {
    if (count < in.readableBytes() || in.refCnt() > 1) {
      return in.readRetainedSlice(count);
    }
    ByteBuf all = in;
    in = Unpooled.EMPTY_BUFFER;
    return all;
  }

  final boolean inputClosed() {
    return inputClosed;
  }

  final boolean isWritable() {
    return context().channel().isWritable();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    if (ctx.channel().isActive()) {
      updateReading();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    updateReading();
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
    process();
    releaseIfRead();
  }

  /** Lets the receive buffer go as soon as everything in it is decoded. */
  final void releaseIfRead() {
    if (!in.isReadable()) {
      in.release();
      in = Unpooled.EMPTY_BUFFER;
    }
  }

  /** Forgets what has not been decoded. */
  final void discardInput() {
    in.skipBytes(in.readableBytes());
    releaseIfRead();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readPending = false;
    updateReading();
  }

  /** Decodes on after a stop; later if this is called while decoding. */
  final void resumeProcessing() {
    process();
    releaseIfRead();
  }

  final void updateReading() {
    if (!readPending && !inputClosed && wantsRead() && context().channel().isActive()) {
      readPending = true;
      context().read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    onWritability(ctx.channel().isWritable());
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    inputClosed = true;
    process();
    onInactive();
    releaseIfRead();
  }

  /**
   * Lets the peer end its direction without ending ours: only where both directions go on without
   * HTTP; elsewhere the end of the input counts as a disconnect.
   */
  final void allowHalfClose() {
    context().channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  /** Whether the peer has ended its direction in order, and may still read. */
  final boolean inputEnded() {
    return inputEnded;
  }

  /** Sends what is queued, and then the end of our direction. */
  final void endOutput() {
    flushLast(_ -> {
      SslHandler tls = context().pipeline().get(SslHandler.class);
      if (tls == null) {
        shutdownOutput();
      } else { // the peer is told first, or it would have to take it for a cut
        tls.closeOutbound().addListener(_ -> shutdownOutput());
      }
    });
  }

  /** The same where nothing that still comes matters: it is read, and dropped. */
  final void endOutputAndDropInput() {
    flushLast(_ -> {
      SslHandler tls = context().pipeline().get(SslHandler.class);
      if (tls == null) {
        shutdownOutput();
      } else {
        TlsEnd.sayGoodbye(context(), tls, this::shutdownOutput);
      }
    });
  }

  private void flushLast(ChannelFutureListener then) {
    handOver();
    ChannelPromise flushed = context().newPromise();
    lastWrite = lastWrite == null ? flushed : lastWrite;
    context().writeAndFlush(Unpooled.EMPTY_BUFFER, flushed.addListener(then));
  }

  private void shutdownOutput() {
    if (context().channel() instanceof DuplexChannel channel && channel.isActive()) {
      channel.shutdownOutput();
    } else {
      context().close();
    }
  }

  /** Sends what is queued, and closes. */
  final void closeBehindOutput() {
    flushLast(ChannelFutureListener.CLOSE);
  }

  /** Closes in a way that cannot be taken for a regular end: not by TLS's goodbye either. */
  final void abort() {
    context().channel().config().setOption(ChannelOption.SO_LINGER, 0);
    ChannelHandlerContext tls = context().pipeline().context(SslHandler.class);
    (tls == null ? context() : tls).close();
  }

  /** Whether TLS ended without the peer's word: anybody on the way may have cut it off. */
  final boolean cutOff() {
    return cutOff;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      inputClosed = true;
      inputEnded = true;
      process();
      releaseIfRead();
    } else if (event instanceof SslCloseCompletionEvent close && !close.isSuccess()) {
      cutOff = true;
    }
    super.userEventTriggered(ctx, event);
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

  /** Queues bytes, behind a head's if there is room; takes over the reference. */
  final void write(ByteBuf bytes) {
    int count = bytes.readableBytes();
    countSent(count);
    ByteBuf last = tail;
    if (last != null && last.writableBytes() >= count) {
      last.writeBytes(bytes);
      bytes.release();
    } else {
      handOver();
      context().write(bytes, context().voidPromise());
    }
    queueFlush();
  }

  /**
   * Queues what was written.
   *
   * @param room for bytes that are expected behind it before the turn is over
   */
  final void write(HeadWriter text, int room) {
    int count = text.length();
    countSent(count);
    ByteBuf last = tail;
    if (last == null || last.writableBytes() < count) {
      handOver();
      last = alloc().directBuffer(count + room);
      tail = last;
    }
    text.moveTo(last);
    queueFlush();
  }

  private void queueFlush() {
    if (!flushQueued) {
      flushQueued = true;
      context().executor().execute(flushTask);
    }
  }

  /** Nothing goes behind what was written until now. */
  private void handOver() {
    ByteBuf last = tail;
    if (last != null) {
      tail = null;
      context().write(last, context().voidPromise());
    }
  }

  /** Tells when what is queued now is in the socket, or that it will never be. */
  final void whenFlushed(Consumer<Boolean> told) {
    handOver();
    ChannelFuture written = lastWrite == null ? context().write(Unpooled.EMPTY_BUFFER) : lastWrite;
    written.addListener(done -> told.accept(done.isSuccess()));
    queueFlush();
  }

  final void flushNow() {
    flushQueued = false;
    handOver();
    context().flush();
  }
}
