package io.handfast.proxy.admin.csds;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * What one channel reads, the other writes; the one is read while the other has room. Confined to
 * its channel's loop; the other may have another one.
 */
final class Relay extends ChannelInboundHandlerAdapter {
  private final Channel other;

  Relay(Channel other) {
    this.other = other;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object data) {
    if (!other.isActive()) {
      ReferenceCountUtil.release(data);
      context.close();
      return;
    }
    other.writeAndFlush(data);
    if (!other.isWritable()) {
      context.channel().config().setAutoRead(false);
      if (other.isWritable()) { // and may have said so before this one stopped
        context.channel().config().setAutoRead(true);
      }
    }
  }

  /** This one has room again, or none. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    other.config().setAutoRead(context.channel().isWritable());
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (other.isActive()) {
      other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
