package io.handfast.proxy.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

/** What is kept of a server's words to a client that it does not let in. */
final class AuthenticationTest {
  private final Authentication authentication = new Authentication();

  @Test
  void shouldKeepStateAndMessageWhenTheServerDoesNotLetTheClientIn() {
    send("SFATAL\0C28P01\0Mpassword authentication failed for user \"bank\"\0\0");

    assertThat(authentication.takeFailure())
        .isEqualTo(
            new Authentication.Failure(
                "28P01", "password authentication failed for user \"bank\""));
    assertThat(authentication.takeFailure()).isNull();
  }

  @Test
  void shouldKeepNoMoreThanPeopleReadWhenTheServerSaysThatMuch() {
    send("SFATAL\0C28000 and more\0M" + "no".repeat(4_000) + "\0\0");

    assertThat(authentication.takeFailure())
        .isEqualTo(new Authentication.Failure("28000", "no".repeat(250)));
  }

  private void send(String fields) {
    ByteBuf error = Unpooled.buffer();
    error.writeByte('E').writeInt(4 + fields.length());
    error.writeCharSequence(fields, UTF_8);
    ByteBuf passed = authentication.fromServer(error, UnpooledByteBufAllocator.DEFAULT);
    if (passed != null) {
      passed.release();
    }
  }
}
