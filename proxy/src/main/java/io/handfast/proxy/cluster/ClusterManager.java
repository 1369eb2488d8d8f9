package io.handfast.proxy.cluster;

import io.handfast.proxy.cluster.pool.ClientConnector;
import io.handfast.proxy.cluster.pool.LoopPools;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.Counter;
import io.handfast.proxy.stats.Gauge;
import io.handfast.proxy.stats.Stats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs the clusters of the current snapshot. A cluster that a new snapshot leaves unchanged keeps
 * its endpoints, pools and counts; one whose endpoints change keeps those that stay, with their
 * connections; one that is gone serves the streams that still know it.
 *
 * <p>Thread-safe for reading; {@link #prepare}, {@link #commit} and {@link #close} belong to the
 * main dispatcher.
 */
public final class ClusterManager implements AutoCloseable {

  /**
   * How long a cluster that is gone is found by streams that chose it before: their filters may
   * hold them for a while.
   */
  public static final Duration LINGER = Duration.ofSeconds(15);

  private final Stats stats;
  private final NameResolver resolver;
  private final Dispatcher main;
  private final ClientConnector connector;
  private final LongUnaryOperator draw;
  private final Map<Dispatcher, LoopPools> pools = new ConcurrentHashMap<>();
  private final Map<Cluster, Membership> memberships = new HashMap<>();
  private final Map<String, Retired> retired = new ConcurrentHashMap<>();

  /** How many of each name there are: one that is to be, one that is, one that was. */
  private final Map<String, Integer> running = new HashMap<>();

  private final Counter added;
  private final Counter modified;
  private final Counter removed;
  private final Gauge activeClusters;
  private final Gauge warming;
  private final Map<String, Cluster> active = new ConcurrentHashMap<>();

  /** What {@link #active} are configured to be, in the order of the snapshot. */
  private volatile List<ClusterConfig> configs = List.of();

  /**
   * @param main on which endpoints are kept up to date
   * @param connector makes the connections of all pools
   * @param draw an evenly drawn number from 0 up to its argument; thread-safe, to choose endpoints
   */
  public ClusterManager(
      Stats stats,
      NameResolver resolver,
      Dispatcher main,
      ClientConnector connector,
      LongUnaryOperator draw) {
    this.stats = stats;
    this.resolver = resolver;
    this.main = main;
    this.connector = connector;
    this.draw = draw;
    added = stats.counter("cluster_manager.cluster_added");
    modified = stats.counter("cluster_manager.cluster_modified");
    removed = stats.counter("cluster_manager.cluster_removed");
    activeClusters = stats.gauge("cluster_manager.active_clusters");
    warming = stats.gauge("cluster_manager.warming_clusters");
  }

  /**
   * Clusters that are being warmed for a snapshot; nothing uses them before {@link #commit}.
   *
   * @param configs of all clusters, in order
   * @param others those of them that are other objects than before
   * @param gone names that are there no more
   * @param fresh clusters that begin to run
   * @param moved clusters that go on by another configuration
   */
  public record Prepared(
      List<ClusterConfig> configs,
      List<ClusterConfig> others,
      Set<String> gone,
      List<Cluster> fresh,
      Map<Cluster, ClusterConfig> moved) {}

  /** A cluster that is gone, and when it is forgotten. */
  private record Retired(Cluster cluster, Dispatcher.Timer forgotten) {}

  /**
   * Makes the clusters of a snapshot that are not there yet and looks up their endpoints. Of a
   * cluster whose configuration is the same object, at the same place, nothing is looked at.
   *
   * @param warm run once all of them have been asked for once, also if some cannot be resolved
   */
  @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
  public Prepared prepare(ConfigSnapshot snapshot, Runnable warm) {
    main.checkInLoop();
    Prepared prepared = compare(configs, snapshot.clusters());
    for (ClusterConfig config : prepared.others) {
      // Not one that lingers: its time may be up before this is put to use.
      Cluster known = active.get(config.name());
      if (known == null || !known.canBecome(config)) {
        prepared.fresh.add(new Cluster(config, stats.cluster(config.name())));
      } else if (known.config() != config) {
        prepared.moved.put(known, config);
      }
    }
    warming.set(prepared.fresh.size());
    Countdown countdown = new Countdown(prepared.fresh.size(), warm);
    for (Cluster cluster : prepared.fresh) {
      Membership membership = new Membership(cluster, resolver, main, countdown);
      memberships.put(cluster, membership);
      running.merge(cluster.config().name(), 1, Integer::sum);
      membership.start();
    }
    countdown.startIfZero();
    return prepared;
  }

  @SuppressWarnings("ReferenceEquality")
  private static Prepared compare(List<ClusterConfig> before, List<ClusterConfig> now) {
    List<ClusterConfig> others = new ArrayList<>();
    Set<String> gone = new HashSet<>();
    for (int i = 0; i < Math.max(before.size(), now.size()); i++) {
      ClusterConfig was = i < before.size() ? before.get(i) : null;
      ClusterConfig is = i < now.size() ? now.get(i) : null;
      if (was != is && was != null) {
        gone.add(was.name());
      }
      if (was != is && is != null) {
        others.add(is);
      }
    }
    others.forEach(config -> gone.remove(config.name()));
    return new Prepared(now, others, gone, new ArrayList<>(), new HashMap<>());
  }

  /**
   * From now on these are the clusters. Those that are gone are still found by streams that have
   * chosen their route by the snapshot before, for {@link #LINGER}.
   */
  public void commit(Prepared prepared) {
    main.checkInLoop();
    configs = prepared.configs;
    // Found as retired before they are no longer found as active, and the other way round.
    for (String name : prepared.gone) {
      Cluster cluster = active.get(name);
      if (cluster != null) {
        retire(name, cluster);
        active.remove(name);
        removed.inc();
      }
    }
    prepared.fresh.forEach(this::begin);
    prepared.moved.forEach(this::reconfigure);
    activeClusters.set(active.size());
    warming.set(0);
  }

  private void begin(Cluster cluster) {
    String name = cluster.config().name();
    Cluster before = active.put(name, cluster);
    forget(name);
    if (before == null) {
      added.inc();
    } else {
      modified.inc();
      stop(before);
    }
  }

  private void reconfigure(Cluster cluster, ClusterConfig config) {
    boolean endpoints = !cluster.config().localities().equals(config.localities());
    cluster.reconfigure(config);
    Membership membership = memberships.get(cluster);
    if (endpoints && membership != null) {
      membership.restart();
    }
  }

  private void retire(String name, Cluster cluster) {
    Dispatcher.Timer forgotten =
        main.schedule(
            LINGER,
            () -> {
              retired.remove(name);
              stop(cluster);
            });
    retired.put(name, new Retired(cluster, forgotten));
  }

  /** Another has taken its name before its time was up. */
  private void forget(String name) {
    Retired old = retired.remove(name);
    if (old != null) {
      old.forgotten().cancel();
      stop(old.cluster());
    }
  }

  /** Gives up what was prepared: the snapshot was refused, or another has overtaken it. */
  public void discard(Prepared prepared) {
    main.checkInLoop();
    prepared.fresh.forEach(this::stop);
    warming.set(0);
  }

  /** The cluster of that configuration's name; null if there is none. */
  public @Nullable Cluster find(ClusterConfig config) {
    return lookUp(config.name());
  }

  /** The cluster of that name. */
  public Optional<Cluster> find(String name) {
    return Optional.ofNullable(lookUp(name));
  }

  /** What the cluster of that name is configured to be; null if there is none. */
  public @Nullable ClusterConfig config(String name) {
    Cluster found = lookUp(name);
    return found == null ? null : found.config();
  }

  private @Nullable Cluster lookUp(String name) {
    Cluster found = active.get(name);
    if (found != null) {
      return found;
    }
    Retired gone = retired.get(name);
    // In between it may have come back.
    return gone == null ? active.get(name) : gone.cluster();
  }

  /** All clusters of the current snapshot, in its order. */
  public List<Cluster> clusters() {
    return configs.stream()
        .map(config -> active.get(config.name()))
        .filter(Objects::nonNull)
        .toList();
  }

  /** What clusters are configured to be that are gone, and still found. */
  public List<ClusterConfig> lingering() {
    return retired.values().stream().map(gone -> gone.cluster().config()).toList();
  }

  /** The pools of that event loop. */
  public LoopPools pools(Dispatcher loop) {
    LoopPools known = pools.get(loop);
    return known != null
        ? known
        : pools.computeIfAbsent(loop, fresh -> new LoopPools(fresh, connector, draw));
  }

  /** Ends all look-ups and closes every pooled connection. */
  @Override
  public void close() {
    memberships.values().forEach(Membership::stop);
    memberships.clear();
    retired.values().forEach(gone -> gone.forgotten().cancel());
    pools.forEach((loop, pool) -> loop.execute(pool::close));
  }

  private void stop(Cluster cluster) {
    Membership membership = memberships.remove(cluster);
    if (membership != null) {
      membership.stop();
      cluster.close();
      String name = cluster.config().name();
      if (running.merge(name, -1, Integer::sum) == 0) {
        running.remove(name);
        stats.forgetCluster(name);
      }
      pools.forEach((loop, pool) -> loop.execute(() -> pool.drain(cluster)));
    }
  }

  /** Runs an action when as many have arrived as were expected. Confined to the main dispatcher. */
  private static final class Countdown implements Runnable {
    private final Runnable action;
    private int left;

    Countdown(int left, Runnable action) {
      this.left = left;
      this.action = action;
    }

    void startIfZero() {
      if (left == 0) {
        left = -1;
        action.run();
      }
    }

    @Override
    public void run() {
      left--;
      if (left == 0) {
        startIfZero();
      }
    }
  }
}
