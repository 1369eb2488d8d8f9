package io.handfast.proxy.datapath;

import io.handfast.proxy.accesslog.HeaderTemplate;
import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.cluster.connect.NettyConnector;
import io.handfast.proxy.cluster.connect.NettySocketConnector;
import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.filter.router.RouterFilter;
import io.handfast.proxy.http.HttpFilterFactory;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.http.connection.HttpTerminal;
import io.handfast.proxy.http.manager.ConnectionManager;
import io.handfast.proxy.listener.ListenerManager;
import io.handfast.proxy.network.NetworkFilterChain;
import io.handfast.proxy.overload.OverloadState;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.tls.TlsContexts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The data path in this process, put together as the server does it: one listener on port 0,
 * filters of the test's choice, the router.
 */
public final class InProcessProxy implements AutoCloseable {
  private static final int BUFFER_LIMIT = ListenerConfig.DEFAULT_PER_CONNECTION_BUFFER_LIMIT_BYTES;

  final Stats stats = new Stats();
  final OverloadState overload = new OverloadState();
  private final BlockingQueue<StreamInfo> ended = new LinkedBlockingQueue<>();
  private final EventLoops loops = new EventLoops(1, System::nanoTime, System::currentTimeMillis);
  private final TlsContexts tls = new TlsContexts(stats, System::currentTimeMillis);
  private final ClusterManager clusters =
      new ClusterManager(
          stats,
          (name, family, callback) ->
              callback.onAddresses(List.of(InetAddress.getLoopbackAddress())),
          loops.main(),
          new NettyConnector(
              new NettySocketConnector(loops, tls::of),
              new NettySocketConnector(loops, tls::halfClosing)),
          InProcessProxy::draw);
  private final ListenerManager listeners;

  private InProcessProxy(
      HttpConnectionManagerConfig http,
      List<ClusterConfig> clusterConfigs,
      int bufferLimit,
      List<HttpFilterFactory> filters) {
    NetworkAddress anyPort = new NetworkAddress.Tcp("127.0.0.1", 0);
    ListenerConfig listener =
        new ListenerConfig(
            "test",
            anyPort,
            ListenerConfig.TrafficDirection.INBOUND,
            List.of(new FilterChainConfig(http)),
            http,
            bufferLimit);
    List<HttpFilterFactory> chain = new ArrayList<>(filters);
    chain.add(RouterFilter.factory(clusters, InProcessProxy::draw));
    listeners =
        new ListenerManager(
            loops,
            stats,
            overload,
            tls,
            Duration.ofSeconds(10),
            (config, only) ->
                new NetworkFilterChain(
                    List.of(),
                    new HttpTerminal(
                        now ->
                            new ConnectionManager(
                                now,
                                clusters::config,
                                chain,
                                stats.http("test"),
                                List.of((info, request, response, trailers) -> ended.add(info)),
                                bufferLimit,
                                HeaderTemplate::compile,
                                overload,
                                InProcessProxy::draw),
                        http)));
    start(
        new ConfigSnapshot(1, AdminConfig.DEFAULTS, List.of(listener), clusterConfigs, List.of()));
  }

  private void start(ConfigSnapshot snapshot) {
    CountDownLatch ready = new CountDownLatch(1);
    loops
        .main()
        .execute(() -> {
          clusters.commit(clusters.prepare(snapshot, () -> {}));
          ready.countDown();
        });
    try {
      if (!ready.await(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("clusters: not there (expected: there)");
      }
      listeners.start(snapshot);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long draw(long bound) {
    return ThreadLocalRandom.current().nextLong(bound);
  }

  static InProcessProxy running(
      HttpConnectionManagerConfig http,
      List<ClusterConfig> clusters,
      HttpFilterFactory... filters) {
    return new InProcessProxy(http, clusters, BUFFER_LIMIT, List.of(filters));
  }

  /** With that one route and cluster, which has index 0. */
  public static InProcessProxy of(
      Route route, ClusterConfig cluster, int bufferLimit, HttpFilterFactory... filters) {
    return new InProcessProxy(
        Configs.http(filters.length, route), List.of(cluster), bufferLimit, List.of(filters));
  }

  /** With that one route, and endpoints of the cluster {@code upstream}. */
  static InProcessProxy of(
      Route route, List<Endpoint> endpoints, int bufferLimit, HttpFilterFactory... filters) {
    return of(
        route,
        ClusterConfig.of("upstream", 0, DiscoveryType.STATIC, endpoints),
        bufferLimit,
        filters);
  }

  /** Forwards everything to that port of this host. */
  static InProcessProxy to(int port, HttpFilterFactory... filters) {
    return of(
        Route.of(
            RouteMatch.prefix("/"),
            new RouteAction.Forward("upstream", RouteAction.ForwardOptions.DEFAULTS)),
        List.of(Endpoint.of("127.0.0.1", port)),
        BUFFER_LIMIT,
        filters);
  }

  /** Where it listens. */
  public int port() {
    SocketAddress address = listeners.listeners().getFirst().boundAddresses().getFirst();
    return ((InetSocketAddress) address).getPort();
  }

  ListenerManager listeners() {
    return listeners;
  }

  RawConnection connect() {
    return RawConnection.to(port());
  }

  /** The next stream that has ended, as the access log was told. */
  public StreamInfo nextEnded() {
    try {
      StreamInfo next = ended.poll(20, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("access log: nothing (expected: a record)");
      }
      return next;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    listeners.close();
    clusters.close();
    loops.close();
    stats.close();
  }
}
