package io.handfast.proxy.crash;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Three services with a sidecar each: the front, where transactions begin, calls the back and the
 * side at the same time.
 *
 * <pre>
 *                                            ┌▶ back's sidecar ─▶ back
 *   client ─▶ front's sidecar ─▶ front ─▶ ───┤
 *                                            └▶ side's sidecar ─▶ side
 * </pre>
 *
 * <p>Laid out from the files of {@link Mesh}; the side is another back.
 */
final class Town implements AutoCloseable {
  /** The services, by the names that their sidecars have. */
  enum Place {
    FRONT,
    BACK,
    SIDE;

    String title() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final List<String> PROPAGATED = List.of("traceparent", "tracestate", "baggage");
  private static final List<String> PORTS = List.of("inbound", "outbound", "control", "admin");
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
  private static final String TO_BACK = "              - match: { prefix: / }\n";
  private static final String TO_SIDE =
      "              - { match: { path: /seats }, route: { cluster: side, timeout: 4s } }\n";
  private static final String CLUSTER_BACK = "  - name: back\n    type: STATIC\n";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<Place, TestService> services = new TreeMap<>();
  private final Map<Place, SidecarProcess> sidecars = new TreeMap<>();
  private final Map<String, String> ports = new TreeMap<>();

  /** Lays out a town; nothing but its services runs yet. */
  Town(Path directory, SidecarJvm jvm) throws IOException {
    services.put(Place.FRONT, TestService.start(this::callBoth));
    services.put(Place.BACK, TestService.start((order, exchange) -> status(order.back())));
    services.put(Place.SIDE, TestService.start((order, exchange) -> 200));
    for (Place place : Place.values()) {
      for (String port : PORTS) {
        ports.put(place.title() + "." + port, String.valueOf(FreePorts.next()));
      }
      ports.put(place.title() + ".service", String.valueOf(service(place).port()));
    }
    String back = template("back");
    String front = template("front");
    int cluster = front.indexOf(CLUSTER_BACK);
    if (cluster < 0 || !front.contains(TO_BACK)) {
      throw new IOException("front.yaml: a route and a cluster of the back are expected");
    }
    String toSide = side(front.substring(cluster));
    lay(directory, jvm, Place.FRONT, front.replace(TO_BACK, TO_SIDE + TO_BACK) + toSide);
    lay(directory, jvm, Place.BACK, back);
    lay(directory, jvm, Place.SIDE, side(back));
  }

  private static String template(String name) throws IOException {
    try (var template = Town.class.getResourceAsStream(name + ".yaml")) {
      if (template == null) {
        throw new IOException(name + ".yaml: not among the test's resources");
      }
      return new String(template.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** What is said of the back, of the side. */
  private static String side(String yaml) {
    return yaml.replaceAll("\\bback\\b", "side");
  }

  private void lay(Path directory, SidecarJvm jvm, Place place, String template)
      throws IOException {
    String yaml = template;
    for (Map.Entry<String, String> port : ports.entrySet()) {
      yaml = yaml.replace("${" + port.getKey() + "}", port.getValue());
    }
    String name = place.title();
    Path home = Files.createDirectories(directory.resolve(name));
    Path config = Files.writeString(home.resolve("sidecar.yaml"), yaml);
    sidecars.put(
        place,
        new SidecarProcess(name, home, config, List.of(), port(name + ".admin"), jvm, client));
  }

  private int port(String name) {
    String port = ports.get(name);
    if (port == null) {
      throw new IllegalArgumentException(name + ": no such port");
    }
    return Integer.parseInt(port);
  }

  void start() throws IOException {
    for (SidecarProcess sidecar : sidecars.values()) {
      sidecar.start();
    }
    sidecars.values().forEach(SidecarProcess::awaitReady);
  }

  SidecarProcess sidecar(Place place) {
    SidecarProcess sidecar = sidecars.get(place);
    if (sidecar == null) {
      throw new IllegalArgumentException(place + ": no such sidecar");
    }
    return sidecar;
  }

  private TestService service(Place place) {
    TestService service = services.get(place);
    if (service == null) {
      throw new IllegalArgumentException(place + ": no such service");
    }
    return service;
  }

  Books books(Place place) {
    return service(place).books();
  }

  /** Places an order with the front, as a client outside of the mesh; returns what it is told. */
  Told place(Order order) throws InterruptedException {
    try {
      HttpResponse<String> answer =
          client.send(
              post("front.inbound", "/orders", order).build(),
              HttpResponse.BodyHandlers.ofString());
      return new Told(
          answer.statusCode(), answer.headers().firstValue("tx-outcome"), false, answer.body());
    } catch (IOException e) {
      return Told.nothing(e.toString());
    }
  }

  private int callBoth(Order order, HttpExchange exchange) {
    CompletableFuture<Integer> back = call(order.kind().path(), order, exchange);
    CompletableFuture<Integer> side = call(Order.Kind.SEATS.path(), order, exchange);
    int backs = answered(back);
    int sides = answered(side);
    return backs == 200 && sides == 200 ? status(order.front()) : 502;
  }

  private CompletableFuture<Integer> call(String path, Order order, HttpExchange exchange) {
    HttpRequest.Builder call = post("front.outbound", path, order);
    for (String name : PROPAGATED) {
      TestService.header(exchange, name).ifPresent(value -> call.header(name, value));
    }
    return client
        .sendAsync(call.build(), HttpResponse.BodyHandlers.discarding())
        .thenApply(HttpResponse::statusCode);
  }

  private static int answered(CompletableFuture<Integer> call) {
    try {
      return call.join();
    } catch (CompletionException e) {
      return 502; // its connection broke
    }
  }

  private static int status(Order.Conduct conduct) {
    return switch (conduct) {
      case OBEY -> 200;
      case FAIL -> 500;
    };
  }

  private HttpRequest.Builder post(String port, String path, Order order) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(port) + path))
        .timeout(CALL_TIMEOUT)
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(order.toJson()));
  }

  /** The ends of all logs, for whoever has to find out what went wrong. */
  String lastWords() {
    return String.join("\n", sidecars.values().stream().map(SidecarProcess::lastWords).toList());
  }

  @Override
  public void close() {
    sidecars.values().forEach(SidecarProcess::close);
    services.values().forEach(TestService::close);
    client.shutdownNow();
  }
}
