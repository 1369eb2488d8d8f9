package io.handfast.proxy.listener;

import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.runtime.UnixSockets;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import java.io.IOException;
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
 * one, on the main loop, which deals connections out; so it is with Unix sockets.
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
  private final NetworkAddress configured;
  private final Consumer<Channel> accepted;
  private final List<Channel> sockets = new CopyOnWriteArrayList<>();

  /**
   * @param configured where it is to be bound
   * @param accepted takes each connection, on its loop
   */
  ListenSockets(
      EventLoops loops,
      ListenerConfig config,
      NetworkAddress configured,
      Consumer<Channel> accepted) {
    this.loops = loops;
    this.config = config;
    this.configured = configured;
    this.accepted = accepted;
  }

  /** Binds; told on the main loop. */
  Future<Void> bind() {
    Promise<Void> bound = loops.main().eventLoop().newPromise();
    switch (configured) {
      case NetworkAddress.Tcp tcp -> {
        boolean each =
            config.accepting().reusePort() && loops.isEpoll() && loops.dispatchers().size() > 1;
        bindFirst(tcp, each, bound);
      }
      case NetworkAddress.Pipe pipe -> bind(pipe, bound);
    }
    return bound;
  }

  /** Where it is to be bound. */
  NetworkAddress configured() {
    return configured;
  }

  /** The address that is bound; null before and after. */
  @Nullable SocketAddress address() {
    if (sockets.isEmpty()) {
      return null;
    }
    return switch (configured) {
      case NetworkAddress.Tcp _ -> sockets.getFirst().localAddress();
      case NetworkAddress.Pipe pipe -> UnixSockets.address(pipe.path());
    };
  }

  void close() {
    sockets.forEach(Channel::close);
  }

  /** Adds the end of each socket; on the main loop. */
  void addEndsTo(PromiseCombiner all) {
    sockets.forEach(socket -> all.add((Future<?>) socket.closeFuture()));
  }

  /** The one queue of a Unix socket: what it takes is dealt out to the loops in turns. */
  private void bind(NetworkAddress.Pipe pipe, Promise<Void> bound) {
    try {
      ServerChannel listening = UnixSockets.listen(pipe, config.accepting().backlog());
      ServerBootstrap bootstrap =
          bootstrap(loops.main().eventLoop(), loops.group(), () -> listening);
      bootstrap
          .register()
          .addListener(
              (ChannelFutureListener)
                  registered -> {
                    if (registered.isSuccess()) {
                      sockets.add(listening);
                      bound.trySuccess(null);
                    } else {
                      bound.tryFailure(registered.cause());
                    }
                  });
    } catch (IOException e) {
      bound.tryFailure(e);
    }
  }

  private void bindFirst(NetworkAddress.Tcp tcp, boolean each, Promise<Void> bound) {
    EventLoopGroup main = loops.main().eventLoop();
    InetSocketAddress address = new InetSocketAddress(tcp.host(), tcp.port());
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
                    bindNext(tcp, 1, first.channel().localAddress(), bound);
                  } else {
                    fallBack(tcp, "the option is refused", bound);
                  }
                });
  }

  private void bindNext(
      NetworkAddress.Tcp tcp, int index, SocketAddress address, Promise<Void> bound) {
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
                    bindNext(tcp, index + 1, address, bound);
                  } else {
                    fallBack(tcp, next.cause().getMessage(), bound);
                  }
                });
  }

  private void fallBack(NetworkAddress.Tcp tcp, @Nullable String reason, Promise<Void> bound) {
    LOG.warn("one accept queue for all event loops: listener={} reason={}", config.name(), reason);
    List<Channel> given = List.copyOf(sockets);
    sockets.clear();
    close(given, 0, () -> bindFirst(tcp, false, bound));
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
        bootstrap(loop, children, () -> loops.newServerChannel(address))
            .option(ChannelOption.SO_BACKLOG, config.accepting().backlog())
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true);
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

  private ServerBootstrap bootstrap(
      EventLoopGroup loop, EventLoopGroup children, ChannelFactory<ServerChannel> factory) {
    return new ServerBootstrap()
        .group(loop, children)
        .channelFactory(factory)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel connection) {
                accepted.accept(connection);
              }
            });
  }
}
