package io.handfast.proxy.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Which events a socket sees, of those at its descriptor. */
final class ReturningEpollTest {
  private static final IoEvent EVENT = new IoEvent() {};

  private final Events events = new Events();
  private final AtomicLong time = new AtomicLong();
  private final EventClock clock = new EventClock(time::incrementAndGet, time::incrementAndGet);
  private final IoHandler epoll =
      new ReturningEpoll(_ -> events, _ -> clock).newHandler(new Loop());

  @Test
  void shouldNotSeeAnotherSocketsEventWhenItTakesItsDescriptorWithinATurn() throws Exception {
    // Given: the first socket's event opens a second one, and an event of a third's is behind
    Socket second = new Socket();
    epoll.register(
        new Socket() {
          @Override
          public void handle(IoRegistration registration, IoEvent event) {
            super.handle(registration, event);
            if (seen.size() == 1) {
              register(second);
            }
          }
        });

    // When
    epoll.run(new Turn());

    // Then
    assertThat(events.handles).hasSize(2);
    assertThat(second.seen).isEmpty();
    epoll.run(new Turn());
    assertThat(second.seen).containsExactly(EVENT);
  }

  @Test
  void shouldSeeTheFirstEventWhenItWasRegisteredBetweenTurns() throws Exception {
    // Given
    epoll.run(new Turn());
    Socket socket = new Socket();
    register(socket);

    // When
    epoll.run(new Turn());

    // Then
    assertThat(socket.seen).containsExactly(EVENT);
  }

  @Test
  void shouldLetTheClockStandStillWhileAnEventIsHandled() throws Exception {
    // Given
    List<Long> read = new ArrayList<>();
    epoll.run(new Turn());
    for (int i = 0; i < 2; i++) {
      register(
          new Socket() {
            @Override
            public void handle(IoRegistration registration, IoEvent event) {
              read.add(clock.nanoTime());
              read.add(clock.nanoTime());
              read.add(clock.epochMillis());
              read.add(clock.epochMillis());
            }
          });
    }

    // When
    epoll.run(new Turn());

    // Then: each event has its own time
    assertThat(read).containsExactly(1L, 1L, 2L, 2L, 3L, 3L, 4L, 4L);
    assertThat(clock.nanoTime()).isEqualTo(5);
    assertThat(clock.nanoTime()).isEqualTo(6);
  }

  @Test
  void shouldLetTheClockGoOnWhenAnEventFails() throws Exception {
    // Given
    epoll.run(new Turn());
    register(
        new Socket() {
          @Override
          public void handle(IoRegistration registration, IoEvent event) {
            throw new IllegalStateException("a bug");
          }
        });

    // When
    assertThatThrownBy(() -> epoll.run(new Turn())).hasMessage("a bug");

    // Then
    assertThat(clock.nanoTime()).isNotEqualTo(clock.nanoTime());
  }

  private void register(Socket socket) {
    try {
      epoll.register(socket);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static class Socket implements EpollIoHandle {
    final List<IoEvent> seen = new ArrayList<>();

    @Override
    public FileDescriptor fd() {
      return new FileDescriptor(0);
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      seen.add(event);
    }

    @Override
    public void close() {}
  }

  /** Has an event for each socket in each turn, for those too that come meanwhile. */
  private static final class Events implements IoHandler {
    final List<IoHandle> handles = new ArrayList<>();

    @Override
    public IoRegistration register(IoHandle handle) {
      handles.add(handle);
      return new Registered();
    }

    @Override
    public int run(IoHandlerContext context) {
      for (int i = 0; i < handles.size(); i++) {
        handles.get(i).handle(new Registered(), EVENT);
      }
      return handles.size();
    }

    @Override
    public void wakeup() {}

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
      return true;
    }
  }

  private static final class Registered implements IoRegistration {
    @Override
    @SuppressWarnings({"TypeParameterUnusedInFormals", "unchecked"}) // Netty's
    public <T> T attachment() {
      return (T) this;
    }

    @Override
    public long submit(IoOps ops) {
      return 0;
    }

    @Override
    public boolean isValid() {
      return true;
    }

    @Override
    public boolean cancel() {
      return true;
    }
  }

  private static final class Turn implements IoHandlerContext {
    @Override
    public boolean canBlock() {
      return false;
    }

    @Override
    public long delayNanos(long now) {
      return 0;
    }

    @Override
    public long deadlineNanos() {
      return 0;
    }
  }

  private static final class Loop implements ThreadAwareExecutor {
    @Override
    public boolean isExecutorThread(Thread thread) {
      return true;
    }

    @Override
    public void execute(Runnable task) {
      ImmediateEventExecutor.INSTANCE.execute(task);
    }
  }
}
