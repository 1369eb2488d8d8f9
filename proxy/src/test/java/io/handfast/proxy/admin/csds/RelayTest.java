package io.handfast.proxy.admin.csds;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RelayTest {

  /** A channel that has room or has none, as it is told, whenever somebody looks. */
  private static final class Moody extends EmbeddedChannel {
    private final Deque<Boolean> answers = new ArrayDeque<>();

    @Override
    public boolean isWritable() {
      Boolean next = answers == null ? null : answers.poll();
      return next == null || next;
    }
  }

  @Test
  void shouldReadOnWhenTheOtherHasRoomAgainBeforeReadingStops() {
    // Given
    Moody other = new Moody();
    EmbeddedChannel one = new EmbeddedChannel(new Relay(other));

    // When: room is made by the other's thread between the look and what is done about it
    other.answers.addAll(List.of(false, true));
    one.writeInbound(Unpooled.wrappedBuffer(new byte[] {1}));

    // Then
    assertThat(one.config().isAutoRead()).isTrue();
    one.finishAndReleaseAll();
    other.finishAndReleaseAll();
  }

  @Test
  void shouldNotReadWhileTheOtherHasNoRoom() {
    // Given
    Moody other = new Moody();
    EmbeddedChannel one = new EmbeddedChannel(new Relay(other));
    other.pipeline().addLast(new Relay(one));

    // When
    other.answers.addAll(List.of(false, false));
    one.writeInbound(Unpooled.wrappedBuffer(new byte[] {1}));
    assertThat(one.config().isAutoRead()).isFalse();
    other.pipeline().fireChannelWritabilityChanged();

    // Then
    assertThat(one.config().isAutoRead()).isTrue();
    one.finishAndReleaseAll();
    other.finishAndReleaseAll();
  }
}
