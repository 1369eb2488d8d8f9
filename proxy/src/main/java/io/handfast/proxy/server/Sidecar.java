package io.handfast.proxy.server;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.handfast.proxy.accesslog.AccessLogWriter;
import io.handfast.proxy.admin.AdminServer;
import io.handfast.proxy.admin.AdminSources;
import io.handfast.proxy.admin.LogLevels;
import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.cluster.NettyNameResolver;
import io.handfast.proxy.cluster.connect.NettyConnector;
import io.handfast.proxy.cluster.connect.NettySocketConnector;
import io.handfast.proxy.cluster.connect.SocketConnector;
import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.proxy.listener.ActiveListener;
import io.handfast.proxy.listener.ListenerManager;
import io.handfast.proxy.overload.HeapShrinker;
import io.handfast.proxy.overload.OverloadManager;
import io.handfast.proxy.overload.OverloadState;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.stats.OverloadStats;
import io.handfast.proxy.stats.ServerStats;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.status.CertificateDumps;
import io.handfast.proxy.status.ClientConfigs;
import io.handfast.proxy.status.ConfigDumps;
import io.handfast.proxy.tcp.Splicing;
import io.handfast.proxy.tls.TlsContexts;
import io.handfast.proxy.transaction.manager.ManagerConfig;
import io.handfast.proxy.xds.ControlPlane;
import io.handfast.proxy.xds.DiscoveryExecutor;
import io.handfast.proxy.xds.KeptConfig;
import io.handfast.proxy.xds.NodeIdentity;
import io.handfast.proxy.xds.StaticChannels;
import io.handfast.tx.interceptor.TransactionInterceptor;
import io.handfast.xds.cache.CacheException;
import io.handfast.xds.cache.ConfigCache;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.status.ResourceStatus;
import io.handfast.xds.store.ConfigStore;
import io.handfast.xds.store.ResourceSet;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sidecar, and the composition root: everything it consists of is made here, in this order, and
 * closed in the opposite one. Can be started in a test on ports 0 and stopped again; nothing of it
 * is static.
 *
 * <p>{@link #start} and {@link #close} belong to one thread, which may block and is no event loop;
 * the rest is thread-safe.
 */
public final class Sidecar implements AutoCloseable {

  private static final Duration ADMIN_CLOSE = Duration.ofSeconds(2);
  private static final Duration MAIN_LOOP_PATIENCE = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);

  private final SidecarOptions options;
  private final Ambient ambient;
  private final LogLevels logLevels;
  private final LifeCycle life;
  private final Teardown teardown = new Teardown();
  private final long startNanos;

  private final OverloadState overload = new OverloadState();
  private final Stats stats;
  private final AccessLogWriter accessLogs;
  private final TlsContexts tls;
  private final EventLoops loops;
  private final SocketConnector tunnels;
  private final ClusterManager clusters;
  private final ScheduledExecutorService configuration;
  private final ConfigLoader loader;
  private final ConfigStore<ConfigSnapshot> store;
  private final LateTransactions lateTransactions = new LateTransactions();
  private volatile Optional<Transactions> transactions = Optional.empty();
  private volatile @Nullable ListenerManager listeners;
  private volatile @Nullable AdminServer admin;
  private volatile @Nullable ControlPlane discovery;

  private Sidecar(SidecarOptions options, Ambient ambient, LogLevels logLevels, Runnable onQuit) {
    this.options = options;
    this.ambient = ambient;
    this.logLevels = logLevels;
    this.life = new LifeCycle(onQuit);
    this.startNanos = ambient.nanoTime().getAsLong();

    stats = new Stats();
    teardown.add("stats", stats::close);
    accessLogs = new AccessLogWriter(stats);
    teardown.add("access logs", accessLogs::close);
    tls = new TlsContexts(stats, ambient.epochMillis());
    teardown.add("TLS contexts", tls::close);
    // The store outlives the loops: what they wrote last is forced.
    teardown.add("transaction store", () -> transactions.ifPresent(Transactions::closeStore));
    loops = new EventLoops(options.concurrency(), ambient.nanoTime(), ambient.epochMillis());
    teardown.add("event loops", loops::close);
    NettyNameResolver resolver =
        new NettyNameResolver(loops.main().eventLoop(), loops::newDatagramChannel);
    teardown.add("name resolver", resolver::close);
    tunnels = new NettySocketConnector(loops, tls::halfClosing);
    clusters =
        new ClusterManager(
            stats,
            resolver,
            loops.main(),
            new NettyConnector(new NettySocketConnector(loops, tls::of), tunnels),
            ambient.draw());
    teardown.add("clusters", () -> onMainLoop(clusters::close));
    configuration = new DiscoveryExecutor();
    teardown.add("configuration thread", configuration::shutdownNow);
    loader = new ConfigLoader(ProxyExtensions.all());
    ClusterWarmer warmer = new ClusterWarmer(clusters);
    store =
        new ConfigStore<>(
            loader.compiler(),
            next -> {
              CompletionStage<@Nullable Void> certificates = tls.warm(TlsPlaces.of(next));
              return warmer.warm(next).thenCompose(_ -> certificates);
            },
            loops.main().eventLoop(),
            configuration,
            ConfigStore.DEFAULT_WARM_LIMIT);
    store.addListener(warmer);
    ServerStats.register(
        stats,
        () -> life.notReady().isEmpty() ? 1 : 0,
        () -> StatusMessages.number(life.state()),
        () -> uptimeMillis() / 1_000,
        options.concurrency());
    teardown.add("meters", ProcessMeters.bind(stats.meters()));
    life.onReopenLogs(accessLogs::reopen);
  }

  /**
   * Starts a sidecar; returns when it takes traffic by what is static. Where there is a control
   * plane, readiness says when the first that it sends is there.
   *
   * @param onQuit told when somebody asks over administration that it ends
   * @throws StartException if it cannot; nothing is left open
   */
  public static Sidecar start(
      SidecarOptions options, Ambient ambient, LogLevels logLevels, Runnable onQuit)
      throws StartException {
    Sidecar sidecar = new Sidecar(options, ambient, logLevels, onQuit);
    boolean started = false;
    try {
      sidecar.start();
      started = true;
      return sidecar;
    } catch (InvalidConfigException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (UncheckedIOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    } finally {
      if (!started) {
        sidecar.close();
      }
    }
  }

  private void start() throws InvalidConfigException, IOException, StartException {
    ResourceSet resources = loader.load(options.source());
    ConfigSnapshot checked =
        loader
            .compiler()
            .compile(1, resources)
            .snapshot()
            .orElseThrow(
                () -> new IllegalStateException("a configuration that was accepted is refused"));
    // Before the store takes it, which would publish though certificates are not there.
    tls.load(TlsPlaces.atStart(checked));
    life.initializing("the clusters are being warmed");
    boolean transactional = checked.bootstrapExtension(ManagerConfig.class).isPresent();
    if (transactional) {
      life.transactions(lateTransactions);
    }
    AdminServer administration = startAdmin(checked.admin(), resources, transactional);
    ControlPlane controlPlane = controlPlane(resources, checked);
    ConfigSnapshot snapshot = publish(controlPlane.initial());
    Optional<ManagerConfig> manager = snapshot.bootstrapExtension(ManagerConfig.class);
    if (manager.isPresent()) {
      life.initializing("the transaction store is being read");
      startTransactions(manager.get());
    }
    OverloadStats overloadStats = new OverloadStats(stats);
    OverloadManager protection =
        OverloadManager.of(
            snapshot.overload(),
            overload,
            overloadStats,
            HeapShrinker.of(overloadStats.heapShrunk(), loops.main(), configuration),
            loops.main());
    teardown.add("overload manager", () -> onMainLoop(protection::close));
    loops.main().execute(protection::start);
    life.initializing("the listeners are being bound");
    ListenerManager bound = startListeners(snapshot);
    if (controlPlane.isNeeded()) {
      life.initializing("the first configuration of the control plane is awaited");
      controlPlane.start();
      controlPlane
          .ready()
          .thenRun(
              () -> loops.main().execute(() -> bound.whenBound(() -> live(administration, bound))));
    } else {
      live(administration, bound);
    }
  }

  private ControlPlane controlPlane(ResourceSet resources, ConfigSnapshot checked)
      throws InvalidConfigException, StartException {
    Optional<ConfigCache> cache = configCache(resources);
    StaticChannels channels =
        new StaticChannels(
            checked,
            it -> tls.of(it).forGrpc(),
            loops.group(),
            loops::newClientChannel,
            configuration);
    ControlPlane controlPlane =
        ControlPlane.of(
            resources,
            loader,
            store,
            channels,
            NodeIdentity.of(resources.process().getNode(), options.version()),
            stats,
            new ControlPlane.Surroundings(
                configuration,
                ambient.nanoTime(),
                ambient.epochMillis(),
                ambient.secrets(),
                cache));
    life.notice(controlPlane::notice);
    teardown.add("control plane", controlPlane::close);
    discovery = controlPlane;
    return controlPlane;
  }

  private Optional<ConfigCache> configCache(ResourceSet resources) throws StartException {
    if (options.configCacheDir().isEmpty()) {
      return Optional.empty();
    }
    try {
      KeptConfig kept =
          KeptConfig.open(
              options.configCacheDir().get(), resources.process(), stats, ambient.nanoTime());
      teardown.add("configuration on disk", kept::close);
      return Optional.of(kept.cache());
    } catch (CacheException e) {
      throw new StartException("--config-cache-dir: " + e.getMessage(), e);
    }
  }

  private void live(AdminServer administration, ListenerManager bound) {
    life.live();
    LOG.info(
        "ready: admin={} listeners={} clusters={} loops={} took={}ms",
        StatusMessages.text(administration.address()),
        bound.listeners().size(),
        clusters.clusters().size(),
        options.concurrency(),
        uptimeMillis());
  }

  private AdminServer startAdmin(AdminConfig config, ResourceSet resources, boolean transactional)
      throws IOException {
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("handfast-admin", true), NioIoHandler.newFactory());
    teardown.add(
        "administration loop", () -> EventLoops.end(loop, ADMIN_CLOSE).awaitUninterruptibly());
    ConfigDumps dumps =
        new ConfigDumps(resources, loader.types(), ambient.epochMillis().getAsLong());
    Node node = resources.process().getNode();
    AdminSources sources =
        new AdminSources(
            life,
            stats,
            () -> dumps.at(shown(resources)),
            () -> StatusMessages.serverInfo(options, node, life.state(), uptimeMillis()),
            () -> StatusMessages.clusters(clusters),
            () -> StatusMessages.listeners(Optional.ofNullable(listeners)),
            () -> CertificateDumps.of(tls.inUse(), ambient.epochMillis().getAsLong()),
            () -> ClientConfigs.of(node, statuses(), loader.types()),
            logLevels,
            transactional ? Optional.of(lateTransactions) : Optional.empty(),
            () -> ConfigDumps.printable(loader.types()));
    AdminServer server = AdminServer.start(config, sources, loop, NioServerSocketChannel.class);
    teardown.add("administration server", server::close);
    admin = server;
    LOG.info("administration: address={}", StatusMessages.text(server.address()));
    if (options.adminAddressPath().isPresent()) {
      Path path = options.adminAddressPath().get();
      Files.writeString(path, StatusMessages.text(server.address()));
    }
    return server;
  }

  private List<ResourceStatus> statuses() {
    return Optional.ofNullable(discovery).map(ControlPlane::statuses).orElse(List.of());
  }

  private ConfigDumps.Moment shown(ResourceSet base) {
    List<ListenerConfig> outgoing =
        Optional.ofNullable(listeners).map(ListenerManager::outgoing).orElse(List.of());
    return new ConfigDumps.Moment(
        store.resources().orElse(base),
        statuses(),
        outgoing.stream()
            .map(ListenerConfig::source)
            .filter(Message.class::isInstance)
            .map(Message.class::cast)
            .toList(),
        clusters.clusters(),
        Optional.ofNullable(discovery).flatMap(ControlPlane::savedMillis));
  }

  private ConfigSnapshot publish(ResourceSet resources)
      throws InvalidConfigException, StartException {
    // The store publishes at its limit at the latest; the rest is for a slow machine.
    Duration patience = ConfigStore.DEFAULT_WARM_LIMIT.plusSeconds(30);
    try {
      return store
          .offer(resources)
          .toCompletableFuture()
          .get(patience.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InvalidConfigException invalid) {
        throw invalid;
      }
      throw new IllegalStateException("the configuration was not published", e);
    } catch (TimeoutException e) {
      throw new StartException(
          "the configuration was not published within " + patience.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted while starting", e);
    }
  }

  private void startTransactions(ManagerConfig config) throws StartException {
    Transactions started = Transactions.start(config, loops, clusters, tls, stats, ambient);
    transactions = Optional.of(started);
    teardown.add("control service", started::disconnect);
    lateTransactions.arrived(started.engine(), started.token());
    LOG.info(
        "control service: address={}:{} service={}",
        config.control().address(),
        started.controlPort(),
        config.service());
  }

  private ListenerManager startListeners(ConfigSnapshot snapshot) throws IOException {
    Optional<TransactionInterceptor> interceptor = transactions.map(Transactions::engine);
    HttpFilters http =
        new HttpFilters(clusters, interceptor, accessLogs, stats, overload, ambient.draw());
    ListenerManager manager =
        new ListenerManager(
            loops,
            stats,
            overload,
            tls,
            options.drainTime(),
            new NetworkFilters(
                http,
                tunnels,
                new Splicing(),
                transactions.map(Transactions::engine),
                snapshot
                    .bootstrapExtension(ManagerConfig.class)
                    .map(ManagerConfig::databases)
                    .orElse(List.of()),
                tls::halfClosing));
    teardown.add("listeners", manager::close);
    manager.start(snapshot);
    listeners = manager;
    store.addListener((previous, next) -> {
      manager.update(next);
      List<ListenerConfig> serving = new ArrayList<>(manager.outgoing());
      manager.listeners().forEach(listener -> serving.add(listener.config()));
      tls.retain(TlsPlaces.inUse(snapshot, previous, next, serving, clusters.lingering()));
    });
    life.onDrainListeners(
        inboundOnly -> manager.drain(listener -> !inboundOnly || Drain.isInbound(listener)));
    for (ActiveListener listener : manager.listeners()) {
      LOG.info(
          "listening: listener={} address={}",
          listener.config().name(),
          listener.boundAddresses().stream().map(StatusMessages::text).toList());
    }
    return manager;
  }

  /**
   * Lets what is in flight come to its end, and takes nothing new. {@link #close} remains to be
   * called.
   *
   * @return whether everything ended in time
   */
  public CompletionStage<Boolean> drain(Duration limit) {
    life.draining();
    ListenerManager bound = listeners;
    if (bound == null) {
      throw new IllegalStateException("drain before the start");
    }
    return new Drain(loops.main(), bound, transactions).begin(limit);
  }

  /** Closes everything at once; prepared branches stay in the store for the next start. */
  @Override
  public void close() {
    teardown.run();
  }

  /** The door by which a running sidecar gets another configuration. */
  CompletionStage<ConfigSnapshot> offer(ResourceSet resources) {
    return store.offer(resources);
  }

  /** Where the administration server listens. */
  public InetSocketAddress adminAddress() {
    AdminServer server = admin;
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    return server.address();
  }

  /** Where a listener listens; empty if there is none of that name, or at a Unix socket. */
  public Optional<InetSocketAddress> listenerAddress(String name) {
    return Optional.ofNullable(listeners)
        .flatMap(bound -> bound.find(name))
        .flatMap(listener -> listener.boundAddresses().stream().findFirst())
        .filter(InetSocketAddress.class::isInstance)
        .map(InetSocketAddress.class::cast);
  }

  /** Opens the files of the access logs anew, after somebody has renamed them. */
  void reopenLogs() {
    life.reopenLogs();
  }

  /** All statistics. */
  public Stats stats() {
    return stats;
  }

  private long uptimeMillis() {
    return TimeUnit.NANOSECONDS.toMillis(ambient.nanoTime().getAsLong() - startNanos);
  }

  private void onMainLoop(Runnable task) {
    loops.main().eventLoop().submit(task).awaitUninterruptibly(MAIN_LOOP_PATIENCE.toMillis());
  }
}
