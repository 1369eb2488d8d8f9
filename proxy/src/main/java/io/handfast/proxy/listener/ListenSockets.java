package io.handfast.proxy.listener;

import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.runtime.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening sockets of one address: one per event loop where the system can spread connections
 * among them, so that each loop has a queue of its own and a connection never changes threads; else
 * one, on the main loop, which deals connections out.
 *
 * <p>The first is bound as if it were the only one, so that an address that somebody else has is an
 * error; only then it lets the others in.
 *
 * <p>Thread-safe; {@link #bind} is called once.
 */
final class ListenSockets {
  private static final Logger LOG = LoggerFactory.getLogger(ListenSockets.class);

  private final EventLoops loops;
  private final ListenerConfig config;
  private final Consumer<Channel> accepted;
  private final List<Channel> sockets = new CopyOnWriteArrayList<>();

  /**
   * @param accepted takes each connection, on its loop
   */
  ListenSockets(EventLoops loops, ListenerConfig config, Consumer<Channel> accepted) {
    this.loops = loops;
    this.config = config;
    this.accepted = accepted;
  }

  /** Binds; told on the main loop. */
  Future<Void> bind() {
    Promise<Void> bound = loops.main().eventLoop().newPromise();
    boolean each =
        config.accepting().reusePort() && loops.isEpoll() && loops.dispatchers().size() > 1;
    bindFirst(each, bound);
    return bound;
  }

  /** The address that is bound; null before and after. */
  @Nullable InetSocketAddress address() {
    return sockets.isEmpty() ? null : (InetSocketAddress) sockets.getFirst().localAddress();
  }

  void close() {
    sockets.forEach(Channel::close);
  }

  private void bindFirst(boolean each, Promise<Void> bound) {
    EventLoopGroup main = loops.main().eventLoop();
    InetSocketAddress address =
        new InetSocketAddress(config.address().host(), config.address().port());
    bind(main, each ? main : loops.group(), false, address)
        .addListener(
            (ChannelFutureListener)
                first -> {
                  if (!first.isSuccess()) {
                    bound.tryFailure(first.cause());
                  } else if (!each) {
                    bound.trySuccess(null);
                  } else if (first
                      .channel()
                      .config()
                      .setOption(EpollChannelOption.SO_REUSEPORT, true)) {
                    bindNext(1, first.channel().localAddress(), bound);
                  } else {
                    fallBack("the option is refused", bound);
                  }
                });
  }

  private void bindNext(int index, SocketAddress address, Promise<Void> bound) {
    if (index == loops.dispatchers().size()) {
      bound.trySuccess(null);
      return;
    }
    EventLoopGroup loop = loops.dispatchers().get(index).eventLoop();
    bind(loop, loop, true, address)
        .addListener(
            (ChannelFutureListener)
                next -> {
                  if (next.isSuccess()) {
                    bindNext(index + 1, address, bound);
                  } else {
                    fallBack(next.cause().getMessage(), bound);
                  }
                });
  }

  private void fallBack(@Nullable String reason, Promise<Void> bound) {
    LOG.warn("one accept queue for all event loops: listener={} reason={}", config.name(), reason);
    List<Channel> given = List.copyOf(sockets);
    sockets.clear();
    close(given, 0, () -> bindFirst(false, bound));
  }

  private static void close(List<Channel> given, int index, Runnable then) {
    if (index == given.size()) {
      then.run();
    } else {
      given.get(index).close().addListener(_ -> close(given, index + 1, then));
    }
  }

  private ChannelFuture bind(
      EventLoopGroup loop, EventLoopGroup children, boolean reusePort, SocketAddress address) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop, children)
            .channelFactory(() -> loops.newServerChannel(config.address().host()))
            .option(ChannelOption.SO_BACKLOG, config.accepting().backlog())
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    accepted.accept(connection);
                  }
                });
    if (reusePort) {
      bootstrap.option(EpollChannelOption.SO_REUSEPORT, true);
    }
    ChannelFuture binding = bootstrap.bind(address);
    binding.addListener(
        (ChannelFutureListener)
            done -> {
              if (done.isSuccess()) {
                sockets.add(done.channel());
              }
            });
    return binding;
  }
}
