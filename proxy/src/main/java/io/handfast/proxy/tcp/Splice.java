package io.handfast.proxy.tcp;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two sockets whose bytes stay in the kernel: each direction fills its pipe from one socket and
 * empties it into the other ({@code splice(2)}). A direction's end is acted on when everything
 * before it is through. Netty's channels are there for closing only meanwhile: they are not
 * registered, and their events come here. Confined to the event loop.
 *
 * <p>Bounds: a pipe a direction, which holds 64 KiB, or of a direction that fills it again and
 * again a MiB, if there are not many of those: each time that it is filled and emptied wakes who
 * sends and who receives. After {@link #BURST} bytes epoll is asked again, and with it every other
 * socket and timer of the loop.
 */
final class Splice {
  private static final Logger LOG = LoggerFactory.getLogger(Splice.class);

  private static final int BURST = 1 << 20;
  private static final int TURNS = 16;

  /** A pipe is full of 16 pieces as well, which may have a KiB each. */
  private static final int FULL = 16 << 10;

  /** Fills between two attempts to have a larger pipe: half a GiB, of full ones. */
  private static final int MAX_GROW_AT = 8192;

  /** Each change is told once: whoever is told goes on until nothing is left. */
  private static final EpollIoOps CHANGES =
      EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT).with(EpollIoOps.EPOLLET);

  /** What is told of both sockets. */
  interface Owner {
    /** So many bytes have come. */
    void onReceived(TcpEnd from, int count);

    /** So many bytes were handed to the socket. */
    void onSent(TcpEnd to, int count);

    /** The other socket has no room: this one is not read. */
    void onBlocked(TcpEnd from);

    /** It has room again. */
    void onUnblocked(TcpEnd from);
  }

  private final Owner owner;
  private final IoEventLoop loop;
  private final Side down;
  private final Side up;
  private final Direction there;
  private final Direction back;
  private final Splicing splicing;
  private final ByteBuffer copied;
  private boolean stopped;

  /**
   * Opens the pipes.
   *
   * @param splicing of the process; it has granted this one
   * @throws IOException if there are no more of them
   */
  Splice(Owner owner, IoEventLoop loop, Splicing splicing, TcpEnd downstream, TcpEnd upstream)
      throws IOException {
    this.owner = owner;
    this.loop = loop;
    this.splicing = splicing;
    this.copied = splicing.copied();
    FileDescriptor[] first = FileDescriptor.pipe();
    FileDescriptor[] second;
    try {
      second = FileDescriptor.pipe();
    } catch (IOException e) {
      close(first);
      throw e;
    }
    down = new Side(downstream);
    up = new Side(upstream);
    there = new Direction(down, up, first);
    back = new Direction(up, down, second);
  }

  /** Takes over two channels that are not registered, with nothing queued. */
  void start() {
    down.register();
    up.register();
  }

  /** Ends it, if that has not happened: nothing is read or written any more. */
  void stop() {
    if (!stopped) {
      stopped = true;
      down.cancel();
      up.cancel();
      there.close();
      back.close();
    }
  }

  private static void close(FileDescriptor[] pipe) {
    for (FileDescriptor end : pipe) {
      try {
        end.close();
      } catch (IOException e) {
        LOG.debug("pipe not closed: {}", e.getMessage());
      }
    }
  }

  /** A socket as epoll knows it. */
  private final class Side implements EpollIoHandle {
    private final TcpEnd end;
    private final FileDescriptor fd;
    private @Nullable IoRegistration registration;
    private boolean readable;
    private boolean writable = true;

    Side(TcpEnd end) {
      this.end = end;
      this.fd = end.descriptor();
    }

    void register() {
      loop.register(this)
          .addListener(registered -> {
            if (!registered.isSuccess()) {
              end.breakOff();
              return;
            }
            IoRegistration made = (IoRegistration) registered.getNow();
            registration = made;
            if (stopped) {
              made.cancel();
            } else {
              made.submit(CHANGES);
            }
          });
    }

    /**
     * Epoll tells anew of what is there already. A task would run before any socket is looked at.
     */
    void askAgain() {
      if (registration != null) {
        registration.submit(CHANGES);
      }
    }

    void cancel() {
      if (registration != null) {
        registration.cancel();
      }
    }

    @Override
    public FileDescriptor fd() {
      return fd;
    }

    @Override
    public void handle(IoRegistration from, IoEvent event) {
      EpollIoOps ops = ((EpollIoEvent) event).ops();
      readable |= !ops.equals(EpollIoOps.EPOLLOUT);
      writable |= !ops.equals(EpollIoOps.EPOLLIN);
      (this == down ? there : back).move();
      (this == down ? back : there).move();
      if (ops.contains(EpollIoOps.EPOLLERR)) {
        // Nobody reads or writes it, perhaps, while the other socket has no room.
        end.breakOff();
      }
    }

    /** The loop ends. */
    @Override
    public void close() {
      end.closeNow();
    }
  }

  private final class Direction {
    private final Side from;
    private final Side to;
    private final FileDescriptor[] pipe;
    private int capacity = Splicing.PIPE;
    private int fulls;
    private int growAt = TURNS;
    private int held;
    private boolean blocked;
    private boolean ended;

    Direction(Side from, Side to, FileDescriptor[] pipe) {
      this.from = from;
      this.to = to;
      this.pipe = pipe;
    }

    void close() {
      Splice.close(pipe);
      if (capacity == Splicing.LARGE_PIPE) {
        splicing.shrunk();
      }
    }

    /** Until there is nothing to read, or no room to write. */
    void move() {
      int moved = 0;
      for (int turn = 0; !stopped; turn++) {
        if (held > 0) {
          if (!to.writable || !empty()) {
            return;
          }
        } else if (ended || !from.readable) {
          return;
        } else if (turn < 2 * TURNS && moved < BURST) {
          fill(Math.min(capacity, BURST - moved));
          if (!stopped && moved > 0 && held >= FULL) {
            filledAgain();
          }
          moved += held;
        } else {
          from.askAgain();
          return;
        }
      }
    }

    /**
     * There was more than the pipe held: that is asked for, and later once more if there is none.
     */
    private void filledAgain() {
      if (capacity == Splicing.PIPE && ++fulls == growAt) {
        if (splicing.grow(pipe[1])) {
          capacity = Splicing.LARGE_PIPE;
        } else {
          fulls = 0;
          growAt = Math.min(2 * growAt, MAX_GROW_AT);
        }
      }
    }

    private void fill(int most) {
      try {
        int count = Native.splice(from.fd.intValue(), -1, pipe[1].intValue(), -1, most);
        if (count == 0) {
          count = copy();
        }
        if (count > 0) {
          held = count;
          owner.onReceived(from.end, count);
          return;
        }
        from.readable = false;
        if (count < 0) {
          ended = true;
          from.end.endInput();
        }
      } catch (IOException e) {
        from.end.breakOff();
      }
    }

    /**
     * The pipe is empty, and 0 came: that is what {@code splice(2)} says if nothing is there, at
     * the end, and at an urgent byte, which it does not pass.
     *
     * @return how many bytes were copied into the pipe; -1 at the end
     */
    private int copy() throws IOException {
      int count = from.fd.read(copied, 0, copied.capacity());
      return count <= 0 ? count : pipe[1].write(copied, 0, count);
    }

    /** Whether something went out. */
    private boolean empty() {
      int sent;
      try {
        sent = Native.splice(pipe[0].intValue(), -1, to.fd.intValue(), -1, held);
      } catch (IOException e) {
        to.end.breakOff();
        return false;
      }
      if (sent == 0) {
        to.writable = false;
        if (!blocked) {
          blocked = true;
          owner.onBlocked(from.end);
        }
        return false;
      }
      held -= sent;
      owner.onSent(to.end, sent);
      if (blocked) {
        blocked = false;
        owner.onUnblocked(from.end);
      }
      return true;
    }
  }
}
