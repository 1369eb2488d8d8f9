package io.handfast.proxy.cluster.connect;

import io.handfast.proxy.runtime.Dispatcher;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;

/**
 * Asks a PostgreSQL server for TLS, which its protocol does in plain: an SSLRequest, answered by
 * one byte. A server without TLS is a failure, never a reason to go on in plain, and so are bytes
 * behind the answer, which anybody on the way may have put there. Confined to the channel's loop.
 *
 * <p>Source: PostgreSQL's documentation, "SSL Session Encryption" of the frontend/backend protocol.
 */
final class PostgresTlsRequest extends ChannelInboundHandlerAdapter {
  private static final int LENGTH = 8;
  private static final int SSL_REQUEST = 80_877_103;

  /** Told once, on the loop, never inside {@link #send}. */
  interface Listener {
    /** The server waits for the handshake; nothing of ours stands on the channel. */
    void onAgreed();

    /** There is no TLS, and the connection closes. */
    void onFailed(boolean timedOut, String reason);
  }

  private final Listener listener;
  private Dispatcher.Timer timer = Dispatcher.Timer.NONE;
  private boolean told;

  private PostgresTlsRequest(Listener listener) {
    this.listener = listener;
  }

  /** Asks on a connection that is open. */
  static void send(Channel channel, Dispatcher loop, Duration limit, Listener listener) {
    PostgresTlsRequest request = new PostgresTlsRequest(listener);
    channel.pipeline().addLast(request);
    request.timer =
        loop.schedule(
            limit, () -> request.fail(channel, true, "no answer to PostgreSQL's SSLRequest"));
    channel.writeAndFlush(channel.alloc().buffer(LENGTH).writeInt(LENGTH).writeInt(SSL_REQUEST));
    channel.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      if (!told && bytes.isReadable()) {
        answered(ctx, bytes.readByte(), bytes.readableBytes());
      }
    } finally {
      bytes.release();
    }
  }

  private void answered(ChannelHandlerContext ctx, byte answer, int more) {
    if (answer == 'S' && more == 0) {
      told = true;
      timer.cancel();
      ctx.pipeline().remove(this);
      listener.onAgreed();
    } else if (answer == 'S') {
      fail(ctx.channel(), false, "bytes in plain behind the server's answer to SSLRequest");
    } else if (answer == 'N') {
      fail(ctx.channel(), false, "the server has no TLS: it answered N to SSLRequest");
    } else if (answer == 'E') {
      fail(ctx.channel(), false, "the server answered SSLRequest with an error");
    } else {
      fail(ctx.channel(), false, "no PostgreSQL server: it does not answer SSLRequest");
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (!told) {
      ctx.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(ctx.channel(), false, "closed instead of an answer to SSLRequest");
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(ctx.channel(), false, "broken before an answer to SSLRequest");
  }

  private void fail(Channel channel, boolean timedOut, String reason) {
    if (!told) {
      told = true;
      timer.cancel();
      channel.close();
      listener.onFailed(timedOut, "TLS error: " + reason);
    }
  }
}
