package io.handfast.proxy.xds;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/** A service that answers with its name. Thread-safe. */
final class NamedService implements AutoCloseable {
  private final HttpServer server;
  private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();

  NamedService(String name) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> answer(exchange, name));
    server.start();
  }

  private void answer(HttpExchange exchange, String name) throws IOException {
    clients.add(exchange.getRemoteAddress());
    byte[] body = name.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** How many connections it was asked on. */
  int connections() {
    return clients.size();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
