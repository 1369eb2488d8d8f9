package io.handfast.proxy.listener;

import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.cluster.NettyNameResolver;
import io.handfast.proxy.cluster.connect.NettyConnector;
import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.RouteTable.VirtualHost;
import io.handfast.proxy.filter.router.RouterFilter;
import io.handfast.proxy.http.AccessLog;
import io.handfast.proxy.http.HttpFilterFactory;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.http.manager.ConnectionManager;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.stats.Stats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The data path in this process: one listener, one cluster, filters of the test's choice. */
public final class InProcessProxy implements AutoCloseable {
  public final Stats stats = new Stats();
  public final BlockingQueue<StreamInfo> ended = new LinkedBlockingQueue<>();
  private final EventLoops loops = new EventLoops(1, System::nanoTime, System::currentTimeMillis);
  private final NettyNameResolver names =
      new NettyNameResolver(loops.main().eventLoop(), loops.datagramChannel());
  private final ClusterManager clusters =
      new ClusterManager(stats, names, loops.main(), new NettyConnector(loops.clientChannel()));
  private final ListenerManager listeners;

  private InProcessProxy(
      List<HttpFilterFactory> filters, Route route, ClusterConfig cluster, int bufferLimit)
      throws IOException, InterruptedException {
    AccessLog log = (info, request, response, trailers) -> ended.add(info);
    List<HttpFilterFactory> chain = new ArrayList<>(filters);
    chain.add(RouterFilter.factory(clusters, bound -> ThreadLocalRandom.current().nextLong(bound)));
    List<HttpFilterConfig> configs = new ArrayList<>();
    for (int i = 0; i < chain.size(); i++) {
      configs.add(new HttpFilterConfig("f" + i, "test/f" + i, "config", false));
    }
    RouteTable table = new RouteTable(List.of(new VirtualHost("v", List.of("*"), List.of(route))));
    ListenerConfig listener =
        new ListenerConfig(
            "l",
            new NetworkAddress("127.0.0.1", 0),
            ListenerConfig.TrafficDirection.INBOUND,
            List.of(
                new io.handfast.proxy.config.FilterChainConfig(
                    HttpConnectionManagerConfig.of("test", table, configs))),
            bufferLimit);
    ConfigSnapshot snapshot =
        new ConfigSnapshot(1, AdminConfig.DEFAULTS, List.of(listener), List.of(cluster), List.of());
    CountDownLatch warm = new CountDownLatch(1);
    loops
        .main()
        .execute(() -> {
          ClusterManager.Prepared prepared = clusters.prepare(snapshot, () -> {});
          clusters.commit(prepared);
          warm.countDown();
        });
    if (!warm.await(10, TimeUnit.SECONDS)) {
      throw new IOException("clusters not warm");
    }
    listeners =
        new ListenerManager(
            loops,
            stats,
            (all, config) ->
                new ConnectionManager(
                    (HttpConnectionManagerConfig) config.filterChains().getFirst().filter(),
                    all.clusters(),
                    chain,
                    stats.http("test"),
                    List.of(log),
                    config.perConnectionBufferLimitBytes(),
                    bound -> ThreadLocalRandom.current().nextLong(bound)));
    listeners.start(snapshot);
  }

  /** Forwards everything to that port of this host, through the filters. */
  public static InProcessProxy to(int port, HttpFilterFactory... filters) throws Exception {
    return new InProcessProxy(
        List.of(filters),
        Route.of(
            RouteMatch.prefix("/"),
            new RouteAction.Forward("upstream", RouteAction.ForwardOptions.DEFAULTS)),
        cluster(List.of(Endpoint.of("127.0.0.1", port))),
        1 << 20);
  }

  /** With that one route, endpoints and limit. */
  public static InProcessProxy of(
      Route route, List<Endpoint> endpoints, int bufferLimit, HttpFilterFactory... filters)
      throws Exception {
    return new InProcessProxy(List.of(filters), route, cluster(endpoints), bufferLimit);
  }

  /** With that one route and cluster, which has index 0. */
  public static InProcessProxy of(
      Route route, ClusterConfig cluster, int bufferLimit, HttpFilterFactory... filters)
      throws Exception {
    return new InProcessProxy(List.of(filters), route, cluster, bufferLimit);
  }

  private static ClusterConfig cluster(List<Endpoint> endpoints) {
    return ClusterConfig.of("upstream", 0, DiscoveryType.STATIC, endpoints);
  }

  /** Where it listens. */
  public int port() {
    var bound = listeners.listeners().getFirst().boundAddress();
    if (bound == null) {
      throw new IllegalStateException("not bound");
    }
    return bound.getPort();
  }

  /** The next stream that has ended. */
  public StreamInfo nextEnded() throws InterruptedException {
    StreamInfo info = ended.poll(10, TimeUnit.SECONDS);
    if (info == null) {
      throw new AssertionError("no stream has ended");
    }
    return info;
  }

  public ListenerManager listeners() {
    return listeners;
  }

  @Override
  public void close() {
    listeners.close();
    clusters.close();
    names.close();
    loops.close();
    stats.close();
  }
}
