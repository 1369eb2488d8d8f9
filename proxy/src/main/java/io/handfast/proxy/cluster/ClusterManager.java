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
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private volatile Map<String, Cluster> active = Map.of();

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

  /** Clusters that are being warmed for a snapshot; nothing uses them before {@link #commit}. */
  public static final class Prepared {
    private final Map<String, Cluster> clusters;
    private final List<Cluster> fresh;
    private final Map<Cluster, ClusterConfig> moved;

    private Prepared(
        Map<String, Cluster> clusters, List<Cluster> fresh, Map<Cluster, ClusterConfig> moved) {
      this.clusters = clusters;
      this.fresh = fresh;
      this.moved = moved;
    }
  }

  /** A cluster that is gone, and when it is forgotten. */
  private record Retired(Cluster cluster, Dispatcher.Timer forgotten) {}

  /**
   * Makes the clusters of a snapshot and looks up their endpoints.
   *
   * @param warm run once all of them have been asked for once, also if some cannot be resolved
   */
  @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
  public Prepared prepare(ConfigSnapshot snapshot, Runnable warm) {
    main.checkInLoop();
    Map<String, Cluster> clusters = LinkedHashMap.newLinkedHashMap(snapshot.clusters().size());
    List<Cluster> fresh = new ArrayList<>();
    Map<Cluster, ClusterConfig> moved = new HashMap<>();
    for (ClusterConfig config : snapshot.clusters()) {
      // Not one that lingers: its time may be up before this is put to use.
      Cluster known = active.get(config.name());
      if (known == null || !known.canBecome(config)) {
        known = new Cluster(config, stats.cluster(config.name()));
        fresh.add(known);
      } else if (known.config() != config) {
        moved.put(known, config);
      }
      clusters.put(config.name(), known);
    }
    warming.set(fresh.size());
    Countdown countdown = new Countdown(fresh.size(), warm);
    for (Cluster cluster : fresh) {
      Membership membership = new Membership(cluster, resolver, main, countdown);
      memberships.put(cluster, membership);
      running.merge(cluster.config().name(), 1, Integer::sum);
      membership.start();
    }
    countdown.startIfZero();
    return new Prepared(Collections.unmodifiableMap(clusters), fresh, moved);
  }

  /**
   * From now on these are the clusters. Those that are gone are still found by streams that have
   * chosen their route by the snapshot before, for {@link #LINGER}.
   */
  public void commit(Prepared prepared) {
    main.checkInLoop();
    Map<String, Cluster> before = active;
    // Found as retired before they are no longer found as active, and the other way round.
    before.forEach((name, cluster) -> {
      if (!prepared.clusters.containsKey(name)) {
        retire(name, cluster);
      }
    });
    active = prepared.clusters;
    prepared.clusters.keySet().forEach(this::forget);
    prepared.moved.forEach(this::reconfigure);
    before.forEach((name, cluster) -> {
      Cluster now = prepared.clusters.get(name);
      if (now != null && now != cluster) {
        modified.inc();
        stop(cluster);
      } else if (now == null) {
        removed.inc();
      }
    });
    prepared.clusters.keySet().stream()
        .filter(name -> !before.containsKey(name))
        .forEach(_ -> added.inc());
    activeClusters.set(active.size());
    warming.set(0);
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
    return List.copyOf(active.values());
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
