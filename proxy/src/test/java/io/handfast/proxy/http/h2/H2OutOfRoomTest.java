package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

/** What a connection does when there is no memory for what it has to say. */
final class H2OutOfRoomTest implements ClientConnection.Listener {
  /** Has nothing any more. */
  private static final class Exhausted extends PooledByteBufAllocator {
    Exhausted() {
      super(true);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      throw new OutOfMemoryError("as asked for");
    }
  }

  /** Its encoder's table has fields that the peer has not: the next ones would be others there. */
  @Test
  void shouldCloseWhenThereIsNoRoomForFieldsThatItHasEncoded() {
    H2ClientConnection connection =
        new H2ClientConnection(
            this, new ManualDispatcher(), Http2Options.DEFAULTS, new Stats().cluster("c"), 1 << 20);
    EmbeddedChannel channel = new EmbeddedChannel(connection);
    new FrameLog(channel).settings();
    HttpStream.Client stream = connection.newStream(new Events());
    RequestHead head = RequestHead.of("GET", "h.example", "/");
    head.headers().add("x-large", "x".repeat(32 << 10));
    channel.config().setAllocator(new Exhausted());

    assertThatThrownBy(() -> stream.sendHead(head, true)).isInstanceOf(OutOfMemoryError.class);

    assertThat(channel.isOpen()).isFalse();
    channel.finishAndReleaseAll();
  }

  @Override
  public void onAvailable(ClientConnection available) {
    // The test knows.
  }

  @Override
  public void onClosed(ClientConnection closed) {
    // The test looks itself.
  }
}
