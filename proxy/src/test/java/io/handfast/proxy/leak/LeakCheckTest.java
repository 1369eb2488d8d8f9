package io.handfast.proxy.leak;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

final class LeakCheckTest {

  @Test
  void shouldFindABufferWhenItIsNotReleased() {
    // Given
    allocate("the lost one");

    // When, Then: others' leaks would come out here too, and are no less wrong
    assertThat(LeakCheck.collect("a mark"))
        .singleElement()
        .asString()
        .contains("the lost one", "LeakCheckTest.allocate");
  }

  @Test
  void shouldFindNothingWhenABufferIsReleased() {
    // Given
    ByteBuf used = PooledByteBufAllocator.DEFAULT.directBuffer(1);
    used.touch("the released one");
    used.release();

    // When, Then
    assertThat(LeakCheck.collect("another mark")).isEmpty();
  }

  private static void allocate(String hint) {
    ByteBuf lost = PooledByteBufAllocator.DEFAULT.directBuffer(1);
    lost.touch(hint);
  }
}
