package io.handfast.proxy.cluster.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server may answer to a request for TLS: either it agrees, by one byte and nothing behind
 * it, or the connection closes. It never goes on in plain, and whoever asked is told once.
 */
final class PostgresTlsRequestFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void shouldAgreeOrCloseWhateverIsAnswered(byte[] bytes) {
    answered(bytes, bytes.length + 1);
    answered(bytes, 1);
  }

  private static void answered(byte[] bytes, int step) {
    List<String> told = new ArrayList<>();
    EmbeddedChannel channel = new EmbeddedChannel();
    PostgresTlsRequest.send(
        channel,
        new ManualDispatcher(),
        Duration.ofSeconds(1),
        new PostgresTlsRequest.Listener() {
          @Override
          public void onAgreed() {
            told.add("agreed");
          }

          @Override
          public void onFailed(boolean timedOut, String reason) {
            told.add(reason);
          }
        });
    ByteBuf asked = channel.readOutbound();
    assertThat(asked.readLong()).isEqualTo(0x0000_0008_04d2_162fL);
    asked.release();
    for (int at = 0; at < bytes.length && channel.isOpen() && told.isEmpty(); at += step) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(step, bytes.length - at)));
    }
    boolean agrees = bytes.length > 0 && bytes[0] == 'S' && (step == 1 || bytes.length == 1);
    if (agrees) {
      assertThat(told).containsExactly("agreed");
      assertThat(channel.isOpen()).isTrue();
      assertThat(channel.pipeline().get(PostgresTlsRequest.class)).isNull();
    } else {
      channel.close();
      assertThat(told).hasSize(1).first().asString().startsWith("TLS error: ");
    }
    assertThat(channel.<Object>readOutbound()).isNull();
    channel.finishAndReleaseAll();
  }
}
