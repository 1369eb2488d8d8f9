package io.handfast.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two sockets on one loop, which are spliced, or are not. */
@Timeout(60)
final class SpliceSwitchTest implements SpliceSwitch.Owner, TcpEnd.Owner {
  private static final long BURST = 256L << 20;

  /** What one event may move before epoll is asked again. */
  private static final int SHARE = 1 << 20;

  private final AtomicLong sinceEpoll = new AtomicLong();
  private final AtomicLong most = new AtomicLong();
  private final AtomicInteger spliced = new AtomicInteger();
  private final AtomicInteger copied = new AtomicInteger();
  private final BlockingQueue<Runnable> aside = new LinkedBlockingQueue<>();
  private final Splicing splicing = new Splicing(new PipeCapacity(aside::add));
  private EventLoopGroup group;
  private ServerSocket sink;
  private Socket client;
  private Socket service;
  private TcpEnd downstream;
  private TcpEnd upstream;
  private SpliceSwitch splice;

  @BeforeEach
  void connect() throws Exception {
    assumeThat(Epoll.isAvailable()).as("a kernel with epoll").isTrue();
    group = new MultiThreadIoEventLoopGroup(1, new Counting());
    sink = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    CompletableFuture<TcpEnd> accepted = new CompletableFuture<>();
    CompletableFuture<TcpEnd> connected = new CompletableFuture<>();
    Channel listening =
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerSocketChannel.class)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(initializer(accepted))
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    client =
        new Socket(
            InetAddress.getLoopbackAddress(),
            ((InetSocketAddress) listening.localAddress()).getPort());
    new Bootstrap()
        .group(group)
        .channel(EpollSocketChannel.class)
        .option(ChannelOption.AUTO_READ, false)
        .handler(initializer(connected))
        .connect(sink.getLocalSocketAddress())
        .sync();
    service = sink.accept();
    downstream = accepted.get(20, TimeUnit.SECONDS);
    upstream = connected.get(20, TimeUnit.SECONDS);
    splice = new SpliceSwitch(this, splicing, downstream, upstream);
  }

  private ChannelInitializer<Channel> initializer(CompletableFuture<TcpEnd> ready) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        TcpEnd end = new TcpEnd(SpliceSwitchTest.this, () -> {});
        channel.pipeline().addLast(end);
        channel.eventLoop().execute(() -> ready.complete(end));
      }
    };
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    service.close();
    sink.close();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  @Test
  void shouldAskEpollAgainAfterEachShareOfABulkFlow() throws Exception {
    // Given: much that can be moved at once
    Thread.ofPlatform().start(this::send);
    assertThat(bulkHasCome()).isTrue();

    // When: the call by which pipes grow is there when some of it is through
    long received = receive(BURST / 8);
    assertThat(splicing.large()).isZero();
    aside.remove().run();
    received += receive(BURST - received);

    // Then: each of the two sockets may have had an event
    assertThat(spliced).hasValue(1);
    assertThat(received).isEqualTo(BURST);
    assertThat(most.get()).isBetween(1L, 2L * SHARE);

    // And: what bulk has filled again and again holds more, until it is closed
    assertThat(splicing.large()).isEqualTo(1);
    group.next().submit(splice::stop).sync();
    assertThat(splicing.large()).isZero();
  }

  /** So many at least, but for the end. */
  private long receive(long size) throws IOException {
    long received = 0;
    byte[] block = new byte[SHARE];
    for (int count = 0; received < size && count >= 0; received += count) {
      count = service.getInputStream().read(block);
    }
    return received;
  }

  @Test
  void shouldTryOnceWhenNoPipeIsLeft() throws Exception {
    // Given
    for (int i = 0; i < Splicing.MAX_CONNECTIONS; i++) {
      assertThat(splicing.take()).isTrue();
    }

    // When
    assertThat(bulkHasCome()).isTrue();
    await().until(() -> copied.get() == 1);
    splicing.giveBack();
    boolean again = bulkHasCome();

    // Then
    assertThat(again).isFalse();
    assertThat(spliced).hasValue(0);
  }

  private boolean bulkHasCome() throws Exception {
    return group.submit(() -> splice.takes(upstream, SpliceSwitch.BULK)).get(20, TimeUnit.SECONDS);
  }

  private void send() {
    byte[] block = new byte[SHARE];
    try {
      for (long sent = 0; sent < BURST; sent += block.length) {
        client.getOutputStream().write(block);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onReceived(TcpEnd from, int count) {
    most.accumulateAndGet(sinceEpoll.addAndGet(count), Math::max);
  }

  @Override
  public void onSpliced() {
    spliced.incrementAndGet();
  }

  @Override
  public void onCopied() {
    copied.incrementAndGet();
  }

  @Override
  public void onBlocked(TcpEnd from) {}

  @Override
  public void onUnblocked(TcpEnd from) {}

  @Override
  public void onSent(TcpEnd end, int count) {}

  @Override
  public void onBytes(TcpEnd from, ByteBuf bytes) {
    bytes.release();
  }

  @Override
  public void onBatch(TcpEnd from) {}

  @Override
  public void onInputEnded(TcpEnd from) {}

  @Override
  public void onRoom(TcpEnd end) {}

  @Override
  public void onClosed(TcpEnd end) {}

  /** Epoll, which notes when it is asked. */
  private final class Counting implements IoHandlerFactory {
    private final IoHandlerFactory epoll = EpollIoHandler.newFactory();

    @Override
    public boolean isChangingThreadSupported() {
      return false;
    }

    @Override
    public IoHandler newHandler(ThreadAwareExecutor executor) {
      IoHandler handler = epoll.newHandler(executor);
      return new IoHandler() {
        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
          return handler.register(handle);
        }

        @Override
        public void initialize() {
          handler.initialize();
        }

        @Override
        public int run(IoHandlerContext context) {
          sinceEpoll.set(0);
          return handler.run(context);
        }

        @Override
        public void prepareToDestroy() {
          handler.prepareToDestroy();
        }

        @Override
        public void destroy() {
          handler.destroy();
        }

        @Override
        public void wakeup() {
          handler.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
          return handler.isCompatible(type);
        }
      };
    }
  }
}
