import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The run from which the JVM learns what a sidecar does, so that the next ones start sooner (JEP 483, 514, 515): starts
 * a sidecar, lets requests, transactions and changes of its configuration through it, and stops it, upon which the JVM
 * writes its cache.
 *
 * <p>{@code java AotTraining.java CONFIG CACHE COMMAND…}: CONFIG is a template with ${ports} and ${directory}, COMMAND
 * runs a sidecar up to its {@code -c}. The launcher runs it as a source file; exit status 1 means that there is no cache.
 */
final class AotTraining {
  private static final Duration ANSWERED = Duration.ofSeconds(20);
  private static final Duration READY = Duration.ofSeconds(60);
  private static final Duration WRITTEN = Duration.ofSeconds(120);
  private static final int ROUNDS = 40;
  private static final int CLUSTERS = 50;
  private static final int ENDPOINTS = 10;
  private static final int RECONFIGURED = 4; // every so many rounds: what is YAML costs more than what it trains
  private static final List<String> CARRIED = List.of("traceparent", "tracestate", "baggage");
  private static final List<String> ADMIN =
      List.of("/ready", "/stats", "/stats/prometheus", "/clusters", "/listeners", "/config_dump", "/transactions");

  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int inbound = freePort();
  private final int outbound = freePort();
  private final int admin = freePort();
  private final int control = freePort();
  private final int sql = freePort();
  private final TrainingPostgres postgres = new TrainingPostgres();
  private volatile Process sidecar;

  private AotTraining() throws IOException {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("handfast-training-");
    AotTraining training = new AotTraining();
    // Also upon Ctrl-C.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> training.cleanUp(directory)));
    List<String> command = List.of(args).subList(2, args.length);
    boolean done = false;
    try {
      done = training.run(directory, Path.of(args[0]), command) && Files.isRegularFile(Path.of(args[1]));
    } catch (IOException | RuntimeException e) {
      e.printStackTrace();
    }
    // The threads of the service would keep this alive.
    System.exit(done ? 0 : 1);
  }

  private void cleanUp(Path directory) {
    Process running = sidecar;
    if (running != null) {
      running.descendants().forEach(ProcessHandle::destroyForcibly);
      running.destroyForcibly();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      System.err.println("Left behind: " + directory + " (" + e.getMessage() + ")");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean run(Path directory, Path template, List<String> command) throws IOException, InterruptedException {
    HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    service.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    service.createContext("/", this::serve);
    service.start();
    String config =
        Files.readString(template)
            .replace("${inbound}", String.valueOf(inbound))
            .replace("${outbound}", String.valueOf(outbound))
            .replace("${admin}", String.valueOf(admin))
            .replace("${control}", String.valueOf(control))
            .replace("${sql}", String.valueOf(sql))
            .replace("${postgres}", String.valueOf(postgres.port()))
            .replace("${service}", String.valueOf(service.getAddress().getPort()))
            .replace("${directory}", directory.toString());
    discover(directory, 0);
    List<String> whole = new ArrayList<>(command);
    whole.add(Files.writeString(directory.resolve("training.yaml"), config).toString());
    sidecar = new ProcessBuilder(whole).inheritIO().start();
    if (!awaitReady() || !exercise(directory)) {
      return false;
    }
    sidecar.destroy();
    return sidecar.waitFor(WRITTEN.toSeconds(), TimeUnit.SECONDS);
  }

  private boolean awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + READY.toNanos();
    while (sidecar.isAlive() && System.nanoTime() < deadline) {
      try {
        if (get(admin, "/ready").statusCode() == 200) {
          return true;
        }
      } catch (IOException notYet) {
        Thread.sleep(20);
      }
    }
    return false;
  }

  /** Transactions that commit and some that abort, plain requests, refusals, and what operators ask. */
  private boolean exercise(Path directory) throws IOException, InterruptedException {
    boolean committed = true;
    for (int i = 0; i < ROUNDS; i++) {
      HttpResponse<String> response = post(inbound, "/outer", "{\"id\": \"" + i + "\"}", List.of());
      committed &= response.headers().firstValue("tx-outcome").orElse("").equals("committed");
      get(inbound, "/items/" + i);
      get(inbound, "/nowhere");
      post(inbound, "/outer", "{\"id\": \"fails\"}", List.of());
      post(inbound, "/inner", "", List.of()); // no transaction: refused
      get(admin, ADMIN.get(i % ADMIN.size()));
      if (i % RECONFIGURED == 0) {
        discover(directory, i + 1);
      }
    }
    return committed;
  }

  /** What a control plane would send: clusters with endpoints, of which some change each time, and one cluster. */
  private static void discover(Path directory, int round) throws IOException {
    StringBuilder clusters = new StringBuilder("resources:\n");
    StringBuilder endpoints = new StringBuilder("resources:\n");
    for (int i = 0; i < CLUSTERS; i++) {
      clusters.append(
          """
          - {"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: c%d, type: EDS, connect_timeout: %ds,
             eds_cluster_config: {eds_config: {path_config_source: {path: "%s"}}}}
          """
              .formatted(i, i == round ? 2 : 1, directory.resolve("endpoints.yaml")));
      endpoints.append(
          """
          - {"@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment, cluster_name: c%d, endpoints: [{lb_endpoints: [
          """
              .formatted(i));
      for (int k = 0; k < ENDPOINTS; k++) {
        endpoints.append(
            "{endpoint: {address: {socket_address: {address: 127.0.%d.%d, port_value: %d}}}},\n"
                .formatted(i, k + 1, 10_000 + round * (i % 2)));
      }
      endpoints.append("]}]}\n");
    }
    replace(directory.resolve("endpoints.yaml"), endpoints);
    replace(directory.resolve("clusters.yaml"), clusters);
  }

  /** In one step: the sidecar may be reading. */
  private static void replace(Path file, CharSequence text) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.move(Files.writeString(next, text), file, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * The service beside the sidecar: {@code /outer} calls {@code /rows}, which writes by SQL, and {@code /inner}, both by the
   * sidecar, which is thus on both sides.
   */
  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes());
      int status = body.contains("fails") ? 422 : 200;
      if (exchange.getRequestURI().getPath().equals("/outer")) {
        List<String> headers = new ArrayList<>();
        CARRIED.forEach(name ->
            exchange.getRequestHeaders().getOrDefault(name, List.of()).forEach(value ->
                headers.addAll(List.of(name, value))));
        status = Math.max(status, post(outbound, "/rows", body, headers).statusCode());
        status = Math.max(status, post(outbound, "/inner", body, headers).statusCode());
      } else if (exchange.getRequestURI().getPath().equals("/rows")) {
        status = 200;
        String state = exchange.getRequestHeaders().getFirst("tracestate");
        String comment = "/*tracestate='" + URLEncoder.encode(state, StandardCharsets.UTF_8) + "'*/";
        TrainingPostgres.write(sql, comment, body.length() % 2 == 0);
      }
      exchange.sendResponseHeaders(status, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(uri(port, path)).timeout(ANSWERED).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(int port, String path, String body, List<String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(port, path)).timeout(ANSWERED).POST(BodyPublishers.ofString(body));
    for (int i = 0; i < headers.size(); i += 2) {
      request.header(headers.get(i), headers.get(i + 1));
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }
}
