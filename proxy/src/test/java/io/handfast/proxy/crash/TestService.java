package io.handfast.proxy.crash;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A service that knows nothing of transactions: {@code POST /KIND} reserves, {@code PUT
 * /KIND/KEY/confirm} and {@code PUT /KIND/KEY/cancel} complete. It lives in the test's own process
 * and so outlives every sidecar. Thread-safe.
 */
final class TestService implements AutoCloseable {
  private static final Pattern COMPLETION =
      Pattern.compile("/[a-z]+/(?:ticket-)?([A-Za-z0-9-]+?)/(confirm|cancel)");

  /** What it does beside reserving. Runs on the thread of the request. */
  interface Work {
    /**
     * Called when the order has been reserved.
     *
     * @return the status to answer with
     */
    int after(Order order, HttpExchange exchange) throws IOException, InterruptedException;
  }

  private final Books books = new Books();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Work work;

  private TestService(HttpServer server, Work work) {
    this.server = server;
    this.work = work;
  }

  static TestService start(Work work) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    TestService service = new TestService(server, work);
    server.setExecutor(service.threads);
    server.createContext("/", service::handle);
    server.start();
    return service;
  }

  int port() {
    return server.getAddress().getPort();
  }

  Books books() {
    return books;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      Matcher completion = COMPLETION.matcher(exchange.getRequestURI().getPath());
      switch (exchange.getRequestMethod()) {
        case "POST" -> reserve(Order.read(body), exchange);
        case "PUT" -> {
          if (completion.matches()) {
            complete(completion.group(1), completion.group(2), exchange);
          } else {
            answer(exchange, 404, "");
          }
        }
        default -> answer(exchange, 405, "");
      }
    }
  }

  private void reserve(Order order, HttpExchange exchange) throws IOException {
    if (!books.record(order.key(), Books.Step.TRY)) {
      answer(exchange, 409, "");
      return;
    }
    try {
      int status = work.after(order, exchange);
      answer(exchange, status, "{\"ticket\": \"ticket-%s\"}".formatted(order.key()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answer(exchange, 503, "");
    }
  }

  private void complete(String key, String step, HttpExchange exchange) throws IOException {
    boolean done =
        books.record(key, step.equals("confirm") ? Books.Step.CONFIRM : Books.Step.CANCEL);
    answer(exchange, done ? 204 : 409, "");
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    if (body.length > 0) {
      exchange.getResponseHeaders().set("content-type", "application/json");
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  /** The value of a header of the request. */
  static Optional<String> header(HttpExchange exchange, String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
