package io.handfast.proxy.runtime;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Epoll to which a socket can come back. Netty's (4.2.13 to 4.2.20 at least) takes a socket out as
 * soon as nothing of it is waited for, and does not know of that afterwards: when a peer has ended
 * its direction, the first write for which there is no room fails, and Netty ends our direction in
 * order, as if everything had been sent. Here such a socket is registered anew. And none is taken
 * when a loop that ends has closed its sockets: Netty's would leave it open.
 *
 * <p>Nor does a socket see what happened to another. Netty finds a channel by its descriptor; one
 * that is closed while the events of a turn are handled, and of which there is another event
 * behind, leaves its number to the next that is opened: a socket that is still connecting, whose
 * input Netty then takes for ended, or which it closes. An event that comes in the turn in which a
 * socket was registered is never its own, for it was fetched before.
 *
 * <p>And while it handles an event, its loop's {@link EventClock} stands still.
 *
 * <p>Immutable; a handler and its registrations are confined to their loop, as their channels are.
 */
final class ReturningEpoll implements IoHandlerFactory {
  private static final Logger LOG = LoggerFactory.getLogger(ReturningEpoll.class);

  private final IoHandlerFactory epoll;
  private final Function<ThreadAwareExecutor, EventClock> clocks;

  /**
   * @param clocks of a loop: told when an event begins and ends
   */
  ReturningEpoll(Function<ThreadAwareExecutor, EventClock> clocks) {
    this(EpollIoHandler.newFactory(), clocks);
  }

  /** With another one than Netty's, for a test. */
  ReturningEpoll(IoHandlerFactory epoll, Function<ThreadAwareExecutor, EventClock> clocks) {
    this.epoll = epoll;
    this.clocks = clocks;
  }

  @Override
  public IoHandler newHandler(ThreadAwareExecutor executor) {
    return new Handler(epoll.newHandler(executor), clocks.apply(executor));
  }

  @Override
  public boolean isChangingThreadSupported() {
    return epoll.isChangingThreadSupported();
  }

  private static final class Handler implements IoHandler {
    private final IoHandler epoll;
    private final EventClock clock;

    /** Of which nothing is waited for: Netty's handler does not know them. */
    private final Set<Registration> away = new HashSet<>();

    /** All sockets have been closed: one that came now would stay open, its handlers unaware. */
    private boolean destroyed;

    /** Of {@link #run}: events are fetched at its beginning, and handled before its end. */
    private long turn;

    Handler(IoHandler epoll, EventClock clock) {
      this.epoll = epoll;
      this.clock = clock;
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
      if (destroyed) { // Netty's handler would take it, and nobody close it
        throw new RejectedExecutionException("the event loop has ended");
      }
      return new Registration(this, handle, add(handle));
    }

    private IoRegistration add(IoHandle handle) throws Exception {
      return epoll.register(
          handle instanceof EpollIoHandle socket ? new Own(this, socket, turn) : handle);
    }

    @Override
    public void initialize() {
      epoll.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
      turn++;
      return epoll.run(context);
    }

    @Override
    public void prepareToDestroy() {
      destroyed = true;
      epoll.prepareToDestroy();
      for (Registration each : List.copyOf(away)) {
        each.close();
      }
    }

    @Override
    public void destroy() {
      epoll.destroy();
    }

    @Override
    public void wakeup() {
      epoll.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
      return epoll.isCompatible(type);
    }
  }

  /** What a socket sees of the events at its descriptor: its own. */
  @SuppressWarnings("try") // Netty's close
  private record Own(Handler handler, EpollIoHandle handle, long since) implements EpollIoHandle {
    @Override
    public FileDescriptor fd() {
      return handle.fd();
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      if (handler.turn != since) {
        handler.clock.begin();
        try {
          handle.handle(registration, event);
        } finally {
          handler.clock.end();
        }
      }
    }

    @Override
    public void registered() {
      handle.registered();
    }

    @Override
    public void unregistered() {
      handle.unregistered();
    }

    @Override
    public void close() throws Exception {
      handle.close();
    }
  }

  private static final class Registration implements IoRegistration {
    private final Handler handler;
    private final IoHandle handle;
    private IoRegistration current;
    private boolean added;
    private volatile boolean cancelled;

    Registration(Handler handler, IoHandle handle, IoRegistration first) {
      this.handler = handler;
      this.handle = handle;
      this.current = first;
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // Netty's
    public <T> T attachment() {
      return current.attachment();
    }

    @Override
    public long submit(IoOps ops) {
      if (cancelled) {
        return -1;
      }
      if (ops instanceof EpollIoOps events && events.value() == 0) {
        if (added) {
          added = false;
          current.cancel();
          handler.away.add(this);
        }
        return 0;
      }
      if (handler.away.remove(this)) {
        comeBack();
      }
      added = true;
      return current.submit(ops);
    }

    private void comeBack() {
      try {
        current = handler.add(handle);
      } catch (Exception e) {
        throw new IllegalStateException("a socket cannot be registered anew", e);
      }
    }

    @Override
    public boolean isValid() {
      return !cancelled;
    }

    @Override
    public boolean cancel() {
      if (cancelled) {
        return false;
      }
      cancelled = true;
      return handler.away.remove(this) || current.cancel();
    }

    void close() {
      cancel();
      try {
        handle.close();
      } catch (Exception e) {
        LOG.debug("a socket could not be closed: {}", e.getMessage());
      }
    }
  }
}
