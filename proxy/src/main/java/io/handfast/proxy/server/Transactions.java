package io.handfast.proxy.server;

import io.handfast.proxy.admin.OperatorToken;
import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.tls.TlsContexts;
import io.handfast.proxy.transaction.ControlIdentity;
import io.handfast.proxy.transaction.DispatcherLoop;
import io.handfast.proxy.transaction.LocalServiceClient;
import io.handfast.proxy.transaction.manager.ManagerConfig;
import io.handfast.transaction.v1.Sender;
import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.engine.EngineConfig;
import io.handfast.tx.engine.TransactionEngine;
import io.handfast.tx.grpc.ControlServer;
import io.handfast.tx.grpc.ControlTransport;
import io.handfast.tx.grpc.GrpcPeers;
import io.handfast.tx.port.Databases;
import io.handfast.tx.port.LocalService;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transaction manager of a sidecar: store, engine, control service, and the ways to peers and
 * to the local service. Started and closed by the thread that does so with the sidecar; otherwise
 * thread-safe.
 */
final class Transactions {

  private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);
  private static final Duration RECOVERY_LIMIT = Duration.ofSeconds(60);

  private final OpenStore store;
  private final GrpcPeers peers;
  private final Databases databases;
  private final TransactionEngine engine;
  private final ControlServer control;
  private final @Nullable OperatorToken token;

  private Transactions(
      OpenStore store,
      GrpcPeers peers,
      Databases databases,
      TransactionEngine engine,
      ControlServer control,
      @Nullable OperatorToken token) {
    this.store = store;
    this.peers = peers;
    this.databases = databases;
    this.engine = engine;
    this.control = control;
    this.token = token;
  }

  /**
   * Reads the store, takes up what was left, and then answers other sidecars (T13). Blocks.
   *
   * @throws StartException if the store cannot be opened or the address cannot be bound
   */
  static Transactions start(
      ManagerConfig config,
      EventLoops loops,
      ClusterManager clusters,
      TlsContexts tls,
      Stats stats,
      Ambient ambient)
      throws StartException {
    DispatcherLoop loop = new DispatcherLoop(loops.main());
    int port = port(config);
    Authority authority =
        config
            .control()
            .authority()
            .orElseGet(() -> new Authority(host(config.control().address()), port));
    OpenStore store = OpenStore.open(config, authority, loop, tls, ambient);
    try {
      checkNames(config, authority, store);
      Databases databases = OpenDatabases.open(config, tls, stats, ambient);
      ControlTransport transport =
          new ControlTransport(
              loops.group(),
              loops.serverChannel(),
              loops.clientChannel(),
              config
                  .control()
                  .tls()
                  .map(both ->
                      new ControlTransport.Security(
                          tls.of(both.server()).forGrpc(), tls.of(both.client()).forGrpc())));
      Sender self =
          Sender.newBuilder()
              .setProtocolVersion(1)
              .setService(config.service())
              .setAuthority(authority.toString())
              .setStoreId(store.store().storeId())
              .setIncarnation(store.store().incarnation())
              .build();
      GrpcPeers peers = new GrpcPeers(transport, loop, () -> self, stats.meters());
      TransactionEngine engine =
          new TransactionEngine(
              engineConfig(config, authority, identity(config, tls)),
              loop,
              store.store(),
              peers,
              local(config, loops, clusters),
              databases,
              ambient.secrets(),
              stats.meters());
      recover(engine);
      ControlServer control =
          ControlServer.start(
              new InetSocketAddress(config.control().address(), port),
              transport,
              engine.control(),
              loop);
      store.bind(stats.meters());
      return new Transactions(store, peers, databases, engine, control, token(config, ambient));
    } catch (IOException e) {
      store.close();
      throw new StartException("handfast.transaction_manager: " + e.getMessage(), e);
    } catch (StartException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** What is prepared says in its name who decides, and a name has its bounds. */
  private static void checkNames(ManagerConfig config, Authority authority, OpenStore store)
      throws StartException {
    StoreId decider = StoreId.parse(store.store().storeId());
    if (config.databases().isEmpty() || decider == null) {
      return;
    }
    Optional<Authority> shared = OpenStore.serviceAuthority(config);
    String problem =
        GlobalId.tooLong(
            shared.isPresent() ? "store.etcd.service_authority" : "control.authority",
            decider,
            shared.orElse(authority),
            config.control().tls().isPresent());
    if (problem != null) {
      throw new StartException("handfast.transaction_manager: " + problem);
    }
  }

  /** Whom our certificate names; nobody where nobody proves anything. */
  private static Supplier<Optional<PeerIdentity>> identity(ManagerConfig config, TlsContexts tls)
      throws StartException {
    ManagerConfig.ControlTls control = config.control().tls().orElse(null);
    if (control == null) {
      return Optional::empty;
    }
    return ControlIdentity.of(tls, control.server())
        .orElseThrow(() ->
            new StartException(
                "handfast.transaction_manager: control_tls: the certificate names nobody (expected:"
                    + " among its subject alternative names "
                    + PeerIdentity.EXPECTED
                    + ", by which others know whose outcomes to believe)"));
  }

  private static EngineConfig engineConfig(
      ManagerConfig config, Authority authority, Supplier<Optional<PeerIdentity>> identity) {
    return new EngineConfig(
        config.service(),
        authority,
        config.limits(),
        config.retention(),
        config.traceQuarantine(),
        identity,
        OpenStore.serviceAuthority(config));
  }

  private static LocalService local(
      ManagerConfig config, EventLoops loops, ClusterManager clusters) {
    return config
        .localCluster()
        .<LocalService>map(name -> new LocalServiceClient(loops.main(), clusters, name))
        .orElse((completion, callback) -> callback.onNoAnswer("local_cluster: not configured"));
  }

  private static void recover(TransactionEngine engine) throws StartException {
    try {
      engine.start().toCompletableFuture().get(RECOVERY_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new StartException(
          "handfast.transaction_manager: the store cannot be taken up: "
              + (e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
          e);
    } catch (TimeoutException e) {
      throw new StartException(
          "handfast.transaction_manager: the store was not taken up within "
              + RECOVERY_LIMIT.toSeconds()
              + " s",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("handfast.transaction_manager: interrupted", e);
    }
  }

  /**
   * The authority goes into the engine before the control service is bound, for it may answer only
   * after recovery: so a port of 0 is chosen ahead. Another process may take it meanwhile, which
   * then fails the start; port 0 is for tests.
   */
  private static int port(ManagerConfig config) throws StartException {
    if (config.control().port() != 0) {
      return config.control().port();
    }
    try (ServerSocket probe =
        new ServerSocket(0, 1, InetAddress.getByName(config.control().address()))) {
      return probe.getLocalPort();
    } catch (IOException e) {
      throw new StartException("handfast.transaction_manager: " + e.getMessage(), e);
    }
  }

  private static String host(String address) {
    return address.indexOf(':') >= 0 ? "[" + address + "]" : address;
  }

  /** Without one nothing that operators do is permitted; transactions go on. */
  private static @Nullable OperatorToken token(ManagerConfig config, Ambient ambient) {
    Path file = config.operatorTokenFile().orElse(null);
    if (file == null) {
      LOG.warn(
          "operator token: none, for the store has no directory: `handfast tx resolve` and `forget`"
              + " are refused (expected: operator_token_file)");
      return null;
    }
    try {
      return OperatorToken.create(file, ambient.secrets());
    } catch (IOException | UnsupportedOperationException e) {
      LOG.warn("operator token: {} cannot be written: {}", file, e.toString());
      return null;
    }
  }

  /** What changing transactions needs; null if there is none. */
  @Nullable OperatorToken token() {
    return token;
  }

  TransactionEngine engine() {
    return engine;
  }

  int controlPort() {
    return control.port();
  }

  /** Takes nothing new. */
  void drain() {
    engine.drain();
  }

  /** Branches and transactions that have not ended. */
  CompletionStage<Integer> running() {
    return engine.running();
  }

  /** Answers nobody any more, asks nobody. The loops still run. */
  void disconnect() {
    control.close();
    peers.close();
    OpenDatabases.close(databases);
  }

  /** Forces what was accepted and closes the store; after the loops have stopped. */
  void closeStore() {
    store.close();
  }
}
