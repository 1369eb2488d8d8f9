package io.handfast.proxy.cluster;

import io.handfast.proxy.cluster.pool.ClientConnector;
import io.handfast.proxy.cluster.pool.LoopPools;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.Stats;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs the clusters of the current snapshot. A cluster that a new snapshot leaves unchanged keeps
 * its endpoints, pools and counts; one that is gone serves the streams that still know it.
 *
 * <p>Thread-safe for reading; {@link #prepare}, {@link #commit} and {@link #close} belong to the
 * main dispatcher.
 */
public final class ClusterManager implements AutoCloseable {
  private final Stats stats;
  private final NameResolver resolver;
  private final Dispatcher main;
  private final ClientConnector connector;
  private final LongUnaryOperator draw;
  private final Map<Dispatcher, LoopPools> pools = new ConcurrentHashMap<>();
  private final Map<Cluster, Membership> memberships = new HashMap<>();
  private volatile Cluster[] active = new Cluster[0];

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
  }

  /** Clusters that are being warmed for a snapshot; nothing uses them before {@link #commit}. */
  public static final class Prepared {
    private final Cluster[] clusters;
    private final List<Cluster> fresh;

    private Prepared(Cluster[] clusters, List<Cluster> fresh) {
      this.clusters = clusters;
      this.fresh = fresh;
    }
  }

  /**
   * Makes the clusters of a snapshot and looks up their endpoints.
   *
   * @param warm run once all of them have been asked for once, also if some cannot be resolved
   */
  public Prepared prepare(ConfigSnapshot snapshot, Runnable warm) {
    main.checkInLoop();
    Cluster[] clusters = new Cluster[snapshot.clusters().size()];
    List<Cluster> fresh = new ArrayList<>();
    for (ClusterConfig config : snapshot.clusters()) {
      Cluster running = unchanged(config);
      if (running == null) {
        running = new Cluster(config, stats.cluster(config.name()));
        fresh.add(running);
      }
      clusters[config.index()] = running;
    }
    Countdown countdown = new Countdown(fresh.size(), warm);
    for (Cluster cluster : fresh) {
      Membership membership = new Membership(cluster, resolver, main, countdown);
      memberships.put(cluster, membership);
      membership.start();
    }
    countdown.startIfZero();
    return new Prepared(clusters, fresh);
  }

  /** From now on these are the clusters; those that are gone are no longer looked up. */
  public void commit(Prepared prepared) {
    main.checkInLoop();
    List<Cluster> gone = new ArrayList<>(List.of(active));
    active = prepared.clusters;
    gone.removeAll(List.of(prepared.clusters));
    for (Cluster cluster : gone) {
      stop(cluster);
      pools.forEach((loop, pool) -> loop.execute(() -> pool.drain(cluster)));
    }
  }

  /** Gives up what was prepared: the snapshot was refused, or another has overtaken it. */
  public void discard(Prepared prepared) {
    main.checkInLoop();
    prepared.fresh.forEach(this::stop);
  }

  /** The cluster of that configuration's name; null if it is not in the current snapshot. */
  public @Nullable Cluster find(ClusterConfig config) {
    Cluster[] now = active;
    if (config.index() < now.length && now[config.index()].config().name().equals(config.name())) {
      return now[config.index()];
    }
    for (Cluster cluster : now) { // a stream of the snapshot before, whose indexes have moved
      if (cluster.config().name().equals(config.name())) {
        return cluster;
      }
    }
    return null;
  }

  /** The cluster that runs by just that configuration, wherever it stood in its snapshot. */
  private @Nullable Cluster unchanged(ClusterConfig config) {
    Cluster running = find(config);
    boolean same = running != null && running.config().at(config.index()).equals(config);
    return same ? running : null;
  }

  /** The cluster of that name; a linear search, for administration and composition. */
  public Optional<Cluster> find(String name) {
    return clusters().stream().filter(c -> c.config().name().equals(name)).findFirst();
  }

  /** All clusters of the current snapshot, in its order. */
  public List<Cluster> clusters() {
    return List.of(active);
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
    pools.forEach((loop, pool) -> loop.execute(pool::close));
  }

  private void stop(Cluster cluster) {
    Membership membership = memberships.remove(cluster);
    if (membership != null) {
      membership.stop();
      cluster.close();
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
