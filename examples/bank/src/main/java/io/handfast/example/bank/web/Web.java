package io.handfast.example.bank.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's HTTP server on the loopback address, with a pool of threads. Every service also answers
 * {@code GET /health}.
 */
public final class Web implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Web.class.getName());
  private static final int MAX_BODY_BYTES = 64 * 1024;
  private static final int BACKLOG = 256;

  static {
    // The server writes head and body apart; without this Nagle's algorithm waits 40 ms between.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final ExecutorService threads;
  private final Router router;
  private final Runnable onClose;

  private Web(HttpServer server, ExecutorService threads, Router router, Runnable onClose) {
    this.server = server;
    this.threads = threads;
    this.router = router;
    this.onClose = onClose;
  }

  /**
   * Starts to serve; port 0 takes a free one.
   *
   * @param onClose gives back what the handlers use
   */
  public static Web start(int port, Router router, Runnable onClose) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    HttpServer server = HttpServer.create(address, BACKLOG);
    ExecutorService threads = Executors.newCachedThreadPool();
    Web web =
        new Web(
            server,
            threads,
            router.on("GET", "/health", call -> Answer.ok(Map.of("up", true))),
            onClose);
    server.setExecutor(threads);
    server.createContext("/", web::serve);
    server.start();
    return web;
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** Stops at once; requests that are being served are cut off. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    onClose.run();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      write(exchange, answer(exchange));
    }
  }

  private Answer answer(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    URI uri = exchange.getRequestURI();
    try {
      String body = readBody(exchange.getRequestBody());
      Router.Match match = router.match(method, uri.getRawPath());
      Call call = new Call(match.path(), query(uri.getRawQuery()), headers(exchange), body);
      return match.handler().handle(call);
    } catch (Problem problem) {
      return Answer.problem(problem);
    } catch (SQLException e) {
      LOG.log(Level.WARNING, () -> method + " " + uri + ": " + e.getMessage());
      return failed(503, "Database Unavailable", "the database did not answer; try again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed(503, "Stopping", "this service is being stopped");
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, e, () -> method + " " + uri);
      return failed(500, "Internal Server Error", "see the service's log");
    }
  }

  private static Answer failed(int status, String title, String detail) {
    return Answer.problem(new Problem(status, title, detail));
  }

  private static String readBody(InputStream in) throws IOException {
    byte[] body = in.readNBytes(MAX_BODY_BYTES + 1);
    if (body.length > MAX_BODY_BYTES) {
      throw new Problem(413, "Content Too Large", "body: more than " + MAX_BODY_BYTES + " bytes");
    }
    return new String(body, StandardCharsets.UTF_8);
  }

  private static Map<String, String> query(@Nullable String raw) {
    Map<String, String> parameters = new HashMap<>();
    if (raw == null) {
      return parameters;
    }
    for (String pair : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        parameters.put(
            Router.decode(pair.substring(0, equals)), Router.decode(pair.substring(equals + 1)));
      }
    }
    return parameters;
  }

  private static Map<String, List<String>> headers(HttpExchange exchange) {
    Map<String, List<String>> headers = new HashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
    return headers;
  }

  private static void write(HttpExchange exchange, Answer answer) throws IOException {
    exchange.getResponseHeaders().set("content-type", "application/json");
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    if (answer.body() == null) {
      exchange.getResponseHeaders().remove("content-type");
      exchange.sendResponseHeaders(answer.status(), -1);
      return;
    }
    byte[] bytes = json(answer.body());
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(answer.status(), head ? -1 : bytes.length);
    if (!head) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    }
  }

  private static byte[] json(Object body) {
    try {
      return Call.JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write " + body.getClass() + " as JSON", e);
    }
  }
}
