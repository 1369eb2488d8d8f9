package io.handfast.tx.engine;

import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Backoff;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.DeciderCheck;
import io.handfast.tx.engine.base.FailedLogins;
import io.handfast.tx.engine.base.LiveRecords;
import io.handfast.tx.engine.base.Mailbox;
import io.handfast.tx.engine.base.PeerTurns;
import io.handfast.tx.engine.base.SharedAnswers;
import io.handfast.tx.engine.base.StoreIdentity;
import io.handfast.tx.engine.base.TraceIndex;
import io.handfast.tx.engine.base.Turns;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.engine.observe.EngineMeters;
import io.handfast.tx.engine.observe.History;
import io.handfast.tx.engine.observe.SuccessPrediction;
import io.handfast.tx.interceptor.Fields;
import io.handfast.tx.interceptor.InboundCall;
import io.handfast.tx.interceptor.InboundExchange;
import io.handfast.tx.interceptor.InboundListener;
import io.handfast.tx.interceptor.OutboundCall;
import io.handfast.tx.interceptor.OutboundExchange;
import io.handfast.tx.interceptor.OutboundListener;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlBlockListener;
import io.handfast.tx.interceptor.SqlInterceptor;
import io.handfast.tx.interceptor.TransactionInterceptor;
import io.handfast.tx.operator.TransactionCommands;
import io.handfast.tx.operator.TransactionDetail;
import io.handfast.tx.operator.TransactionFilter;
import io.handfast.tx.operator.TransactionList;
import io.handfast.tx.operator.TransactionQueries;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.Databases;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.LocalService;
import io.handfast.tx.port.Peers;
import io.handfast.tx.port.SharedStore;
import io.handfast.tx.port.TransactionStore;
import io.handfast.tx.port.TransactionStore.Health;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The transaction manager of one sidecar: runs the coordinators of what begins here and the
 * branches of what arrives here, on one loop, and is what the data plane, the control service and
 * operators talk to.
 *
 * <p>Thread-safe: everything hops to the loop, which alone has state. Nothing blocks.
 *
 * <p>Life: {@link #start} reads the store and takes up what was left; before it has completed
 * nothing is begun and nothing is answered from absence. {@link #drain} takes nothing new; what
 * runs goes on. The store is closed by whoever opened it, after the loop has stopped.
 */
public final class TransactionEngine
    implements TransactionInterceptor, SqlInterceptor, TransactionQueries, TransactionCommands {
  private final Wiring wiring;
  private final TransactionStore store;
  private final LiveRecords live;
  private final Reception reception;
  private final InboundGate inbound;
  private final OutboundGate outbound;
  private final SqlGate sql;
  private final ControlDesk control;
  private final OperatorDesk operator;
  private final OperatorCommands commands;
  private final List<BlockScanner> scanners;
  private volatile boolean started;
  private volatile boolean draining;

  /**
   * An engine that has not been started.
   *
   * @param databases in which the service's blocks of SQL are prepared
   * @param random thread-safe, without a lock that is waited for (event loops draw from it), and
   *     not to be foreseen: ids are drawn from it
   * @throws IllegalArgumentException if this sidecar's authority is too long for the names of what
   *     is prepared in databases
   */
  public TransactionEngine(
      EngineConfig config,
      EngineLoop loop,
      TransactionStore store,
      Peers peers,
      LocalService local,
      Databases databases,
      RandomGenerator random,
      MeterRegistry registry) {
    EngineMeters meters = new EngineMeters(registry, loop::epochMillis);
    this.store = store;
    this.live = new LiveRecords();
    KeptEnds kept = new KeptEnds();
    Blocks blocks = new Blocks();
    this.wiring =
        new Wiring(
            config,
            StoreIdentity.of(store),
            loop,
            new Mailbox(),
            peers,
            local,
            databases,
            new Writer(loop, store, live),
            new Tables(new TraceIndex(config.traceQuarantine().toNanos()), meters),
            kept,
            blocks,
            new PeerTurns(Bounds.MAX_COMPLETIONS),
            new PeerTurns(Bounds.MAX_INQUIRIES),
            new Turns(Bounds.MAX_COMPLETIONS),
            new Turns(Bounds.MAX_COMPLETIONS),
            new History(config.retention().toMillis()),
            meters,
            new SuccessPrediction(registry, loop::nanoTime),
            new DeciderCheck(meters),
            new Backoff(random),
            new SharedAnswers(store),
            random);
    kept.wire(wiring);
    blocks.wire(wiring);
    this.scanners =
        databases.names().stream().sorted().map(it -> new BlockScanner(wiring, it)).toList();
    checkAuthority();
    this.reception = new Reception(wiring, store);
    this.inbound = new InboundGate(wiring, reception);
    this.outbound = new OutboundGate(wiring);
    this.sql = new SqlGate(wiring);
    this.control = new ControlDesk(wiring, reception, store.incarnation());
    this.operator = new OperatorDesk(wiring);
    this.commands = new OperatorCommands(wiring);
  }

  /** Reads the store and goes on where the last life ended; fails if a record is not understood. */
  public CompletionStage<Void> start() {
    return onLoop(() -> {
      if (store.incarnation() > 1) {
        wiring.tables().traces().restarted(wiring.loop().nanoTime());
      }
      Recovery recovery = new Recovery(wiring, live);
      recovery.run(
          store,
          () -> {
            reception.started();
            started = true;
          });
      scanners.forEach(BlockScanner::start);
      if (store instanceof SharedStore shared) {
        shared.takeOver(recovery::takeOver);
      }
      return null;
    });
  }

  /** Takes no new transactions and branches; what runs goes on. See {@link #running}. */
  public void drain() {
    draining = true;
    wiring.loop().execute(reception::drain);
  }

  /** Branches and transactions that have not ended, and Tries that are to be undone once more. */
  public CompletionStage<Integer> running() {
    return onLoop(() ->
        wiring.tables().participantCount()
            + wiring.tables().coordinatorCount()
            + wiring.tables().lostTries());
  }

  /** What the control service calls. */
  public ControlHandler control() {
    return control;
  }

  @Override
  public boolean isOutsideInbound(RoutePolicy policy, boolean trusted, Fields headers) {
    return inbound.isOutside(policy, trusted, headers);
  }

  @Override
  public boolean isOutsideOutbound(RoutePolicy policy, boolean participant, Fields headers) {
    return outbound.isOutside(policy, participant, headers);
  }

  @Override
  public InboundExchange inbound(InboundCall call, InboundListener listener) {
    return inbound.inbound(call, listener);
  }

  @Override
  public OutboundExchange outbound(OutboundCall call, OutboundListener listener) {
    return outbound.outbound(call, listener);
  }

  @Override
  public boolean anyInFlight() {
    return wiring.tables().hasParticipants();
  }

  @Override
  public boolean mayKnowTraces() {
    return anyInFlight() || wiring.tables().traces().hasBlocksQuarantined(wiring.loop().nanoTime());
  }

  @Override
  public String server(String database) {
    return wiring.databases().server(database);
  }

  @Override
  public SqlBlock enlist(SqlBlockCall call, SqlBlockListener listener) {
    return sql.enlist(call, listener);
  }

  @Override
  public void contextMissing() {
    wiring.meters().contextMissing();
  }

  @Override
  public void loginFailed(String database, String sqlState, String message) {
    EngineLoop loop = wiring.loop();
    FailedLogins.Login login = new FailedLogins.Login(database, sqlState, message);
    loop.execute(() -> wiring.tables().failedLogins().add(login, loop.nanoTime()));
  }

  @Override
  public CompletionStage<TransactionList> list(TransactionFilter filter) {
    return onLoop(() -> operator.list(filter));
  }

  @Override
  public CompletionStage<Optional<TransactionDetail>> show(String txId) {
    TxId tx = TxId.parse(txId);
    return tx == null
        ? CompletableFuture.completedFuture(Optional.empty())
        : onLoop(() -> operator.show(tx));
  }

  @Override
  public CompletionStage<Result> resolve(String txId, Decision decision, Ground ground) {
    return command(
        txId,
        (tx, reply) -> commands.resolve(tx, decision, OperatorCommands.bounded(ground), reply));
  }

  @Override
  public CompletionStage<Result> forget(String txId, Ground ground) {
    return command(
        txId, (tx, reply) -> commands.forget(tx, OperatorCommands.bounded(ground), reply));
  }

  private CompletionStage<Result> command(String txId, BiConsumer<TxId, Consumer<Result>> command) {
    TxId tx = TxId.parse(txId);
    if (tx == null) {
      return CompletableFuture.completedFuture(
          new Result(Status.UNKNOWN, "tx-id: " + txId + " is none", List.of()));
    }
    CompletableFuture<Result> done = new CompletableFuture<>();
    wiring
        .loop()
        .execute(() -> {
          try {
            command.accept(tx, done::complete);
          } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  @Override
  public Readiness readiness() {
    if (!started) {
      return new Readiness(false, "the transaction store is being read");
    }
    if (draining) {
      return new Readiness(false, "draining");
    }
    return switch (store.health()) {
      case Health.Ready _ -> databasesReady();
      case Health.Failed failed -> new Readiness(false, failed.reason());
    };
  }

  private Readiness databasesReady() {
    for (BlockScanner scanner : scanners) {
      String why = scanner.notReady();
      if (why != null) {
        return new Readiness(false, why);
      }
    }
    return new Readiness(true, "");
  }

  /** It is a part of the name of all that is prepared for what begins here. */
  private void checkAuthority() {
    EngineConfig config = wiring.config();
    String tooLong =
        GlobalId.tooLong(
            config.decider().isPresent() ? "decider" : "authority",
            wiring.storeId(),
            config.decider().orElse(config.authority()),
            config.identity().get().isPresent());
    if (tooLong != null && !scanners.isEmpty()) {
      throw new IllegalArgumentException(tooLong);
    }
  }

  private <T extends @org.jspecify.annotations.Nullable Object> CompletionStage<T> onLoop(
      Supplier<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    wiring
        .loop()
        .execute(() -> {
          try {
            done.complete(work.get());
          } catch (RuntimeException | Error e) {
            done.completeExceptionally(e); // who waits for it lets nobody else ask
          }
        });
    return done;
  }
}
