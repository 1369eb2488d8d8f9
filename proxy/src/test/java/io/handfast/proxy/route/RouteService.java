package io.handfast.proxy.route;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Answers with its name and what it was asked: method, authority, target, and fields but those that
 * every request has. A request's {@code x-answer: name=value; …} becomes fields of the response.
 */
final class RouteService implements AutoCloseable {
  private static final Set<String> OF_EVERY_REQUEST =
      Set.of(
          "host",
          "content-length",
          "content-type",
          "transfer-encoding",
          "x-answer",
          "x-forwarded-proto",
          "x-envoy-expected-rq-timeout-ms",
          "x-handfast-hops");

  private final String name;
  private final HttpServer server;

  RouteService(String name) throws IOException {
    this.name = name;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    StringBuilder seen =
        new StringBuilder(name)
            .append(' ')
            .append(exchange.getRequestMethod())
            .append(' ')
            .append(exchange.getRequestHeaders().getFirst("host"))
            .append(' ')
            .append(exchange.getRequestURI());
    Map<String, List<String>> fields = new TreeMap<>();
    exchange
        .getRequestHeaders()
        .forEach((field, values) -> fields.put(field.toLowerCase(Locale.ROOT), values));
    String answer = exchange.getRequestHeaders().getFirst("x-answer");
    fields.keySet().removeAll(OF_EVERY_REQUEST);
    fields.forEach((field, values) ->
        values.forEach(value -> seen.append(" | ").append(field).append(": ").append(value)));
    if (answer != null) {
      for (String field : answer.split("; ", -1)) {
        String[] pair = field.split("=", 2);
        exchange.getResponseHeaders().add(pair[0], pair[1]);
      }
    }
    byte[] body = seen.toString().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
