package io.handfast.proxy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.stats.StatsFilter;
import io.handfast.proxy.stats.StatsText;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ClusterManagerTest {
  private final Stats stats = new Stats();
  private final ManualDispatcher main = new ManualDispatcher();
  private final ClusterManager clusters =
      new ClusterManager(
          stats,
          (name, family, callback) -> {
            if (!name.equals("name.example")) {
              callback.onFailure("no names here");
            }
          },
          main,
          (loop, cluster, host, protocol, listener) ->
              listener.onFailed(false, "no connections here"),
          bound -> 0);
  private long version;

  @Test
  void shouldKeepTheClusterWhenOnlyItsPlaceInTheSnapshotChanges() throws Exception {
    // Given
    publish(config("a", 0, 1));
    Cluster before = running("a");

    // When
    ClusterConfig moved = config("a", 1, 1);
    publish(config("b", 0, 2), moved);

    // Then
    assertThat(running("a")).isSameAs(before);
    assertThat(clusters.find(moved)).isSameAs(before);
  }

  @Test
  void shouldKeepTheClusterAndItsOtherEndpointsWhenOneChanges() throws Exception {
    // Given
    publish(config("a", 0, 1, 2));
    Cluster before = running("a");
    HostSet.Member stays = before.hosts().members().getFirst();

    // When
    publish(config("a", 0, 1, 3));

    // Then
    assertThat(running("a")).isSameAs(before);
    assertThat(before.hosts().members().getFirst()).isEqualTo(stays);
    assertThat(ports(before)).containsExactly(1, 3);
    assertThat(before.config()).isEqualTo(config("a", 0, 1, 3));
  }

  @Test
  void shouldLookAtTheOneThatChangesAndAtNoOther() throws Exception {
    // Given
    ClusterConfig[] configs = new ClusterConfig[100];
    for (int i = 0; i < configs.length; i++) {
      configs[i] = config("c" + i, i, i + 1);
    }
    publish(configs);

    // When
    configs[7] = config("c7", 7, 4711);
    ClusterManager.Prepared prepared = clusters.prepare(snapshot(configs), () -> {});

    // Then
    assertThat(prepared.others()).containsExactly(configs[7]);
    assertThat(prepared.gone()).isEmpty();
    assertThat(prepared.moved()).containsOnlyKeys(running("c7"));
    assertThat(prepared.fresh()).isEmpty();
  }

  private static List<Integer> ports(Cluster cluster) {
    return cluster.hosts().hosts().stream()
        .map(host -> ((InetSocketAddress) host.address()).getPort())
        .toList();
  }

  @Test
  void shouldReplaceTheClusterWhenItsConfigurationChanges() throws Exception {
    // Given
    ClusterConfig old =
        ClusterConfig.of("a", 0, DiscoveryType.STRICT_DNS, List.of(Endpoint.of("127.0.0.1", 9)));
    publish(old, config("b", 1, 2));
    Cluster before = running("a");
    Cluster unchanged = running("b");

    // When
    publish(config("a", 0, 9), config("b", 1, 2));

    // Then: by the new endpoints, also for a stream of the snapshot before
    Cluster after = running("a");
    assertThat(after).isNotSameAs(before);
    assertThat(ports(after)).containsExactly(9);
    assertThat(clusters.find(old)).isSameAs(after);
    assertThat(running("b")).isSameAs(unchanged);
  }

  @Test
  void shouldServeStreamsThatChoseAClusterBeforeItWentForAWhileW8() throws Exception {
    // Given
    ClusterConfig gone = config("a", 0, 1);
    publish(gone);

    // When
    publish(config("b", 0, 2));

    // Then
    assertThat(clusters.clusters()).extracting(each -> each.config().name()).containsExactly("b");
    assertThat(clusters.find(gone)).isNotNull();
    main.advance(ClusterManager.LINGER);
    assertThat(clusters.find(gone)).isNull();
  }

  @Test
  void shouldFollowAClusterThatComesBackWhileItLingersThoughAnotherWarmsForLongW8()
      throws Exception {
    // Given: gone, and on its way back beside one whose name nobody answers for
    publish(config("a", 0, 1));
    publish(config("b", 0, 2));
    ClusterConfig silent =
        ClusterConfig.of(
            "slow", 1, DiscoveryType.STRICT_DNS, List.of(Endpoint.of("name.example", 1)));
    ClusterManager.Prepared slow = clusters.prepare(snapshot(config("a", 0, 1), silent), () -> {});

    // When
    main.advance(ClusterManager.LINGER);
    clusters.commit(slow);
    publish(config("a", 0, 1, 3), silent);

    // Then
    assertThat(ports(running("a"))).containsExactly(1, 3);
  }

  @Test
  void shouldFindAClusterThatComesBackAtEveryMomentW8() throws Exception {
    // Given: another loop, which looks whenever it is told of something
    ClusterConfig config = config("a", 0, 1);
    publish(config);
    publish(config("b", 0, 2));
    List<Boolean> found = new ArrayList<>();
    clusters.pools(new Looking(() -> found.add(clusters.find(config) != null)));

    // When
    publish(config, config("b", 1, 2));

    // Then
    assertThat(found).isNotEmpty().containsOnly(true);
  }

  /** A dispatcher that looks at something when it is handed a task, which it drops. */
  private record Looking(Runnable look) implements Dispatcher {
    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public void execute(Runnable task) {
      look.run();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return Timer.NONE;
    }

    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public long currentTimeMillis() {
      return 0;
    }
  }

  @Test
  void shouldKeepToOneAddressOfALogicalNameAsLongAsItHasIt() throws Exception {
    // Given
    List<String> answer = new ArrayList<>(List.of("10.0.0.1", "10.0.0.2"));
    ClusterManager logical =
        new ClusterManager(
            new Stats(),
            (name, family, callback) ->
                callback.onAddresses(
                    answer.stream().map(NetUtil::createInetAddressFromIpAddressString).toList()),
            main,
            (loop, cluster, host, protocol, listener) ->
                listener.onFailed(false, "no connections here"),
            bound -> 0);
    ClusterConfig config =
        ClusterConfig.of("a", 0, DiscoveryType.LOGICAL_DNS, List.of(Endpoint.of("name", 1)));
    ConfigSnapshot snapshot =
        new ConfigSnapshot(1, AdminConfig.DEFAULTS, List.of(), List.of(config), List.of());
    logical.commit(logical.prepare(snapshot, () -> {}));
    main.runTasks();
    Cluster cluster = logical.find("a").orElseThrow();
    assertThat(addresses(cluster)).containsExactly("10.0.0.1");

    // When: the name turns its addresses round, then loses one
    Collections.reverse(answer);
    main.advance(config.dns().refreshRate());
    assertThat(addresses(cluster)).containsExactly("10.0.0.1");
    answer.remove("10.0.0.1");
    main.advance(config.dns().refreshRate());

    // Then
    assertThat(addresses(cluster)).containsExactly("10.0.0.2");
  }

  @Test
  void shouldCountWhatBecomesOfClusters() throws Exception {
    // When
    publish(config("a", 0, 1), config("b", 1, 2), config("c", 2, 3));
    publish(config("a", 0, 1), config("b", 1, 9), config("d", 2, 4));
    clusters.discard(
        clusters.prepare(
            new ConfigSnapshot(
                9, AdminConfig.DEFAULTS, List.of(), List.of(config("e", 0, 5)), List.of()),
            () -> {}));

    // Then
    assertThat(StatsText.text(stats, StatsFilter.ALL))
        .contains(
            "cluster_manager.active_clusters: 3\n",
            "cluster_manager.cluster_added: 4\n",
            "cluster_manager.cluster_removed: 1\n",
            "cluster_manager.warming_clusters: 0\n");
  }

  @Test
  void shouldForgetTheStatisticsOfClustersThatAreGone() throws Exception {
    // Given
    publish(config("a0", 0, 1));
    int before = lines("cluster.");

    // When
    for (int version = 1; version <= 50; version++) {
      publish(config("a" + version, 0, 1));
      main.advance(ClusterManager.LINGER);
    }

    // Then
    assertThat(lines("cluster.")).isEqualTo(before);
    assertThat(lines("cluster.a50.")).isEqualTo(before);
  }

  @Test
  void shouldCountOnWhenAClusterComesAgainBeforeItIsForgotten() throws Exception {
    // Given
    publish(config("a", 0, 1));
    running("a").stats().rqTotal.inc();
    publish(config("b", 0, 2));

    // When
    publish(config("a", 0, 1));
    main.advance(ClusterManager.LINGER);

    // Then
    assertThat(StatsText.text(stats, StatsFilter.ALL)).contains("cluster.a.upstream_rq_total: 1\n");
    assertThat(lines("cluster.b.")).isZero();
  }

  /** How many statistics have names that begin like that. */
  private int lines(String prefix) {
    return (int)
        StatsText.text(stats, StatsFilter.ALL)
            .lines()
            .filter(line -> line.startsWith(prefix))
            .count();
  }

  private static List<String> addresses(Cluster cluster) {
    return cluster.hosts().hosts().stream()
        .map(host -> ((InetSocketAddress) host.address()).getAddress().getHostAddress())
        .toList();
  }

  private Cluster running(String name) {
    return clusters.find(name).orElseThrow();
  }

  private static ClusterConfig config(String name, int index, int... ports) throws Exception {
    return ClusterConfig.of(
        name,
        index,
        DiscoveryType.STATIC,
        IntStream.of(ports).mapToObj(port -> Endpoint.of("127.0.0.1", port)).toList());
  }

  private void publish(ClusterConfig... configs) {
    clusters.commit(clusters.prepare(snapshot(configs), () -> {}));
  }

  private ConfigSnapshot snapshot(ClusterConfig... configs) {
    return new ConfigSnapshot(
        ++version, AdminConfig.DEFAULTS, List.of(), List.of(configs), List.of());
  }
}
