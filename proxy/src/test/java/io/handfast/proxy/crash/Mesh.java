package io.handfast.proxy.crash;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;

/**
 * Two services with a sidecar each: the front, where transactions begin, calls the back.
 *
 * <pre>
 *   client ─▶ front's sidecar ─▶ front ─▶ front's sidecar ─▶ back's sidecar ─▶ back
 * </pre>
 */
final class Mesh implements AutoCloseable {
  /** What an OpenTelemetry-instrumented service carries from its request to its calls. */
  private static final List<String> PROPAGATED = List.of("traceparent", "tracestate", "baggage");

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, String> names = new HashMap<>();
  private final UnaryOperator<String> layout;
  private final List<String> options;
  private final TestService front;
  private final TestService back;
  private final SidecarProcess frontSidecar;
  private final SidecarProcess backSidecar;
  private volatile Runnable whenCalled = () -> {};
  private volatile Runnable whenReserved = () -> {};

  /** Lays out a mesh; nothing but its services runs yet. */
  Mesh(Path directory, SidecarJvm frontJvm, SidecarJvm backJvm) throws IOException {
    this(directory, frontJvm, backJvm, UnaryOperator.identity(), List.of());
  }

  /**
   * A mesh whose sidecars are started in another way.
   *
   * @param layout makes the file that a sidecar is started with of what it is configured with
   * @param options of the command line
   */
  Mesh(
      Path directory,
      SidecarJvm frontJvm,
      SidecarJvm backJvm,
      UnaryOperator<String> layout,
      List<String> options)
      throws IOException {
    this.layout = layout;
    this.options = options;
    front = TestService.start(this::callBack);
    back = TestService.start(this::serveBack);
    for (String port :
        List.of(
            "front.inbound",
            "front.outbound",
            "front.control",
            "front.admin",
            "back.inbound",
            "back.control",
            "back.admin")) {
      names.put(port, String.valueOf(FreePorts.next()));
    }
    names.put("front.service", String.valueOf(front.port()));
    names.put("back.service", String.valueOf(back.port()));
    frontSidecar = layOut("front", directory, frontJvm);
    backSidecar = layOut("back", directory, backJvm);
  }

  private SidecarProcess layOut(String name, Path directory, SidecarJvm jvm) throws IOException {
    Path home = Files.createDirectories(directory.resolve(name));
    String yaml;
    try (var template = Mesh.class.getResourceAsStream(name + ".yaml")) {
      if (template == null) {
        throw new IOException(name + ".yaml: not among the test's resources");
      }
      yaml = new String(template.readAllBytes(), StandardCharsets.UTF_8);
    }
    for (Map.Entry<String, String> entry : names.entrySet()) {
      yaml = yaml.replace("${" + entry.getKey() + "}", entry.getValue());
    }
    Path config = Files.writeString(home.resolve("sidecar.yaml"), layout.apply(yaml));
    return new SidecarProcess(name, home, config, options, port(name + ".admin"), jvm, client);
  }

  private int port(String name) {
    String port = names.get(name);
    if (port == null) {
      throw new IllegalArgumentException(name + ": no such port");
    }
    return Integer.parseInt(port);
  }

  void start() throws IOException {
    frontSidecar.start();
    backSidecar.start();
    frontSidecar.awaitReady();
    backSidecar.awaitReady();
  }

  SidecarProcess frontSidecar() {
    return frontSidecar;
  }

  SidecarProcess backSidecar() {
    return backSidecar;
  }

  Books front() {
    return front.books();
  }

  Books back() {
    return back.books();
  }

  /** Sets what happens once, when the back has answered and the front has not yet. */
  void whenCalled(Runnable action) {
    whenCalled = action;
  }

  /** Sets what happens once, when the back has reserved and has not answered yet. */
  void whenReserved(Runnable action) {
    whenReserved = action;
  }

  /** Places an order with the front, as a client outside of the mesh. */
  Future<Told> place(Order order) {
    return clients.submit(() -> send(order));
  }

  private Told send(Order order) throws InterruptedException {
    try {
      HttpResponse<String> answer =
          client.send(
              post(port("front.inbound"), "/orders", order).build(),
              HttpResponse.BodyHandlers.ofString());
      HttpHeaders headers = answer.headers();
      return new Told(
          answer.statusCode(),
          headers.firstValue("tx-outcome"),
          headers.allValues("connection").contains("close"),
          answer.body());
    } catch (IOException e) {
      return Told.nothing(e.toString());
    }
  }

  private int serveBack(Order order, HttpExchange exchange) {
    Runnable action = whenReserved;
    whenReserved = () -> {};
    action.run();
    return status(order.back());
  }

  private int callBack(Order order, HttpExchange exchange)
      throws IOException, InterruptedException {
    HttpRequest.Builder call = post(port("front.outbound"), order.kind().path(), order);
    for (String name : PROPAGATED) {
      TestService.header(exchange, name).ifPresent(value -> call.header(name, value));
    }
    int status;
    try {
      status = client.send(call.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 502;
    }
    Runnable action = whenCalled;
    whenCalled = () -> {};
    action.run();
    return status == 200 ? status(order.front()) : 502;
  }

  private static int status(Order.Conduct conduct) {
    return switch (conduct) {
      case OBEY -> 200;
      case FAIL -> 500;
    };
  }

  private static HttpRequest.Builder post(int port, String path, Order order) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(CALL_TIMEOUT)
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(order.toJson()));
  }

  @Override
  public void close() {
    frontSidecar.close();
    backSidecar.close();
    front.close();
    back.close();
    clients.shutdownNow();
    client.shutdownNow();
  }
}
