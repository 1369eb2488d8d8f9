package io.handfast.proxy.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What the loops promise of sockets when they end, and of their clocks. */
class EventLoopsTest {
  private final Handlers handlers = new Handlers();

  @Test
  void shouldCloseEverySocketWhenATaskRunsAsTheLoopEnds() throws Exception {
    // Given
    EventLoops loops = new EventLoops(1, System::nanoTime, System::currentTimeMillis);
    Channel socket = socket(loops);
    loops.group().register(socket).sync();
    loops
        .group()
        .next()
        .execute(() -> {
          while (!loops.group().isShuttingDown()) {
            Thread.onSpinWait();
          }
        });

    // When
    loops.close();

    // Then
    assertThat(socket.isOpen()).isFalse();
    assertThat(handlers.removed).hasValue(1);
  }

  @Test
  void shouldCloseEverySocketWhenTheLoopIsToldToEndAfterItHasLookedWhetherItIs() throws Exception {
    // Given
    EventLoops loops = new EventLoops(1, System::nanoTime, System::currentTimeMillis);
    Channel socket = socket(loops);
    loops.group().register(socket).sync();

    // When: a task tells it, and what wakes the loop is gone with the same tasks
    loops.group().next().execute(() -> EventLoops.end(loops.group(), Duration.ofSeconds(2)));
    loops.group().terminationFuture().sync();

    // Then
    assertThat(socket.isOpen()).isFalse();
    assertThat(handlers.removed).hasValue(1);
  }

  @Test
  void shouldCloseASocketThatComesWhenItsLoopHasClosedTheOthers() throws Exception {
    // Given: the second is registered when the first is closed because its loop ends
    EventLoops loops = new EventLoops(1, System::nanoTime, System::currentTimeMillis);
    Channel first = socket(loops);
    Channel second = socket(loops);
    CompletableFuture<Boolean> registered = new CompletableFuture<>();
    loops.group().register(first).sync();
    first
        .closeFuture()
        .addListener(_ ->
            loops
                .group()
                .register(second)
                .addListener(done -> registered.complete(done.isSuccess())));

    // When
    loops.close();

    // Then
    assertThat(registered.get(20, TimeUnit.SECONDS)).isFalse();
    assertThat(second.isOpen()).isFalse();
    assertThat(handlers.added).hasValue(1);
    assertThat(handlers.removed).hasValue(1);
  }

  @Test
  void shouldReadTheClockOnceForAnEventOfASocketAndEachTimeInATask() throws Exception {
    // Given: clocks that go on with each time they are read
    AtomicLong nanos = new AtomicLong();
    AtomicLong millis = new AtomicLong();
    EventLoops loops = new EventLoops(1, nanos::incrementAndGet, millis::incrementAndGet);
    CompletableFuture<List<Long>> inEvent = new CompletableFuture<>();
    Channel listening =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannel())
            .childHandler(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelRead(ChannelHandlerContext ctx, Object message) {
                    ReferenceCountUtil.release(message);
                    inEvent.complete(readTwice(loops.of(ctx.channel().eventLoop())));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();

    // When
    List<Long> event;
    try (Socket client = new Socket()) {
      client.connect(listening.localAddress());
      client.getOutputStream().write('x');
      event = inEvent.get(20, TimeUnit.SECONDS);
    }
    List<Long> task = loops.group().submit(() -> readTwice(loops.main())).get(20, TimeUnit.SECONDS);
    loops.close();

    // Then
    assertThat(event.get(0).equals(event.get(1))).isEqualTo(loops.isEpoll());
    assertThat(event.get(2).equals(event.get(3))).isEqualTo(loops.isEpoll());
    assertThat(task.get(1)).isEqualTo(task.get(0) + 1);
    assertThat(task.get(3)).isEqualTo(task.get(2) + 1);
  }

  private static List<Long> readTwice(NettyDispatcher loop) {
    return List.of(
        loop.nanoTime(), loop.nanoTime(), loop.currentTimeMillis(), loop.currentTimeMillis());
  }

  private Channel socket(EventLoops loops) throws Exception {
    Channel channel = loops.clientChannel().getConstructor().newInstance();
    channel.pipeline().addLast(handlers);
    return channel;
  }

  /** Counts where it came and where it was let go. */
  @ChannelHandler.Sharable
  private static final class Handlers extends ChannelInboundHandlerAdapter {
    final AtomicInteger added = new AtomicInteger();
    final AtomicInteger removed = new AtomicInteger();

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      added.incrementAndGet();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
      removed.incrementAndGet();
    }
  }
}
