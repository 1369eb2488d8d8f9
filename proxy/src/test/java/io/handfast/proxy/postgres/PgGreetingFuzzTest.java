package io.handfast.proxy.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client may say before its session, from anybody: a greeting comes to the same however it
 * is cut, and no byte of it is lost. Of the first byte one bit says whether TLS is offered, the
 * others how many bytes come before TLS; what follows comes by it, where there is one.
 */
final class PgGreetingFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void shouldComeToTheSameHoweverItIsCut(byte[] bytes) {
    String whole = said(bytes, bytes.length + 1);
    assertThat(said(bytes, 1)).isEqualTo(whole);
    assertThat(said(bytes, 7)).isEqualTo(whole);
  }

  private static String said(byte[] bytes, int step) {
    int head = bytes.length == 0 ? 0 : bytes[0] & 0xff;
    int plain = bytes.length == 0 ? 0 : 1 + Math.min(head >> 1, bytes.length - 1);
    Told told = new Told();
    Greeting greeting = new Greeting(told, (head & 1) != 0);
    feed(greeting, told, bytes, 1, plain, step);
    if (told.securing && told.events.getLast().equals("TLS")) {
      told.securing = false;
      greeting.secured();
    }
    feed(greeting, told, bytes, plain, bytes.length, step);
    greeting.close();
    return told.events + " " + ByteBufUtil.hexDump(told.passed);
  }

  private static void feed(Greeting greeting, Told told, byte[] bytes, int from, int to, int step) {
    for (int at = from; at < to; at += step) {
      ByteBuf piece = Unpooled.copiedBuffer(bytes, at, Math.min(step, to - at));
      if (told.passes) {
        told.pass(piece);
      } else if (told.refused) {
        piece.release();
      } else if (told.securing) {
        // Bytes in plain behind the request for TLS, which are refused where they came with it.
        told.events.set(told.events.size() - 1, Told.UNENCRYPTED);
        piece.release();
      } else {
        greeting.feed(piece, UnpooledByteBufAllocator.DEFAULT);
      }
    }
  }

  /** What the filter would do. */
  private static final class Told implements Greeting.Owner {
    static final String UNENCRYPTED = "bytes in plain where TLS is to be";

    final List<String> events = new ArrayList<>();
    final ByteBuf passed = Unpooled.buffer();
    boolean passes;
    boolean refused;
    boolean securing;

    @Override
    public void answer(char one) {
      events.add(String.valueOf(one));
    }

    /** A ClientHello at once is all TLS's, in as many pieces as it likes. */
    @Override
    public void secure(ByteBuf hello) {
      securing = true;
      events.add(hello.isReadable() ? UNENCRYPTED : "TLS");
      hello.release();
    }

    @Override
    public void cancel(ByteBuf packet) {
      events.add("cancel");
      passes = true;
      pass(packet);
    }

    @Override
    public void begin(StartupPacket.Startup startup, ByteBuf packet, ByteBuf rest) {
      assertThat(packet.readableBytes()).isBetween(9, StartupPacket.MAX_LENGTH);
      assertThat(packet.getInt(packet.readerIndex())).isEqualTo(packet.readableBytes());
      events.add("begin " + startup + " " + startup.replicates() + " " + packet.readableBytes());
      passes = true;
      pass(packet);
      pass(rest);
    }

    @Override
    public void refuse(String sqlState, String message) {
      assertThat(sqlState).hasSize(5);
      refused = true;
      if (message.startsWith("received unencrypted data")) {
        events.add("S");
        events.add(UNENCRYPTED);
      } else {
        events.add(sqlState + " " + message);
      }
    }

    void pass(ByteBuf bytes) {
      passed.writeBytes(bytes);
      bytes.release();
    }
  }
}
