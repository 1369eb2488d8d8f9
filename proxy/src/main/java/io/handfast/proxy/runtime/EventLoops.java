package io.handfast.proxy.runtime;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The event loops of this process and their kind of socket: epoll where the system has it.
 * Immutable and thread-safe.
 */
public final class EventLoops implements AutoCloseable {
  private static final IntegerUnixChannelOption IPV6_ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

  private final EventLoopGroup group;
  private final boolean epoll;
  private final Map<EventLoop, NettyDispatcher> byLoop = new HashMap<>();
  private final List<NettyDispatcher> dispatchers;

  /**
   * @param count at least 1
   * @param nanoTime a monotonic clock
   * @param epochMillis the time of day
   */
  public EventLoops(int count, LongSupplier nanoTime, LongSupplier epochMillis) {
    epoll = Epoll.isAvailable();
    Map<Executor, EventClock> clocks = new HashMap<>();
    Function<Executor, EventClock> clock =
        loop -> clocks.computeIfAbsent(loop, _ -> new EventClock(nanoTime, epochMillis));
    IoHandlerFactory io = epoll ? new ReturningEpoll(clock::apply) : NioIoHandler.newFactory();
    group = new ClosingLoops(count, new DefaultThreadFactory("handfast-loop", true), io);
    for (EventExecutor executor : group) {
      EventLoop loop = (EventLoop) executor;
      byLoop.put(loop, new NettyDispatcher(loop, nanoTime, epochMillis, clock.apply(loop)));
    }
    dispatchers = List.copyOf(byLoop.values());
  }

  /** The loop that keeps endpoints, listeners and transactions. */
  public NettyDispatcher main() {
    return dispatchers.getFirst();
  }

  /** All of them. */
  public List<NettyDispatcher> dispatchers() {
    return dispatchers;
  }

  /** The dispatcher of a channel's loop. */
  public NettyDispatcher of(EventLoop loop) {
    NettyDispatcher dispatcher = byLoop.get(loop);
    if (dispatcher == null) {
      throw new IllegalArgumentException("loop: not one of this process (expected: one of ours)");
    }
    return dispatcher;
  }

  /** Whether sockets are epoll's, with its options. */
  public boolean isEpoll() {
    return epoll;
  }

  public EventLoopGroup group() {
    return group;
  }

  public Class<? extends ServerChannel> serverChannel() {
    return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /**
   * A socket to listen at that address, of its family alone, as in Envoy: beside a listener of all
   * addresses of IPv6 there may be one of IPv4 at the same port.
   */
  public ServerChannel newServerChannel(SocketAddress address) {
    boolean v6 =
        address instanceof InetSocketAddress internet
            && internet.getAddress() instanceof Inet6Address;
    if (!epoll) {
      return new NioServerSocketChannel(
          SelectorProvider.provider(), v6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET);
    }
    EpollServerSocketChannel channel =
        new EpollServerSocketChannel(v6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET);
    if (v6) {
      channel.config().setOption(IPV6_ONLY, 1);
    }
    return channel;
  }

  public Class<? extends Channel> clientChannel() {
    return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /** A socket to connect to that address with. */
  public Channel newClientChannel(SocketAddress to) {
    if (to instanceof DomainSocketAddress) {
      return new EpollDomainSocketChannel();
    }
    return epoll ? new EpollSocketChannel() : new NioSocketChannel();
  }

  /** A socket for datagrams, of no address yet. */
  public DatagramChannel newDatagramChannel() {
    return epoll ? new EpollDatagramChannel() : new NioDatagramChannel();
  }

  /** Ends the loops; waits at most two seconds for what runs. Not to be called on a loop. */
  @Override
  public void close() {
    end(group, Duration.ofSeconds(2)).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }

  /**
   * Ends loops as soon as what runs on them is done. Netty's own may leave a socket open when the
   * end comes while a task runs; those of this class never do.
   *
   * @param limit of waiting for what runs
   */
  public static Future<?> end(EventLoopGroup group, Duration limit) {
    return group.shutdownGracefully(1, limit.toNanos(), TimeUnit.NANOSECONDS);
  }
}
