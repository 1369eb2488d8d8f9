package io.handfast.proxy.xds;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A service that answers with its name. Thread-safe. */
final class NamedService implements AutoCloseable {
  private final HttpServer server;
  private final AtomicInteger held = new AtomicInteger();
  private volatile CompletableFuture<@Nullable Void> gate = CompletableFuture.completedFuture(null);
  private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();

  NamedService(String name) {
    this(name, null);
  }

  /**
   * @param tls spoken with clients; null: none
   */
  NamedService(String name, @Nullable SSLContext tls) {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try {
      if (tls == null) {
        server = HttpServer.create(any, 0);
      } else {
        HttpsServer secured = HttpsServer.create(any, 0);
        secured.setHttpsConfigurator(new HttpsConfigurator(tls));
        server = secured;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> answer(exchange, name));
    server.start();
  }

  /** Requests are taken and not answered until {@link #release}. */
  void hold() {
    gate = new CompletableFuture<>();
  }

  void release() {
    gate.complete(null);
  }

  /** How many requests are held. */
  int held() {
    return held.get();
  }

  private void answer(HttpExchange exchange, String name) throws IOException {
    held.incrementAndGet();
    gate.join();
    held.decrementAndGet();
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
