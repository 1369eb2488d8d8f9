package io.handfast.proxy.cluster.pool;

import io.handfast.proxy.cluster.CircuitBreaker;
import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.lb.LoadBalancer;
import io.handfast.proxy.cluster.lb.PriorityBalancer;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.runtime.Dispatcher;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop, to every cluster. Confined to it. */
public final class LoopPools {
  private final Dispatcher loop;
  private final ClientConnector connector;
  private final LongUnaryOperator draw;
  private final Map<Cluster, ClusterPool> clusters = new HashMap<>();
  private boolean closed;

  /**
   * @param draw an evenly drawn number from 0 up to its argument, to choose endpoints
   */
  public LoopPools(Dispatcher loop, ClientConnector connector, LongUnaryOperator draw) {
    this.loop = loop;
    this.connector = connector;
    this.draw = draw;
  }

  /**
   * Finds a connection for one request.
   *
   * @param destination of the client, for a cluster that goes by that; null: unknown
   * @param downstream the protocol that its client speaks, if the cluster goes by that
   * @param priority whose bounds and connections are used
   * @return to be given back when the request is over
   */
  public Lease lease(
      Cluster cluster,
      HttpProtocol downstream,
      RoutingPriority priority,
      @Nullable InetSocketAddress destination,
      Lease.Listener listener) {
    return lease(cluster, wire(cluster, downstream), priority, destination, listener);
  }

  /**
   * Finds a connection that carries bytes only.
   *
   * @param priority as for {@link #lease}
   * @param destination as for {@link #lease}
   * @return to be given back when the request is over
   */
  public Lease leaseRaw(
      Cluster cluster,
      RoutingPriority priority,
      @Nullable InetSocketAddress destination,
      Lease.Listener listener) {
    return lease(cluster, Wire.RAW, priority, destination, listener);
  }

  private Lease lease(
      Cluster cluster,
      Wire wire,
      RoutingPriority priority,
      @Nullable InetSocketAddress destination,
      Lease.Listener listener) {
    loop.checkInLoop();
    CircuitBreaker breaker = cluster.breaker(priority);
    cluster.stats().rqTotal.inc();
    if (closed || !breaker.takeRequest()) {
      cluster.stats().rqPendingOverflow.inc();
      Lease refused = new Lease(cluster, null, listener);
      refused.failed(PoolFailure.OVERFLOW, null, "max_requests");
      return refused;
    }
    cluster.stats().rqActive.inc();
    Lease lease = new Lease(cluster, breaker, listener);
    ClusterPool pool = pool(cluster);
    Host host = pool.choose(destination);
    if (host == null) {
      cluster.stats().cxNoneHealthy.inc();
      lease.failed(PoolFailure.NO_HOST, null, "no endpoint");
      return lease;
    }
    Map<Host, HostPool> pools = pool.of(wire, priority);
    HostPool chosen = pools.get(host);
    if (chosen == null) {
      chosen = new HostPool(loop, cluster, host, wire, breaker, connector);
      pools.put(host, chosen);
    }
    chosen.take(lease);
    return lease;
  }

  /**
   * The endpoint of a connection that is not pooled; null if there is none.
   *
   * @param destination as for {@link #lease}
   */
  public @Nullable Host choose(Cluster cluster, @Nullable InetSocketAddress destination) {
    loop.checkInLoop();
    return pool(cluster).choose(destination);
  }

  private ClusterPool pool(Cluster cluster) {
    ClusterPool pool = clusters.get(cluster);
    if (pool == null) {
      pool = new ClusterPool(cluster, draw);
      clusters.put(cluster, pool);
    }
    pool.refresh();
    return pool;
  }

  private static Wire wire(Cluster cluster, HttpProtocol downstream) {
    return switch (cluster.config().http().protocol()) {
      case HTTP1 -> Wire.HTTP1;
      case HTTP2 -> Wire.HTTP2;
      case DOWNSTREAM -> downstream == HttpProtocol.HTTP_2 ? Wire.HTTP2 : Wire.HTTP1;
      case AUTO -> Wire.AUTO;
    };
  }

  /** Closes the connections of a cluster as they become idle. */
  public void drain(Cluster cluster) {
    ClusterPool pool = clusters.remove(cluster);
    if (pool != null) {
      pool.forEach(HostPool::drain);
    }
  }

  /** Closes every connection at once; later requests are refused. */
  public void close() {
    closed = true;
    clusters.values().forEach(pool -> pool.forEach(HostPool::close));
    clusters.clear();
  }

  private static final class ClusterPool {
    final Cluster cluster;
    final LoadBalancer balancer;
    private final Pools usual = new Pools();
    private final Pools urgent = new Pools();
    private long version;

    ClusterPool(Cluster cluster, LongUnaryOperator draw) {
      this.cluster = cluster;
      this.balancer =
          new PriorityBalancer(
              () -> cluster.config().loadBalancing(), draw, cluster.stats().lbHealthyPanic);
      this.version = cluster.hosts().version();
    }

    @Nullable Host choose(@Nullable InetSocketAddress destination) {
      return cluster.isOnDemand()
          ? cluster.onDemand(destination)
          : balancer.choose(cluster.hosts());
    }

    Map<Host, HostPool> of(Wire wire, RoutingPriority priority) {
      Pools pools =
          switch (priority) {
            case DEFAULT -> usual;
            case HIGH -> urgent;
          };
      return switch (wire) {
        case HTTP1 -> pools.http1;
        case HTTP2 -> pools.http2;
        case AUTO -> pools.auto;
        case RAW -> pools.raw;
      };
    }

    /** Lets go of endpoints that the cluster no longer has. */
    void refresh() {
      if (version != cluster.hosts().version()) {
        version = cluster.hosts().version();
        Set<Host> now = Set.copyOf(cluster.hosts().hosts());
        usual.each().forEach(pools -> letGo(pools, now));
        urgent.each().forEach(pools -> letGo(pools, now));
      }
    }

    private static void letGo(Map<Host, HostPool> hosts, Set<Host> now) {
      hosts
          .entrySet()
          .removeIf(entry -> {
            boolean gone = !now.contains(entry.getKey());
            if (gone) {
              entry.getValue().drain();
            }
            return gone;
          });
    }

    void forEach(Consumer<HostPool> action) {
      usual.each().forEach(pools -> pools.values().forEach(action));
      urgent.each().forEach(pools -> pools.values().forEach(action));
    }
  }

  /** Of one priority. */
  private static final class Pools {
    final Map<Host, HostPool> http1 = new HashMap<>();
    final Map<Host, HostPool> http2 = new HashMap<>();
    final Map<Host, HostPool> auto = new HashMap<>();
    final Map<Host, HostPool> raw = new HashMap<>();

    List<Map<Host, HostPool>> each() {
      return List.of(http1, http2, auto, raw);
    }
  }
}
