package io.handfast.proxy.crash.participation;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Where services ask whether to go on: what the test does meanwhile. Thread-safe. */
final class Stops implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Runnable> actions = new ConcurrentHashMap<>();

  Stops() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            Runnable action = actions.remove(exchange.getRequestURI().getPath().substring(1));
            if (action != null) {
              action.run();
            }
            exchange.sendResponseHeaders(200, -1);
          }
        });
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Sets what is done, once, when the service stops that has this key. */
  void when(String key, Runnable action) {
    actions.put(key, action);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
