package io.handfast.proxy.agents;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * An ordinary service on the JDK's server and client, a virtual thread for each request: {@code
 * POST /WAY/PORT?key=K} calls that port in one of the ways that programs have, and answers with
 * what it was told. With {@code gate=G} it calls only after {@code POST /open?gate=G}. It knows
 * nothing of traces and transactions, and runs in a process of its own until its input ends.
 */
final class UnmodifiedHttpService {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final ExecutorService POOL = Executors.newFixedThreadPool(4);
  private static final ExecutorService VIRTUAL = Executors.newVirtualThreadPerTaskExecutor();
  private static final Map<String, CountDownLatch> GATES = new ConcurrentHashMap<>();
  private static final Map<String, String> SAID = new ConcurrentHashMap<>();

  private UnmodifiedHttpService() {}

  public static void main(String[] args) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(VIRTUAL);
    server.createContext("/", UnmodifiedHttpService::serve);
    server.createContext("/open", UnmodifiedHttpService::open);
    server.createContext("/said", UnmodifiedHttpService::said);
    server.start();
    System.out.println("port " + server.getAddress().getPort());
    System.in.transferTo(java.io.OutputStream.nullOutputStream());
    System.exit(0);
  }

  private static void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      String[] path = exchange.getRequestURI().getPath().split("/", -1);
      String query = exchange.getRequestURI().getQuery();
      String gate = parameter(query, "gate");
      if (!gate.isEmpty()) {
        CountDownLatch latch = new CountDownLatch(1);
        GATES.put(gate, latch);
        latch.await();
      }
      URI to = URI.create("http://127.0.0.1:" + path[2] + "/reserve?" + query);
      String said = call(path[1], to, exchange);
      SAID.put(parameter(query, "key"), said);
      answer(exchange, 200, said);
    } catch (Exception e) {
      answer(exchange, 500, e.toString());
    }
  }

  private static String call(String way, URI to, HttpExchange inbound) throws Exception {
    return switch (way.replaceFirst("^late-", "")) {
      case "handler" -> send(to);
      case "pool" -> POOL.submit(() -> send(to)).get();
      case "virtual" -> VIRTUAL.submit(() -> send(to)).get();
      case "fork-join" -> CompletableFuture.supplyAsync(() -> quietly(to)).get();
      case "async" ->
          CLIENT
              .sendAsync(request(to), HttpResponse.BodyHandlers.ofString())
              .thenApply(UnmodifiedHttpService::text)
              .get();
      case "url-connection" -> urlConnection(to);
      case "thread" -> inThread(to);
      case "trace-only" -> traceOnly(to, inbound.getRequestHeaders().getFirst("traceparent"));
      default -> throw new IllegalArgumentException(way);
    };
  }

  private static HttpRequest request(URI to) {
    return HttpRequest.newBuilder(to).POST(HttpRequest.BodyPublishers.ofString("{}")).build();
  }

  private static String send(URI to) throws IOException, InterruptedException {
    return text(CLIENT.send(request(to), HttpResponse.BodyHandlers.ofString()));
  }

  private static String quietly(URI to) {
    try {
      return send(to);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(HttpResponse<String> answer) {
    return answer.statusCode() + " " + answer.body();
  }

  private static String urlConnection(URI to) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) to.toURL().openConnection();
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    connection.getOutputStream().write('{');
    int status = connection.getResponseCode();
    InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    return status + " " + new String(body.readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Nothing follows the request into a thread that is begun by hand. */
  private static String inThread(URI to) throws Exception {
    CompletableFuture<String> said = new CompletableFuture<>();
    new Thread(() -> said.complete(quietly(to))).start();
    return said.get(20, TimeUnit.SECONDS);
  }

  /** A client that no agent knows, by which the service passes on what it takes for enough. */
  private static String traceOnly(URI to, String traceparent) throws IOException {
    try (Socket socket = new Socket(to.getHost(), to.getPort())) {
      String lines =
          """
          POST %s?%s HTTP/1.1
          host: x
          traceparent: %s
          content-length: 0
          connection: close

          """
              .formatted(to.getPath(), to.getQuery(), traceparent);
      socket
          .getOutputStream()
          .write(lines.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return answer.substring(9, 12) + " " + answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
  }

  /** 404 until somebody waits at the gate. */
  private static void open(HttpExchange exchange) throws IOException {
    try (exchange) {
      String query = exchange.getRequestURI().getQuery();
      CountDownLatch gate = GATES.get(parameter(query, "gate"));
      if (gate != null && exchange.getRequestMethod().equals("POST")) {
        gate.countDown();
      }
      answer(exchange, gate == null ? 404 : 200, "");
    }
  }

  /** What it was told when it called for that key. */
  private static void said(HttpExchange exchange) throws IOException {
    try (exchange) {
      String said = SAID.get(parameter(exchange.getRequestURI().getQuery(), "key"));
      answer(exchange, said == null ? 404 : 200, said == null ? "" : said);
    }
  }

  private static String parameter(String query, String name) {
    for (String each : query.split("&", -1)) {
      if (each.startsWith(name + "=")) {
        return each.substring(name.length() + 1);
      }
    }
    return "";
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
