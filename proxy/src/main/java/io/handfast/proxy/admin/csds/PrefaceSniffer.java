package io.handfast.proxy.admin.csds;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * Looks at the first bytes of a connection: what begins with the preface of HTTP/2 (RFC 9113
 * section 3.4) goes through the door of gRPC, anything else is HTTP/1.1. Confined to the
 * connection's loop.
 */
public final class PrefaceSniffer extends ByteToMessageDecoder {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Consumer<ChannelPipeline> http1;
  private final GrpcDoor grpc;
  private boolean decided;

  /**
   * @param http1 adds what serves HTTP/1.1 behind this one
   * @param grpc takes the others
   */
  public PrefaceSniffer(Consumer<ChannelPipeline> http1, GrpcDoor grpc) {
    this.http1 = http1;
    this.grpc = grpc;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (decided) {
      return; // what has come waits here until the door is open
    }
    int length = Math.min(in.readableBytes(), PREFACE.length);
    for (int i = 0; i < length; i++) {
      if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
        decided = true;
        http1.accept(context.pipeline());
        context.pipeline().remove(this);
        return;
      }
    }
    if (length == PREFACE.length) {
      decided = true;
      context.channel().config().setAutoRead(false);
      grpc.open(
          context.channel(),
          () -> {
            context.pipeline().remove(this);
            context.channel().config().setAutoRead(true);
          });
    }
  }
}
