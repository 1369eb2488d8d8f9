package io.handfast.proxy.admin.csds;

import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.handfast.proxy.runtime.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of gRPC's own, reached inside of this process only: whoever has a connection that speaks
 * HTTP/2 relays its bytes. It is started, with the thread that it runs on, when the first comes.
 * Bounds: {@link #MAX_CALLS} at a time and {@link #MAX_REQUEST_BYTES} a request per connection.
 *
 * <p>Thread-safe.
 */
public final class GrpcDoor implements AutoCloseable {

  static final int MAX_CALLS = 16;
  static final int MAX_REQUEST_BYTES = 64 << 10;

  private static final int MAX_HEADER_BYTES = 16 << 10;
  private static final Duration CLOSE = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(GrpcDoor.class);

  private final Supplier<ClientConfig> status;
  private @Nullable Running running;
  private boolean closed;

  private record Running(EventLoopGroup loop, LocalAddress address, Server server) {}

  /**
   * @param status what is shown; must not block
   */
  public GrpcDoor(Supplier<ClientConfig> status) {
    this.status = status;
  }

  /**
   * Connects a client to the server; what it sends is read when that is done. Both ends close
   * together.
   */
  void open(Channel client, Runnable connected) {
    Running server;
    try {
      server = running();
    } catch (RuntimeException e) {
      LOG.warn("client status discovery cannot be served: {}", e.toString());
      client.close();
      return;
    }
    ChannelFuture inside =
        new Bootstrap()
            .group(server.loop())
            .channel(LocalChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .handler(new Relay(client))
            .connect(server.address());
    inside.addListener(done ->
        client
            .eventLoop()
            .execute(() -> {
              if (!done.isSuccess()) {
                client.close();
                return;
              }
              client.pipeline().addLast(new Relay(inside.channel()));
              connected.run();
              inside.channel().config().setAutoRead(true);
            }));
  }

  private synchronized Running running() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    Running known = running;
    if (known != null) {
      return known;
    }
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("handfast-csds", true), LocalIoHandler.newFactory());
    LocalAddress address = new LocalAddress(GrpcDoor.class);
    try {
      Server server =
          NettyServerBuilder.forAddress(address)
              .channelType(LocalServerChannel.class)
              .bossEventLoopGroup(loop)
              .workerEventLoopGroup(loop)
              .withChildOption(ChannelOption.SO_KEEPALIVE, null) // there is no socket
              .directExecutor() // a service only copies what others have written down
              .maxConcurrentCallsPerConnection(MAX_CALLS)
              .maxInboundMessageSize(MAX_REQUEST_BYTES)
              .maxInboundMetadataSize(MAX_HEADER_BYTES)
              .addService(new StatusService(status))
              .build()
              .start();
      Running fresh = new Running(loop, address, server);
      running = fresh;
      return fresh;
    } catch (IOException e) {
      EventLoops.end(loop, CLOSE);
      throw new UncheckedIOException(e);
    }
  }

  /** Ends all calls at once. */
  @Override
  public synchronized void close() {
    closed = true;
    if (running != null) {
      running.server().shutdownNow();
      EventLoops.end(running.loop(), CLOSE).awaitUninterruptibly(CLOSE.toMillis());
      running = null;
    }
  }
}
