package io.handfast.proxy.postgres.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;

/**
 * Any bytes, from both sides: a session never breaks, and says the same however they are cut. The
 * first byte is how many of the bytes are the server's.
 */
final class PgSessionFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void shouldSayTheSameHoweverItIsCut(byte[] bytes) {
    shouldSayTheSame(bytes, false);
    shouldSayTheSame(bytes, true);
  }

  private static void shouldSayTheSame(byte[] bytes, boolean refused) {
    String whole = said(bytes, bytes.length + 1, refused);
    assertThat(said(bytes, 1, refused)).isEqualTo(whole);
    assertThat(said(bytes, 7, refused)).isEqualTo(whole);
  }

  /**
   * @param refused whether it begins in a block that was refused
   */
  private static String said(byte[] bytes, int step, boolean refused) {
    try (Talk talk = new Talk()) {
      if (refused) {
        talk.query("BEGIN").query("UPDATE a" + Talk.HF);
        talk.query("UPDATE b" + Talk.named(Talk.OTHER));
      }
      talk.serving = false;
      int servers = bytes.length == 0 ? 0 : Math.min(bytes[0] & 0xff, bytes.length - 1);
      int half = bytes.length - servers;
      for (int at = 1; at < half; at += step) {
        talk.session.fromClient(Unpooled.copiedBuffer(bytes, at, Math.min(step, half - at)));
      }
      for (int at = half; at < bytes.length; at += step) {
        talk.session.fromServer(
            Unpooled.copiedBuffer(bytes, at, Math.min(step, bytes.length - at)));
      }
      return talk.reached.toString(java.nio.charset.StandardCharsets.ISO_8859_1)
          + talk.received.toString(java.nio.charset.StandardCharsets.ISO_8859_1)
          + talk.blocks
          + talk.calls;
    }
  }
}
