package io.handfast.k8s.controlplane;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * {@code /ready} and {@code /stats/prometheus} of a control plane, for probes and scrapers. Nothing
 * can be changed here. Thread-safe.
 */
public final class AdminServer implements AutoCloseable {
  private static final int BACKLOG = 64;
  private static final int OK = 200;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int UNAVAILABLE = 503;

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  private AdminServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Listens.
   *
   * @throws IOException if it cannot
   */
  public static AdminServer start(
      InetSocketAddress address, ControlPlane controlPlane, PrometheusMeterRegistry registry)
      throws IOException {
    AdminServer admin = new AdminServer(HttpServer.create(address, BACKLOG));
    admin.server.setExecutor(admin.executor);
    admin.serve("/ready", () -> ready(controlPlane));
    admin.serve("/stats/prometheus", () -> new Answer(OK, registry.scrape()));
    admin.server.start();
    return admin;
  }

  private record Answer(int status, String text) {}

  private static Answer ready(ControlPlane controlPlane) {
    var findings = controlPlane.findings();
    if (findings.snapshot().isEmpty()) {
      return new Answer(UNAVAILABLE, "nothing to serve (expected: a file with a resource)\n");
    }
    List<String> lines = new ArrayList<>(List.of("serving: " + findings.snapshot()));
    findings
        .refused()
        .forEach((file, errors) ->
            errors.forEach(error ->
                lines.add("refused, what it said before is served: " + file + ": " + error)));
    findings.warnings().forEach(warning -> lines.add("warning: " + warning));
    return new Answer(OK, String.join("\n", lines) + "\n");
  }

  private void serve(String path, Supplier<Answer> answer) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            send(
                exchange,
                exchange.getRequestMethod().equals("GET")
                    ? answer.get()
                    : new Answer(METHOD_NOT_ALLOWED, "method: use GET\n"));
          }
        });
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(answer.status(), body.length);
    exchange.getResponseBody().write(body);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
