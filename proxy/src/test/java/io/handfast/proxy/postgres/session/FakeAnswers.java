package io.handfast.proxy.postgres.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a {@link FakePostgres} says, in messages. */
final class FakeAnswers {
  private ByteBuf out = Unpooled.buffer();

  /** All since it was asked last. */
  ByteBuf take() {
    ByteBuf taken = out;
    out = Unpooled.buffer();
    return taken;
  }

  /** One without a body. */
  void message(char type) {
    message(type, body -> {});
  }

  void message(char type, Consumer<ByteBuf> write) {
    out.writeByte(type);
    int at = out.writerIndex();
    out.writeInt(0);
    write.accept(out);
    out.setInt(at, out.writerIndex() - at);
  }

  void parameter(String name, String value) {
    message('S', body -> cstring(cstring(body, name), value));
  }

  /** Descriptions of so many columns. */
  void columns(int count) {
    message(
        'T',
        body -> {
          body.writeShort(count);
          for (int i = 0; i < count; i++) {
            cstring(body, "column" + i).writeZero(18);
          }
        });
  }

  void row(List<? extends @Nullable String> values, Charset encoding) {
    message(
        'D',
        body -> {
          body.writeShort(values.size());
          for (String value : values) {
            if (value == null) {
              body.writeInt(-1);
            } else {
              byte[] bytes = value.getBytes(encoding);
              body.writeInt(bytes.length);
              body.writeBytes(bytes);
            }
          }
        });
  }

  void complete(String tag) {
    message('C', body -> cstring(body, tag));
  }

  void error(String severity, String state, String text) {
    message(
        'E',
        body -> {
          cstring(body.writeByte('S'), severity);
          cstring(body.writeByte('V'), severity);
          cstring(body.writeByte('C'), state);
          cstring(body.writeByte('M'), text);
          body.writeByte(0);
        });
  }

  void ready(char status) {
    message('Z', body -> body.writeByte(status));
  }

  private static ByteBuf cstring(ByteBuf to, String text) {
    to.writeCharSequence(text, StandardCharsets.UTF_8);
    return to.writeByte(0);
  }
}
