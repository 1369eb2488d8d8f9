package io.handfast.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The first bytes of a connection, from anybody: a ClientHello says the same however it is cut, and
 * no more is read of it than may be.
 */
final class ClientHelloFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void shouldReadTheSameHoweverItIsCut(byte[] bytes) {
    String whole = hello(bytes, bytes.length);
    assertThat(hello(bytes, 1)).isEqualTo(whole);
    assertThat(hello(bytes, 7)).isEqualTo(whole);
  }

  private static String hello(byte[] bytes, int step) {
    ClientHello hello = new ClientHello();
    ByteBuf begin = Unpooled.buffer();
    ClientHello.State state = ClientHello.State.PARTIAL;
    for (int from = 0; from < bytes.length && state == ClientHello.State.PARTIAL; from += step) {
      begin.writeBytes(bytes, from, Math.min(step, bytes.length - from));
      state = hello.read(begin);
      assertThat(begin.readerIndex()).isZero();
      assertThat(hello.bytes())
          .isBetween(0, Math.min(begin.readableBytes(), ClientHello.MAX_BYTES));
    }
    if (state != ClientHello.State.COMPLETE) {
      return state.name();
    }
    assertThat(hello.serverName()).hasSizeLessThan(256).doesNotContainPattern("[\\x00-\\x20]");
    assertThat(hello.applicationProtocols()).allMatch(it -> !it.isEmpty() && it.length() < 256);
    return state + " " + hello.serverName() + " " + hello.applicationProtocols();
  }
}
