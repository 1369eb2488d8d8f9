package io.handfast.benchmarks.xds;

import com.google.protobuf.Message;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/**
 * A control plane that does what it reads from its input, a line each, and answers each with a line
 * of JSON: {@code ControlPlaneMain CLUSTERS ENDPOINTS LISTENER_PORT}. First it says where it
 * listens.
 *
 * <pre>
 * load N              there are N clusters; how long until the last one answers
 * put N               the same without waiting, for a client that has not come yet
 * first               when the last cluster answers, by the clock of the system
 * endpoint COUNT      one endpoint changes, so often; how long each takes until it answers
 * churn RATE SECONDS  so many changes a second: endpoints, and now and then a route or a cluster
 * rehearse RATE SECONDS  the same, and nobody is told: what the work beside the proxy does to it
 * forget              the client has gone
 * </pre>
 */
public final class ControlPlaneMain {

  private final World world;
  private final AdsServer server = new AdsServer();
  private final int listenerPort;
  private int clusters;
  private int revision;

  /** How often the first endpoint of a cluster has changed. */
  private final Map<Integer, Integer> upstreams = new HashMap<>();

  private ControlPlaneMain(World world, int listenerPort) {
    this.world = world;
    this.listenerPort = listenerPort;
  }

  /** Runs until its input ends. */
  public static void main(String[] args) throws IOException, InterruptedException {
    int listenerPort = Integer.parseInt(args[2]);
    World world = new World(Integer.parseInt(args[1]), Upstreams.start(), listenerPort);
    ControlPlaneMain main = new ControlPlaneMain(world, listenerPort);
    Server listening =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(main.server)
            .build()
            .start();
    main.server.put(AdsServer.LISTENER, Map.of("inbound", world.listener()), List.of());
    main.put(Integer.parseInt(args[0]));
    System.out.println("{\"port\": " + listening.getPort() + "}");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(main.run(Arrays.asList(line.split(" ", -1))));
    }
    listening.shutdownNow();
  }

  private String run(List<String> words) throws InterruptedException {
    return switch (words.getFirst()) {
      case "load" -> load(Integer.parseInt(words.get(1)));
      case "put" -> {
        put(Integer.parseInt(words.get(1)));
        yield "{}";
      }
      case "first" -> first();
      case "endpoint" -> endpoint(Integer.parseInt(words.get(1)));
      case "churn" ->
          churn(Integer.parseInt(words.get(1)), Double.parseDouble(words.get(2)), this::change);
      case "rehearse" ->
          churn(Integer.parseInt(words.get(1)), Double.parseDouble(words.get(2)), this::rehearse);
      case "forget" -> {
        server.forget();
        yield "{}";
      }
      default -> throw new IllegalArgumentException(words + " (expected: one of those above)");
    };
  }

  /** What is named comes first, so that there is nothing to wait for but the work itself. */
  private void put(int wanted) {
    Map<String, Message> added = new LinkedHashMap<>();
    Map<String, Message> endpoints = new LinkedHashMap<>();
    for (int i = clusters; i < wanted; i++) {
      added.put(World.name(i), World.cluster(i, 0));
      endpoints.put(World.name(i), world.endpoints(i, 0));
    }
    List<String> gone = new ArrayList<>();
    for (int i = wanted; i < clusters; i++) {
      gone.add(World.name(i));
    }
    clusters = wanted;
    upstreams.clear();
    if (gone.isEmpty()) {
      server.put(AdsServer.ENDPOINT, endpoints, List.of());
      server.put(AdsServer.CLUSTER, added, List.of());
    }
    server.put(AdsServer.ROUTE, Map.of(World.TABLE, World.routes(clusters, ++revision)), List.of());
    if (!gone.isEmpty()) {
      server.put(AdsServer.CLUSTER, Map.of(), gone);
      server.put(AdsServer.ENDPOINT, Map.of(), gone);
    }
  }

  private String load(int wanted) throws InterruptedException {
    long begun = System.nanoTime();
    put(wanted);
    server.awaitAnswers();
    long acked = System.nanoTime();
    long answers = acked;
    if (wanted > 0) {
      try (Probe probe = new Probe(listenerPort)) {
        answers = probe.answers(wanted - 1, "");
      }
    }
    return "{\"acked_ms\": %.2f, \"applied_ms\": %.2f}"
        .formatted((acked - begun) / 1e6, (answers - begun) / 1e6);
  }

  private String first() throws InterruptedException {
    try (Probe probe = new Probe(listenerPort)) {
      probe.answers(clusters - 1, "");
    }
    return "{\"epoch_ms\": %d}".formatted(System.currentTimeMillis());
  }

  private String endpoint(int count) throws InterruptedException {
    List<Double> took = new ArrayList<>();
    try (Probe probe = new Probe(listenerPort)) {
      for (int i = 0; i < count; i++) {
        int cluster = (int) (i * 7919L % clusters);
        probe.answers(cluster, "");
        int which = upstreams.merge(cluster, 1, Integer::sum) % 2;
        long begun = System.nanoTime();
        server.put(
            AdsServer.ENDPOINT,
            Map.of(World.name(cluster), world.endpoints(cluster, which)),
            List.of());
        took.add((probe.answers(cluster, String.valueOf(which)) - begun) / 1e6);
        server.awaitAnswers();
      }
    }
    return "{\"ms\": [%s]}"
        .formatted(took.stream().map("%.3f"::formatted).collect(Collectors.joining(", ")));
  }

  /** In a hundred changes: 90 of endpoints, 8 of clusters, 2 of the route table. */
  private String churn(int rate, double seconds, IntConsumer change) throws InterruptedException {
    int wanted = (int) (rate * seconds);
    long interval = TimeUnit.SECONDS.toNanos(1) / rate;
    long begun = System.nanoTime();
    for (int i = 0; i < wanted; i++) {
      long due = begun + i * interval;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      change.accept(i);
    }
    double took = (System.nanoTime() - begun) / 1e9;
    server.awaitAnswers();
    return "{\"pushes\": %d, \"seconds\": %.3f}".formatted(wanted, took);
  }

  private void change(int nth) {
    int cluster = clusterOf(nth);
    change(nth, upstreams.merge(cluster, 1, Integer::sum) % 2, server::put);
  }

  private void rehearse(int nth) {
    change(nth, upstreams.getOrDefault(clusterOf(nth), 0) % 2, server::rehearse);
  }

  private int clusterOf(int nth) {
    return (int) (nth * 7919L % clusters);
  }

  /** Takes what changes of one type. */
  private interface Sink {
    void put(String type, Map<String, Message> resources, List<String> removed);
  }

  private void change(int nth, int which, Sink sink) {
    int cluster = clusterOf(nth);
    String name = World.name(cluster);
    revision++;
    Message endpoints = world.endpoints(cluster, which);
    switch (nth % 100) {
      case 0, 50 ->
          sink.put(
              AdsServer.ROUTE, Map.of(World.TABLE, World.routes(clusters, revision)), List.of());
      case 5, 17, 29, 41, 53, 65, 77, 89 -> {
        sink.put(AdsServer.CLUSTER, Map.of(name, World.cluster(cluster, revision)), List.of());
        // There are clients that wait for the endpoints of a cluster that changes.
        sink.put(AdsServer.ENDPOINT, Map.of(name, endpoints), List.of());
      }
      default -> sink.put(AdsServer.ENDPOINT, Map.of(name, endpoints), List.of());
    }
  }
}
