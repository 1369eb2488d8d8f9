package io.handfast.xds.stream;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** A gRPC server on a free port of the loopback, and an executor for a client of it. */
final class TestServer implements AutoCloseable {

  static final Node NODE = Node.newBuilder().setId("sidecar-1").setCluster("shop").build();

  private final Server server;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "xds-test"));

  TestServer(ServerBuilder<?> builder, List<BindableService> services) {
    services.forEach(builder::addService);
    try {
      this.server = builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getPort();
  }

  ClientRuntime runtime() {
    return new ClientRuntime(executor, System::nanoTime, new Random(1), StreamEvents.NONE);
  }

  @Override
  public void close() {
    server.shutdownNow();
    executor.shutdownNow();
  }
}
