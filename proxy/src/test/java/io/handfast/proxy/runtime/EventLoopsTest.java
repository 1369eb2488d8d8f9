package io.handfast.proxy.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the loops promise of sockets when they end. */
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
