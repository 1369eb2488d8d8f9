package io.handfast.proxy.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.http.ServerConnection;
import io.handfast.proxy.network.TerminalFilter;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.HttpStats;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProtocolSnifferTest {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final Duration HEADERS = Duration.ofSeconds(15);
  private static final Duration ALMOST = Duration.ofMillis(14_999);
  private static final Duration MILLI = Duration.ofMillis(1);

  private final ManualDispatcher loop = new ManualDispatcher();
  private final HttpStats stats = new Stats().http("test");
  private final List<String> chosen = new ArrayList<>();
  private final List<EmbeddedChannel> channels = new ArrayList<>();
  private final StringBuilder seen = new StringBuilder();

  private final class Codec extends ChannelInboundHandlerAdapter implements ServerConnection {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      seen.append(bytes.toString(StandardCharsets.US_ASCII));
      bytes.release();
    }

    @Override
    public void drain() {
      chosen.add("drain");
    }

    @Override
    public void close() {
      chosen.add("close");
    }
  }

  @AfterEach
  void shouldLeaveNothingInChannels() {
    channels.forEach(channel -> assertThat(channel.finishAndReleaseAll()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 23, 24})
  void shouldChooseHttp2WhenThePrefaceComesInPieces(int size) {
    // Given
    EmbeddedChannel channel = channel(HEADERS);

    // When
    write(channel, PREFACE + "rest", size);

    // Then: nothing is lost, and its own timers are gone
    assertThat(chosen).containsExactly("h2");
    assertThat(seen).hasToString(PREFACE + "rest");
    loop.advance(IDLE.multipliedBy(2));
    assertThat(channel.isActive()).isTrue();
    assertThat(channel.pipeline().get(ProtocolSniffer.class)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET / HTTP/1.1\r\n", "PUT /", "PRI / HTTP/1.1", "PRI * HTTP/1.1", "\r\n", "pri"})
  void shouldChooseHttp1WhenTheBytesCannotBecomeThePreface(String bytes) {
    // Given
    EmbeddedChannel channel = channel(HEADERS);

    // When
    write(channel, bytes, 1);

    // Then
    assertThat(chosen).containsExactly("h1");
    assertThat(seen).hasToString(bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 12, 23})
  void shouldCloseWhenThePrefaceIsSlowHoweverOftenAByteComes(int bytes) {
    // Given
    EmbeddedChannel channel = channel(HEADERS);
    write(channel, PREFACE.substring(0, 1), 1);

    // When
    for (int at = 1; at < bytes; at++) {
      loop.advance(MILLI);
      write(channel, PREFACE.substring(at, at + 1), 1);
    }
    loop.advance(ALMOST.minus(MILLI.multipliedBy(bytes - 1L)));

    // Then: the limit counts from the first byte
    assertThat(channel.isActive()).isTrue();
    loop.advance(MILLI);
    assertThat(channel.isActive()).isFalse();
    assertThat(stats.rqHeaderTimeout.value()).isEqualTo(1);
    assertThat(chosen).isEmpty();
  }

  @Test
  void shouldCloseWhenNothingComesForTheIdleTimeout() {
    // Given
    EmbeddedChannel channel = channel(HEADERS);

    // When
    loop.advance(IDLE.minus(MILLI));

    // Then
    assertThat(channel.isActive()).isTrue();
    loop.advance(MILLI);
    assertThat(channel.isActive()).isFalse();
    assertThat(stats.cxIdleTimeout.value()).isEqualTo(1);
  }

  @Test
  void shouldCloseByTheIdleTimeoutWhenHeadsMayTakeAnyTime() {
    // Given
    EmbeddedChannel channel = channel(Duration.ZERO);

    // When
    write(channel, "PRI", 1);
    loop.advance(IDLE);

    // Then
    assertThat(channel.isActive()).isFalse();
    assertThat(stats.cxIdleTimeout.value()).isEqualTo(1);
  }

  private EmbeddedChannel channel(Duration headers) {
    HttpTimeouts timeouts =
        new HttpTimeouts(Duration.ZERO, Duration.ZERO, headers, IDLE, Duration.ZERO);
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new ProtocolSniffer(
                timeouts,
                stats,
                loop,
                isHttp2 -> {
                  chosen.add(isHttp2 ? "h2" : "h1");
                  return TerminalFilter.of(new Codec());
                }));
    channels.add(channel);
    return channel;
  }

  private static void write(EmbeddedChannel channel, String bytes, int size) {
    for (int at = 0; at < bytes.length(); at += size) {
      String piece = bytes.substring(at, Math.min(bytes.length(), at + size));
      channel.writeInbound(Unpooled.copiedBuffer(piece, StandardCharsets.US_ASCII));
    }
  }
}
