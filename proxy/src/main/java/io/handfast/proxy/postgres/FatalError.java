package io.handfast.proxy.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** PostgreSQL's ErrorResponse with which a connection ends. Pure. */
final class FatalError {
  private FatalError() {}

  /**
   * The message.
   *
   * @param sqlState five characters
   * @param message a sentence for people
   */
  static ByteBuf message(ByteBufAllocator alloc, String sqlState, String message) {
    ByteBuf out = alloc.buffer(64 + message.length());
    out.writeByte('E').writeInt(0);
    field(out, 'S', "FATAL");
    field(out, 'V', "FATAL");
    field(out, 'C', sqlState);
    field(out, 'M', message);
    out.writeByte(0);
    return out.setInt(1, out.readableBytes() - 1);
  }

  private static void field(ByteBuf out, char type, String value) {
    out.writeByte(type).writeCharSequence(value, UTF_8);
    out.writeByte(0);
  }
}
