package io.handfast.tx.grpc;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.EngineLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Listens for other sidecars. Thread-safe; handlers run on the transport's event loops and hand
 * everything to the {@link ControlHandler} at once.
 */
public final class ControlServer implements AutoCloseable {
  private final Server server;

  private ControlServer(Server server) {
    this.server = server;
  }

  /**
   * Binds the address and begins to answer: to be called when the store has been replayed, for
   * nothing may be answered before (T13).
   *
   * @param address port 0 takes a free one
   * @throws IOException with a sentence that names the address, if it cannot be bound
   */
  public static ControlServer start(
      InetSocketAddress address,
      ControlTransport transport,
      ControlHandler handler,
      EngineLoop loop)
      throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .channelType(transport.server())
            .bossEventLoopGroup(transport.loops())
            .workerEventLoopGroup(transport.loops())
            .directExecutor() // the service only hands over
            .maxInboundMessageSize(ControlLimits.MAX_MESSAGE_BYTES)
            .maxConcurrentCallsPerConnection(ControlLimits.MAX_CALLS_PER_CONNECTION)
            .permitKeepAliveWithoutCalls(true)
            .addService(new ControlService(handler, loop));
    transport
        .security()
        .ifPresent(security ->
            builder
                .sslContext(security.server())
                .addTransportFilter(new PeerNames.OnConnection())
                .intercept(new PeerNames.OnCall()));
    try {
      return new ControlServer(builder.build().start());
    } catch (IOException e) {
      throw new IOException(
          "control.address: cannot listen on %s: %s (expected: a free address of this host)"
              .formatted(
                  address, e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
          e);
    }
  }

  /** The port bound. */
  public int port() {
    return server.getPort();
  }

  /** Stops listening; calls under way are answered if they end within a second. */
  @Override
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
