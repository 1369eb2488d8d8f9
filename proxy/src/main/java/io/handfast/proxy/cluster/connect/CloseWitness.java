package io.handfast.proxy.cluster.connect;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;

/**
 * Sees which side ended a connection: ours asks the pipeline to close while the socket is whole,
 * and the peer's end comes from below. Confined to the connection's loop.
 */
final class CloseWitness extends ChannelDuplexHandler {
  private boolean broken;
  private boolean closedHere;

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    broken |= cause instanceof IOException || cause instanceof NotYetConnectedException;
    ctx.fireExceptionCaught(cause);
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    closedHere |= !broken && ctx.channel().isActive();
    ctx.close(promise);
  }

  /** Whether the proxy closed it. */
  boolean closedHere() {
    return closedHere;
  }
}
