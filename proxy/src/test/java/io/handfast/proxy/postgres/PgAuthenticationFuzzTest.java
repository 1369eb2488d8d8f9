package io.handfast.proxy.postgres;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * What a server may say until it lets a client in: the client gets the same however it is cut, and
 * all of it but the name of one mechanism.
 */
final class PgAuthenticationFuzzTest {
  private static final String BOUND = "SCRAM-SHA-256-PLUS\0";

  /** Longer messages pass before all of them is there. */
  private static final int LONGEST_HELD = 10_001;

  @FuzzTest(maxDuration = "10m")
  void shouldPassAllButOneMechanismHoweverItIsCut(byte[] bytes) {
    String whole = passed(bytes, bytes.length + 1);
    assertThat(passed(bytes, 1)).isEqualTo(whole);
    assertThat(passed(bytes, 7)).isEqualTo(whole);
    String sent = new String(bytes, ISO_8859_1);
    if (!sent.contains(BOUND)) {
      assertThat(sent).startsWith(whole);
      assertThat(sent.length() - whole.length()).isLessThan(LONGEST_HELD);
    } else if (!whole.contains(BOUND)) {
      assertThat(whole.length()).isLessThanOrEqualTo(sent.length());
    }
  }

  private static String passed(byte[] bytes, int step) {
    Authentication authentication = new Authentication();
    ByteBuf passed = Unpooled.buffer();
    for (int at = 0; at < bytes.length; at += step) {
      ByteBuf piece = Unpooled.copiedBuffer(bytes, at, Math.min(step, bytes.length - at));
      ByteBuf out = authentication.fromServer(piece, UnpooledByteBufAllocator.DEFAULT);
      if (out != null) {
        passed.writeBytes(out);
        out.release();
      }
    }
    authentication.close();
    return passed.toString(ISO_8859_1);
  }
}
