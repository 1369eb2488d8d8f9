package io.handfast.proxy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.proxy.config.extension.Extensions;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.Stats;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.store.ConfigStore;
import io.handfast.xds.store.ResourceSet;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/**
 * What a cluster that nobody uses holds, by the heap's histogram: objects, whose number does not
 * depend on the machine or on how objects are laid out.
 */
final class ClusterCostTest {
  private static final int CLUSTERS = 200;
  private static final int ENDPOINTS = 10;
  private static final Pattern LINE = Pattern.compile(" *\\d+: +(\\d+) +\\d+ +(\\S+).*");

  /** Of ours, and what counters and maps are made of. */
  private static final Pattern COUNTED =
      Pattern.compile(
          "io\\.handfast\\.proxy\\.(cluster|config|stats)\\..*|.*\\.LongAdder|.*\\.AtomicInteger"
              + "|.*\\.ConcurrentHashMap\\$Node|java\\.net\\.Inet.*");

  private static final String ENVOYS = "io.envoyproxy.envoy.config.";

  /** Envoy's, and what their bytes are in. */
  private static final Pattern MESSAGES =
      Pattern.compile(
          "io\\.envoyproxy\\.envoy\\.config\\..*|com\\.google\\.protobuf\\.ByteString.*");

  @Test
  void shouldHoldAHandfulOfObjectsWhenAnEndpointIsNotUsed() throws Exception {
    // Given
    List<Stats> kept = List.of(new Stats(), new Stats());
    Map<String, Long> before = objects();

    // When
    ClusterManager few = running(kept.getFirst(), 1);
    Map<String, Long> withFew = objects();
    ClusterManager many = running(kept.getLast(), 1 + ENDPOINTS);
    Map<String, Long> withMany = objects();

    // Then
    Map<String, Long> perCluster = each(before, withFew, CLUSTERS);
    Map<String, Long> perEndpoint = new TreeMap<>();
    each(withFew, withMany, CLUSTERS)
        .forEach((name, more) -> {
          long extra = (more - perCluster.getOrDefault(name, 0L)) / ENDPOINTS;
          if (extra != 0) {
            perEndpoint.put(name, extra);
          }
        });
    assertThat(perEndpoint)
        .containsOnlyKeys(
            "io.handfast.proxy.config.Endpoint",
            "io.handfast.proxy.config.NetworkAddress$Tcp",
            "io.handfast.proxy.cluster.Host",
            "io.handfast.proxy.cluster.HostSet$Member",
            "io.handfast.proxy.stats.HostStats",
            "java.net.InetSocketAddress",
            "java.net.InetSocketAddress$InetSocketAddressHolder",
            "java.net.Inet4Address",
            "java.net.InetAddress$InetAddressHolder");
    assertThat(perEndpoint.values()).containsOnly(1L);
    assertThat(perCluster).doesNotContainKey("java.util.concurrent.atomic.LongAdder");
    assertThat(sum(perCluster)).as("objects of a cluster with one endpoint").isBetween(100L, 150L);
    assertThat(List.of(few, many)).allMatch(each -> each.clusters().size() == CLUSTERS); // still
  }

  @Test
  void shouldHoldBytesInThePlaceOfMessagesWhenAConfigurationServes() throws Exception {
    // Given
    serveOnce();
    try (ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor()) {
      Map<String, Long> before = objects(MESSAGES);
      ConfigLoader loader = loader();
      ResourceSet resources = loader.load(BootstrapSource.ofYaml(bootstrap()));
      Map<String, Long> loaded = each(before, objects(MESSAGES), CLUSTERS);

      // When
      ConfigStore<ConfigSnapshot> store = serving(loader, resources, executor);

      // Then
      assertThat(loaded).containsEntry(ENVOYS + "core.v3.SocketAddress", (long) ENDPOINTS);
      assertThat(each(before, objects(MESSAGES), CLUSTERS))
          .isEqualTo(Map.of("com.google.protobuf.ByteString$LiteralByteString", 1L));
      assertThat(store.resources()).isPresent(); // still
    }
  }

  /** Descriptors and the rules of types, which are made once, are of bytes as well. */
  private static void serveOnce() throws Exception {
    try (ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor()) {
      ConfigLoader loader = loader();
      serving(loader, loader.load(BootstrapSource.ofYaml(bootstrap())), executor);
    }
  }

  private static ConfigLoader loader() {
    return new ConfigLoader(
        new Extensions(
            List.of(), List.of(), List.of(), List.of(), List.of(), _ -> Optional.empty()));
  }

  /** A store in which they serve, when all that it was asked for then is done. */
  private static ConfigStore<ConfigSnapshot> serving(
      ConfigLoader loader, ResourceSet resources, ScheduledExecutorService executor)
      throws Exception {
    ConfigStore<ConfigSnapshot> store =
        new ConfigStore<>(
            loader.compiler(),
            _ -> CompletableFuture.completedStage(null),
            executor,
            Runnable::run,
            ConfigStore.DEFAULT_WARM_LIMIT);
    store.offer(resources).toCompletableFuture().get(30, TimeUnit.SECONDS);
    executor.submit(() -> {}).get(30, TimeUnit.SECONDS);
    return store;
  }

  private static String bootstrap() {
    StringBuilder yaml = new StringBuilder("static_resources:\n  clusters:\n");
    for (int i = 0; i < CLUSTERS; i++) {
      yaml.append("  - name: c").append(i).append("\n    load_assignment:\n");
      yaml.append("      cluster_name: c").append(i).append("\n      endpoints:\n");
      yaml.append("      - lb_endpoints:\n");
      for (int port = 1; port <= ENDPOINTS; port++) {
        yaml.append("        - endpoint: { address: { socket_address: { address: 127.0.0.1, ")
            .append("port_value: ")
            .append(port)
            .append(" } } }\n");
      }
    }
    return yaml.toString();
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many more of each there are for one of so many, rounded down. */
  private static Map<String, Long> each(Map<String, Long> before, Map<String, Long> now, int of) {
    Map<String, Long> each = new TreeMap<>();
    now.forEach((name, count) -> {
      long more = (count - before.getOrDefault(name, 0L)) / of;
      if (more != 0) {
        each.put(name, more);
      }
    });
    return each;
  }

  private static ClusterManager running(Stats stats, int endpoints) throws Exception {
    ClusterManager manager =
        new ClusterManager(
            stats,
            (name, family, callback) -> callback.onFailure("no names here"),
            new ManualDispatcher(),
            (loop, cluster, host, protocol, listener) ->
                listener.onFailed(false, "no connections here"),
            bound -> 0);
    List<ClusterConfig> configs =
        IntStream.range(0, CLUSTERS)
            .mapToObj(i ->
                ClusterConfig.of(
                    "c" + i,
                    i,
                    DiscoveryType.STATIC,
                    IntStream.range(0, endpoints)
                        .mapToObj(port -> Endpoint.of("127.0.0.1", 10_000 + port))
                        .toList()))
            .toList();
    manager.commit(
        manager.prepare(
            new ConfigSnapshot(1, AdminConfig.DEFAULTS, List.of(), configs, List.of()), () -> {}));
    return manager;
  }

  /** What is reachable, by class, after a full collection. */
  private static Map<String, Long> objects() throws Exception {
    return objects(COUNTED);
  }

  private static Map<String, Long> objects(Pattern counted) throws Exception {
    Object said =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
    Map<String, Long> counts = new HashMap<>();
    said.toString()
        .lines()
        .forEach(line -> {
          Matcher found = LINE.matcher(line);
          if (found.matches() && counted.matcher(found.group(2)).matches()) {
            counts.merge(found.group(2), Long.parseLong(found.group(1)), Long::sum);
          }
        });
    return counts;
  }
}
