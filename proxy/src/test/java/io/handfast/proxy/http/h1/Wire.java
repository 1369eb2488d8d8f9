package io.handfast.proxy.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;

/** Text in and out of an embedded channel, one character a byte. */
final class Wire {
  private final EmbeddedChannel channel;

  Wire(EmbeddedChannel channel) {
    this.channel = channel;
  }

  void receive(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  void receiveByteByByte(String text) {
    for (int i = 0; i < text.length() && channel.isOpen(); i++) {
      receive(text.substring(i, i + 1));
    }
  }

  /** What was written since the last call. */
  String sent() {
    channel.runPendingTasks();
    StringBuilder text = new StringBuilder();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      text.append(out.toString(StandardCharsets.ISO_8859_1));
      out.release();
    }
    return text.toString();
  }
}
