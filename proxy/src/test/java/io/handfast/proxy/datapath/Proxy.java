package io.handfast.proxy.datapath;

import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.cluster.NameResolver;
import io.handfast.proxy.cluster.connect.NettyConnector;
import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.filter.router.RouterFilter;
import io.handfast.proxy.http.HttpFilterFactory;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.http.manager.ConnectionManager;
import io.handfast.proxy.listener.ListenerManager;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.stats.Stats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The data path of one listener in this process, put together as the server does it. */
final class Proxy implements AutoCloseable {
  final Stats stats = new Stats();
  final ListenerManager listeners;
  private final BlockingQueue<Logged> log = new LinkedBlockingQueue<>();
  private final EventLoops loops;
  private final ClusterManager clusters;

  /**
   * What the access log was told.
   *
   * @param status of the response
   * @param flags in Envoy's short names
   * @param details of the response
   * @param complete whether the response reached its end
   * @param info all of it
   */
  record Logged(int status, String flags, String details, boolean complete, StreamInfo info) {}

  private Proxy(
      HttpConnectionManagerConfig http,
      List<ClusterConfig> clusterConfigs,
      List<HttpFilterFactory> filters,
      int bufferLimit,
      NameResolver resolver) {
    loops = new EventLoops(1, System::nanoTime, System::currentTimeMillis);
    clusters =
        new ClusterManager(
            stats, resolver, loops.main(), new NettyConnector(loops.clientChannel()));
    ListenerConfig listener =
        new ListenerConfig(
            "test",
            new NetworkAddress("127.0.0.1", 0),
            ListenerConfig.TrafficDirection.INBOUND,
            ListenerConfig.of("test", new NetworkAddress("127.0.0.1", 0), http).filterChains(),
            bufferLimit);
    ConfigSnapshot snapshot =
        new ConfigSnapshot(1, AdminConfig.DEFAULTS, List.of(listener), clusterConfigs, List.of());
    List<HttpFilterFactory> chain = new ArrayList<>(filters);
    chain.add(RouterFilter.factory(clusters, bound -> ThreadLocalRandom.current().nextLong(bound)));
    listeners =
        new ListenerManager(
            loops,
            stats,
            (config, ignored) ->
                new ConnectionManager(
                    http,
                    config.clusters(),
                    chain,
                    stats.http("test"),
                    List.of((info, request, response, trailers) ->
                        log.add(
                            new Logged(
                                info.status(),
                                info.flagsText(),
                                info.details(),
                                info.responseComplete(),
                                info))),
                    bufferLimit,
                    bound -> ThreadLocalRandom.current().nextLong(bound)));
    start(snapshot);
  }

  private void start(ConfigSnapshot snapshot) {
    CountDownLatch warm = new CountDownLatch(1);
    loops
        .main()
        .execute(() -> {
          ClusterManager.Prepared[] prepared = new ClusterManager.Prepared[1];
          prepared[0] =
              clusters.prepare(
                  snapshot,
                  () ->
                      loops
                          .main()
                          .execute(() -> {
                            clusters.commit(prepared[0]);
                            warm.countDown();
                          }));
        });
    try {
      if (!warm.await(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("clusters: not warm (expected: warm)");
      }
      listeners.start(snapshot);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static Proxy running(
      HttpConnectionManagerConfig http,
      List<ClusterConfig> clusters,
      HttpFilterFactory... filters) {
    return running(
        http, clusters, ListenerConfig.DEFAULT_PER_CONNECTION_BUFFER_LIMIT_BYTES, filters);
  }

  static Proxy running(
      HttpConnectionManagerConfig http,
      List<ClusterConfig> clusters,
      int bufferLimit,
      HttpFilterFactory... filters) {
    return new Proxy(
        http,
        clusters,
        List.of(filters),
        bufferLimit,
        (name, family, callback) ->
            callback.onAddresses(List.of(InetAddress.getLoopbackAddress())));
  }

  int port() {
    InetSocketAddress address = listeners.listeners().getFirst().boundAddress();
    if (address == null) {
      throw new IllegalStateException("listener: not bound (expected: bound)");
    }
    return address.getPort();
  }

  RawConnection connect() {
    return RawConnection.to(port());
  }

  /** The next record of the access log, once it is there. */
  Logged logged() {
    try {
      Logged next = log.poll(20, TimeUnit.SECONDS);
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
