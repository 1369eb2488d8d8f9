package io.handfast.example.bank.grpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A service of gRPC on the loopback address, with a pool of threads: its methods may block. */
public final class GrpcServer implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 64 * 1024;

  private final Server server;
  private final ExecutorService threads;

  private GrpcServer(Server server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /** Starts to serve; port 0 takes a free one. */
  public static GrpcServer start(int port, BindableService service) throws IOException {
    ExecutorService threads = Executors.newCachedThreadPool();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .executor(threads)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .addService(ServerInterceptors.intercept(service, CallMetadata.reader()))
            .build();
    try {
      server.start();
    } catch (IOException e) {
      threads.shutdownNow();
      throw e;
    }
    return new GrpcServer(server, threads);
  }

  public int port() {
    return server.getPort();
  }

  /** Stops at once; calls that are being served are cut off. */
  @Override
  public void close() {
    server.shutdownNow();
    threads.shutdownNow();
  }
}
