package io.handfast.proxy.http.tls;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;

/**
 * The end of a TLS connection to a peer that may be sending still. Stateless; on the channel's
 * loop.
 */
public final class TlsEnd {
  private TlsEnd() {}

  /**
   * Says goodbye, without which the peer would have to take the end for a cut. From then on what
   * comes is dropped below TLS, which would close at the sight of it, and a close with unread input
   * destroys what was sent last.
   *
   * @param ended run when the goodbye is in the socket or never will be
   */
  public static void sayGoodbye(ChannelHandlerContext ctx, SslHandler tls, Runnable ended) {
    // Not while TLS decodes: it would go on to the next record with its engine closed.
    ctx.executor()
        .execute(() -> {
          if (ctx.channel().isActive()) {
            ctx.pipeline().addFirst(new Dropper());
            tls.closeOutbound().addListener(_ -> ended.run());
          }
        });
  }

  /** Reads on, and drops what comes. */
  private static final class Dropper extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.read();
    }
  }
}
