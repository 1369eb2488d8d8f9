package io.handfast.proxy.admin;

import io.handfast.proxy.admin.csds.GrpcDoor;
import io.handfast.proxy.admin.csds.PrefaceSniffer;
import io.handfast.proxy.config.AdminConfig;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The administration server. Bounds: {@link #MAX_CONNECTIONS}, 8 KiB of request line, 16 KiB of
 * headers, 64 KiB of body, one request at a time per connection, a minute without a word. What
 * begins with HTTP/2's preface is gRPC: client status discovery.
 *
 * <p>Thread-safe. Its loop is the caller's and is not closed with it.
 */
public final class AdminServer implements AutoCloseable {

  /** Connections at one time; further ones are closed at once. */
  static final int MAX_CONNECTIONS = 128;

  private static final int MAX_LINE_BYTES = 8 << 10;
  private static final int MAX_HEADER_BYTES = 16 << 10;
  private static final int MAX_BODY_BYTES = 64 << 10;
  private static final Duration IDLE = Duration.ofMinutes(1);

  private final Channel server;
  private final ChannelGroup connections;
  private final GrpcDoor grpc;

  private AdminServer(Channel server, ChannelGroup connections, GrpcDoor grpc) {
    this.server = server;
    this.connections = connections;
    this.grpc = grpc;
  }

  /**
   * Binds the address and serves.
   *
   * @param config where; port 0 takes a free one
   * @param sources what is shown
   * @param loop whose only user need not be this server
   * @param channelType of the loop
   * @throws IOException if the address cannot be bound; the message names it
   */
  public static AdminServer start(
      AdminConfig config,
      AdminSources sources,
      EventLoopGroup loop,
      Class<? extends ServerSocketChannel> channelType)
      throws IOException {
    String host = config.address().host();
    int port = config.address().port();
    AdminRouter router = new AdminRouter(AdminEndpoints.all(sources));
    GrpcDoor grpc = new GrpcDoor(sources.clientStatus());
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channel(channelType)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(new Initializer(router, connections, host, grpc));
    var bound = bootstrap.bind(new InetSocketAddress(host, port)).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "admin.address: cannot bind " + host + ":" + port + ": " + bound.cause().getMessage(),
          bound.cause());
    }
    return new AdminServer(bound.channel(), connections, grpc);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  /** Closes the listener and all connections. */
  @Override
  public void close() {
    server.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
    grpc.close();
  }

  private static final class Initializer extends ChannelInitializer<Channel> {
    private final AdminRouter router;
    private final ChannelGroup connections;
    private final String configuredHost;
    private final GrpcDoor grpc;

    Initializer(
        AdminRouter router, ChannelGroup connections, String configuredHost, GrpcDoor grpc) {
      this.grpc = grpc;
      this.router = router;
      this.connections = connections;
      this.configuredHost = configuredHost;
    }

    @Override
    protected void initChannel(Channel channel) {
      if (connections.size() >= MAX_CONNECTIONS) {
        channel.close();
        return;
      }
      connections.add(channel);
      channel
          .pipeline()
          .addLast(new IdleStateHandler(0, 0, IDLE.toSeconds(), TimeUnit.SECONDS))
          .addLast(new PrefaceSniffer(this::http1, grpc));
    }

    private void http1(ChannelPipeline pipeline) {
      HttpDecoderConfig limits =
          new HttpDecoderConfig()
              .setMaxInitialLineLength(MAX_LINE_BYTES)
              .setMaxHeaderSize(MAX_HEADER_BYTES);
      pipeline
          .addLast(new HttpServerCodec(limits))
          .addLast(new HttpServerKeepAliveHandler())
          .addLast(new HttpObjectAggregator(MAX_BODY_BYTES))
          .addLast(new AdminHandler(router, configuredHost));
    }
  }
}
