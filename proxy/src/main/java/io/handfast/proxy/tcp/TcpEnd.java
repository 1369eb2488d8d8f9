package io.handfast.proxy.tcp;

import io.handfast.proxy.network.SocketHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;

/**
 * One of the two sockets of a proxied connection. Each direction of it ends for itself; the socket
 * closes when both have. Confined to the channel's loop.
 */
final class TcpEnd extends SocketHandler {

  /** What is told of both ends, on their loop. */
  interface Owner {
    /** Bytes have come; takes over the reference. */
    void onBytes(TcpEnd from, ByteBuf bytes);

    /** What there was to read for now has come. */
    void onBatch(TcpEnd from);

    /** The peer has ended its direction. */
    void onInputEnded(TcpEnd from);

    /** The socket has room again. */
    void onRoom(TcpEnd end);

    /** The socket is closed. */
    void onClosed(TcpEnd end);

    /** Bytes were handed to the socket. */
    void onSent(TcpEnd end, int count);
  }

  private final Owner owner;
  private final Runnable added;
  private boolean readPending;
  private boolean inputEnded;
  private boolean outputEnding;
  private boolean outputEnded;
  private boolean hasLeft;
  private boolean broken;
  private boolean closed;

  /**
   * @param added run when the handler stands in its pipeline
   */
  TcpEnd(Owner owner, Runnable added) {
    this.owner = owner;
    this.added = added;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    super.handlerAdded(ctx);
    allowHalfClose();
    added.run();
  }

  /** Asks for the next bytes; once until they have come. */
  void read() {
    if (!readPending && !inputEnded && !closed) {
      readPending = true;
      context().read();
    }
  }

  /** Queues bytes until {@link #flush}; takes over the reference. */
  void send(ByteBuf bytes) {
    if (closed || outputEnding) {
      bytes.release();
    } else {
      append(bytes);
    }
  }

  void flush() {
    if (!closed) {
      flushNow();
    }
  }

  boolean hasRoom() {
    return !closed && isWritable();
  }

  /** The end of the peer's direction of the other socket: ours ends behind what is queued. */
  void finish() {
    if (!closed && !outputEnding) {
      outputEnding = true;
      endOutput();
    }
  }

  /** Runs the task when what is queued has gone out; never, if it cannot. */
  void whenFlushed(Runnable task) {
    context()
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(flushed -> {
          if (flushed.isSuccess()) {
            task.run();
          }
        });
  }

  /** How many bytes are queued. */
  long queued() {
    ChannelOutboundBuffer queue = context().channel().unsafe().outboundBuffer();
    return queue == null ? 0 : queue.totalPendingWriteBytes();
  }

  /** Whether both of its directions are open. */
  boolean isOpen() {
    return !closed && !inputEnded && !outputEnding;
  }

  Channel channel() {
    return context().channel();
  }

  /** Of a native socket. */
  FileDescriptor descriptor() {
    return ((UnixChannel) context().channel()).fd();
  }

  /** The channel's events go elsewhere; done when they do. */
  ChannelFuture leave() {
    if (!hasLeft) {
      hasLeft = true;
      // Netty tells the pipelines of registered channels only.
      context().channel().closeFuture().addListener(_ -> channelInactive(context()));
    }
    return context().channel().deregister();
  }

  /** The channel has its events again. */
  void comeBack() {
    Channel channel = context().channel();
    if (channel.isOpen()) {
      readPending = false;
      channel.eventLoop().register(channel).addListener(_ -> flush());
    }
  }

  /** The peer has ended its direction, and everything before that has been taken. */
  void endInput() {
    if (!inputEnded) {
      inputEnded = true;
      owner.onInputEnded(this);
      closeIfOver();
    }
  }

  /** The socket is broken. */
  void breakOff() {
    if (!closed) {
      broken = true;
      context().close();
    }
  }

  /** Whether nothing comes any more in either direction, if what is queued goes out. */
  boolean isFinishing() {
    return inputEnded && outputEnding;
  }

  boolean inputEnded() {
    return inputEnded;
  }

  boolean isClosed() {
    return closed;
  }

  /** Whether it ended in a way that its peer did not announce. */
  boolean isBroken() {
    return broken || cutOff();
  }

  /** Sends what is queued, and closes. */
  void close() {
    if (!closed) {
      closeBehindOutput();
    }
  }

  /** Closes without sending what is queued. */
  void closeNow() {
    if (!closed) {
      context().close();
    }
  }

  /** Resets. */
  void reset() {
    if (!closed) {
      abort();
    }
  }

  @Override
  protected void countSent(int bytes) {
    owner.onSent(this, bytes);
  }

  @Override
  protected void onOutputEnded() {
    outputEnded = true;
    closeIfOver();
  }

  @Override
  protected void onBroken() {
    broken = true;
  }

  private void closeIfOver() {
    if (inputEnded && outputEnded) {
      context().close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    owner.onBytes(this, (ByteBuf) message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readPending = false;
    owner.onBatch(this);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      owner.onRoom(this);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    super.userEventTriggered(ctx, event);
    if (event instanceof ChannelInputShutdownEvent) {
      endInput();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!closed) {
      closed = true;
      owner.onClosed(this);
    }
  }
}
