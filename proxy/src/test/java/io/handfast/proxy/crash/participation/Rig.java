package io.handfast.proxy.crash.participation;

import io.handfast.proxy.crash.FreePorts;
import io.handfast.proxy.crash.SidecarJvm;
import io.handfast.proxy.crash.SidecarProcess;
import io.handfast.proxy.crash.Told;
import io.handfast.proxy.crash.participation.Ask.Conduct;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Two services, each with a sidecar and a database, all in processes of their own.
 *
 * <pre>
 *   client ─▶ front's sidecar ─▶ front ─▶ front's sidecar ─▶ relay ─▶ back's sidecar ─▶ back
 *                                  │                                                      │
 *                                  └─▶ front's sidecar ─▶ PostgreSQL ◀─ back's sidecar ◀──┘
 * </pre>
 */
final class Rig implements AutoCloseable {
  private static final Duration CLIENT_TIMEOUT = Duration.ofSeconds(40);
  private static final AtomicInteger WARM = new AtomicInteger();

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, String> names = new TreeMap<>();
  private final Map<Place, SidecarProcess> sidecars = new EnumMap<>(Place.class);
  private final Map<Place, ServiceProcess> services = new EnumMap<>(Place.class);
  private final Stops stops = new Stops();
  private PostgresServer database;
  private final Relay relay;

  /** The processes that each column has passed. */
  private final Map<Column, List<Long>> warm = new EnumMap<>(Column.class);

  /** Lays out a rig and starts its database; nothing else runs yet. */
  Rig(Path home, SidecarJvm jvm) throws IOException, InterruptedException {
    this(home, jvm, PostgresServer.start(home.resolve("postgres")));
  }

  /** The same, with a database that runs, and which ends with the rig. */
  Rig(Path home, SidecarJvm jvm, PostgresServer database) throws IOException {
    this.database = database;
    names.put("postgres", String.valueOf(database.port()));
    for (Place place : Place.values()) {
      for (String port :
          List.of("inbound", "outbound", "control", "admin", "service", "postgres")) {
        names.put(place.title() + "." + port, String.valueOf(FreePorts.next()));
      }
    }
    relay = Relay.start(port("back.inbound"));
    names.put("relay", String.valueOf(relay.port()));
    for (Place place : Place.values()) {
      lay(place, Files.createDirectories(home.resolve(place.title())), jvm);
    }
  }

  private void lay(Place place, Path home, SidecarJvm jvm) throws IOException {
    String name = place.title();
    String yaml;
    try (var template = Rig.class.getResourceAsStream(name + ".yaml")) {
      if (template == null) {
        throw new IOException(name + ".yaml: not among the test's resources");
      }
      yaml = new String(template.readAllBytes(), StandardCharsets.UTF_8);
    }
    for (Map.Entry<String, String> entry : names.entrySet()) {
      yaml = yaml.replace("${" + entry.getKey() + "}", entry.getValue());
    }
    Path config = Files.writeString(home.resolve("sidecar.yaml"), yaml);
    sidecars.put(
        place,
        new SidecarProcess(name, home, config, List.of(), port(name + ".admin"), jvm, client));
    List<String> arguments =
        List.of(
            place.name(),
            String.valueOf(port(name + ".service")),
            "jdbc:postgresql://127.0.0.1:%s/%s?user=%s&password=%s&socketTimeout=30&options=-c%%20lock_timeout=500"
                .formatted(
                    port(name + ".postgres"), name, PostgresServer.ROLE, PostgresServer.PASSWORD),
            "127.0.0.1:" + stops.port(),
            "127.0.0.1:" + port(name + ".outbound"));
    services.put(place, new ServiceProcess(home, port(name + ".service"), arguments));
  }

  private int port(String name) {
    String port = names.get(name);
    if (port == null) {
      throw new IllegalArgumentException(name + ": no such port");
    }
    return Integer.parseInt(port);
  }

  /** Starts what does not run; returns when all is ready. */
  void heal() throws IOException {
    start();
    for (Place place : Place.values()) {
      sidecar(place).restart();
    }
  }

  /** Starts what does not run; returns when services are ready, and sidecars may be never. */
  void start() throws IOException {
    database.start();
    for (Place place : Place.values()) {
      service(place).start();
      if (!sidecar(place).hasRun()) {
        sidecar(place).start();
      }
    }
    for (Place place : Place.values()) {
      service(place).awaitReady();
    }
  }

  /** A transaction of this column commits, unless one has since the last process was started. */
  void warmUp(Column column) {
    List<Long> running =
        Stream.of(Place.values())
            .flatMap(place -> Stream.of(sidecar(place).pid(), service(place).pid()))
            .toList();
    if (running.equals(warm.get(column))) {
      return;
    }
    Cell calm = new Cell(column, new Fault.Behaves(Place.FRONT, Conduct.OBEY), Cell.End.COMMITS);
    Told told = place(calm.patientRequest("warm-" + WARM.incrementAndGet())).join();
    if (!told.committed()) {
      throw new AssertionError(calm + ", and nothing was in its way: " + told + "\n" + lastWords());
    }
    Verdict.awaitRest(this);
    warm.put(column, running);
  }

  /** Changes what a sidecar is started with the next time. */
  void configure(Place place, UnaryOperator<String> change) throws IOException {
    Path config = sidecar(place).config();
    Files.writeString(config, change.apply(Files.readString(config)));
  }

  SidecarProcess sidecar(Place place) {
    SidecarProcess sidecar = sidecars.get(place);
    if (sidecar == null) {
      throw new IllegalArgumentException(place + ": no such sidecar");
    }
    return sidecar;
  }

  ServiceProcess service(Place place) {
    ServiceProcess service = services.get(place);
    if (service == null) {
      throw new IllegalArgumentException(place + ": no such service");
    }
    return service;
  }

  PostgresServer database() {
    return database;
  }

  /** Services and sidecars find another server where their database was. */
  void moved(PostgresServer other) {
    database = other;
  }

  Relay relay() {
    return relay;
  }

  Stops stops() {
    return stops;
  }

  /** Asks the front for something, as a client outside of the mesh. */
  CompletableFuture<Told> place(String pathAndQuery) {
    return send(pathAndQuery)
        .handle((answer, failure) ->
            answer == null ? Told.nothing(String.valueOf(failure)) : told(answer));
  }

  /** The same, and the whole answer. */
  CompletableFuture<HttpResponse<String>> send(String pathAndQuery) {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + port("front.inbound") + pathAndQuery))
            .timeout(CLIENT_TIMEOUT)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    return client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  /** What a sidecar's administration answers. */
  String administration(Place place, String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://" + sidecar(place).adminAddress() + path);
    return client
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static Told told(HttpResponse<String> answer) {
    return new Told(
        answer.statusCode(),
        answer.headers().firstValue("tx-outcome"),
        answer.headers().allValues("connection").contains("close"),
        answer.body());
  }

  /** The ends of all logs, for whoever has to find out what went wrong. */
  String lastWords() {
    List<String> words = new ArrayList<>();
    for (Place place : Place.values()) {
      words.add(sidecar(place).lastWords());
      words.add(service(place).lastWords());
    }
    return String.join("\n", words);
  }

  @Override
  public void close() throws IOException {
    Stream.of(Place.values()).map(this::sidecar).forEach(SidecarProcess::close);
    Stream.of(Place.values()).map(this::service).forEach(ServiceProcess::close);
    database.close();
    relay.close();
    stops.close();
    client.shutdownNow();
  }
}
