package io.handfast.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.handfast.proxy.runtime.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A socket that was to be spliced, but for the bytes that came at the last moment. */
final class TcpEndTest {
  private final EventLoops loops = new EventLoops(1, System::nanoTime, System::currentTimeMillis);
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final TcpEnd end =
      new TcpEnd(
          new TcpEnd.Owner() {
            @Override
            public void onBytes(TcpEnd from, ByteBuf bytes) {
              told.add(bytes.toString(StandardCharsets.US_ASCII));
              bytes.release();
            }

            @Override
            public void onBatch(TcpEnd from) {}

            @Override
            public void onInputEnded(TcpEnd from) {
              told.add("end");
            }

            @Override
            public void onRoom(TcpEnd room) {}

            @Override
            public void onClosed(TcpEnd closed) {
              told.add("closed");
            }

            @Override
            public void onSent(TcpEnd to, int count) {}
          },
          () -> {});

  @AfterEach
  void stop() {
    loops.close();
  }

  private Channel connect(ServerSocket server) {
    return new Bootstrap()
        .group(loops.group())
        .channel(loops.clientChannel())
        .option(ChannelOption.AUTO_READ, false)
        .handler(end)
        .connect(server.getLocalSocketAddress())
        .syncUninterruptibly()
        .channel();
  }

  @Test
  void shouldBeReadAndWrittenAgainWhenItComesBack() throws Exception {
    // Given
    assumeThat(Epoll.isAvailable()).as("a kernel with epoll").isTrue();
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Channel channel = connect(server);
      try (Socket peer = server.accept()) {
        peer.setSoTimeout(20_000);
        channel
            .eventLoop()
            .submit(() ->
                end.leave()
                    .addListener(_ -> {
                      end.send(Unpooled.copiedBuffer("queued", StandardCharsets.US_ASCII));
                      end.comeBack();
                      end.read();
                    }))
            .sync();

        // When
        peer.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        peer.shutdownOutput();

        // Then
        assertThat(new String(peer.getInputStream().readNBytes(6), StandardCharsets.US_ASCII))
            .isEqualTo("queued");
        assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
        assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("end");
      }
    }
  }

  @Test
  void shouldTellItsEndWhenItIsClosedAway() throws Exception {
    // Given
    assumeThat(Epoll.isAvailable()).as("a kernel with epoll").isTrue();
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Channel channel = connect(server);

      // When
      channel.eventLoop().submit(() -> end.leave().addListener(_ -> end.closeNow())).sync();

      // Then
      assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("closed");
      assertThat(told).isEmpty();
    }
  }
}
