package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Completion;
import io.handfast.tx.core.Authority;
import io.handfast.tx.interceptor.InboundCall;
import io.handfast.tx.interceptor.OutboundCall;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.operator.TransactionCommands.Decision;
import io.handfast.tx.operator.TransactionCommands.Ground;
import io.handfast.tx.operator.TransactionCommands.Result;
import io.handfast.tx.operator.TransactionDetail;
import io.handfast.tx.operator.TransactionList;
import io.handfast.tx.port.LocalService;
import io.handfast.tx.port.Peer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One sidecar of a test: an engine, its disk, and the service beside it. */
final class Sidecar implements LocalService {
  private Optional<Duration> callerWaits = Optional.empty();
  private final Mesh mesh;
  private final String name;
  private MemoryStore.Disk disk;
  private EngineConfig config;
  private VirtualTime.Node loop;
  private MemoryStore store;
  private TransactionEngine engine;
  private SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private boolean alive;
  private int lives;

  /** Confirms and cancels that the service was asked for, in order. */
  final List<String> completions = new ArrayList<>();

  /** Status by which completions are answered; 0: not at all. */
  int completionStatus = 200;

  /** What becomes of completions in the place of that: they may be held, or not even be sent. */
  @Nullable Consumer<Callback> service;

  /** What comes while its loop has not begun to read the store. */
  Runnable whileStarting = () -> {};

  /** Completions that it has not answered, and the most that there were at a time. */
  int completing;

  int mostCompleting;

  /** Status by which a prepare is answered; 0: not at all. */
  int prepareStatus = 200;

  /** How long a prepare takes. */
  long prepareDelayMs;

  Sidecar(Mesh mesh, String name) {
    this.mesh = mesh;
    this.name = name;
    this.disk = new MemoryStore.Disk(name);
    EngineConfig plain = EngineConfig.of(name, new Authority(name, 15014));
    this.config =
        new EngineConfig(
            name,
            plain.authority(),
            plain.limits(),
            plain.retention(),
            plain.traceQuarantine(),
            () -> Optional.of(Mesh.identity(name)),
            Optional.empty());
    this.loop = mesh.time.node();
    this.store = new MemoryStore(disk, loop);
    this.engine = make();
  }

  private TransactionEngine make() {
    registry = new SimpleMeterRegistry();
    var random = new SplittableRandom(name.hashCode() * 31L + lives++);
    return new TransactionEngine(
        config,
        loop,
        store,
        mesh.new Network(loop, name),
        this,
        mesh.databases.of(name, loop),
        random,
        registry);
  }

  void configure(EngineConfig changed) {
    config = changed;
    restart();
  }

  void start() {
    alive = true;
    engine.start();
    whileStarting.run();
    mesh.pass(0);
  }

  /** {@code kill -9}: what is not on the disk is gone, nobody is told anything. */
  void kill() {
    alive = false;
    completing = 0;
    loop.kill();
  }

  void restart() {
    kill();
    loop = mesh.time.node();
    store = new MemoryStore(disk, loop);
    engine = make();
    start();
  }

  /** Its disk is lost, and comes back from a backup under another id. */
  void restoreFrom(MemoryStore.Disk backup) {
    kill();
    disk = backup;
    restart();
  }

  boolean alive() {
    return alive;
  }

  /** What this life has counted. */
  SimpleMeterRegistry registry() {
    return registry;
  }

  String name() {
    return name;
  }

  Authority authority() {
    return config.authority();
  }

  VirtualTime.Node loop() {
    return loop;
  }

  MemoryStore store() {
    return store;
  }

  MemoryStore.Disk disk() {
    return disk;
  }

  TransactionEngine engine() {
    return engine;
  }

  double count(String meter, String... tags) {
    return registry.find(meter).tags(tags).counters().stream().mapToDouble(it -> it.count()).sum();
  }

  long incarnation() {
    return store.incarnation();
  }

  double gauge(String meter) {
    var found = registry.find(meter).gauge();
    return found == null ? 0 : found.value();
  }

  TransactionList list() {
    var stage = engine.list().toCompletableFuture();
    mesh.pass(0);
    return stage.join();
  }

  static final Ground GROUND = new Ground("ops", "the coordinator's disk is lost");

  Result resolve(String tx, Decision decision) {
    return await(engine.resolve(tx, decision, GROUND));
  }

  Result forget(String tx) {
    return await(engine.forget(tx, GROUND));
  }

  private Result await(CompletionStage<Result> stage) {
    mesh.pass(5);
    return stage.toCompletableFuture().join();
  }

  Optional<TransactionDetail> show(String tx) {
    var stage = engine.show(tx).toCompletableFuture();
    mesh.pass(0);
    return stage.join();
  }

  @Override
  public void send(Completion completion, Callback callback) {
    completions.add(completion.getMethod() + " " + completion.getPath());
    if (service != null) {
      service.accept(callback);
      return;
    }
    boolean prepare = completion.getPath().startsWith("/prepare/");
    int status = prepare ? prepareStatus : completionStatus;
    long delay = Mesh.HOP_NANOS + (prepare ? prepareDelayMs * 1_000_000 : 0);
    mostCompleting = Math.max(mostCompleting, ++completing);
    loop.schedule(
        delay,
        () -> {
          completing--;
          if (status == 0) {
            callback.onNoAnswer("connection refused");
          } else {
            callback.onAnswer(status);
          }
        });
  }

  /** Whoever calls from now on waits that long. */
  void callersWait(Duration time) {
    callerWaits = Optional.of(time);
  }

  /** A request reaches this sidecar's inbound listener. */
  InboundProbe inbound(RoutePolicy policy, String method, String path, TestFields headers) {
    return inbound(policy, true, method, path, headers);
  }

  InboundProbe inbound(
      RoutePolicy policy, boolean trusted, String method, String path, TestFields headers) {
    InboundProbe probe = new InboundProbe();
    boolean outside = engine.isOutsideInbound(policy, trusted, headers);
    probe.exchange(
        engine.inbound(
            new InboundCall(
                policy,
                trusted,
                method,
                path,
                headers,
                false,
                null,
                Policies.TRY_TIMEOUT,
                callerWaits,
                loop),
            probe));
    if (outside) { // whatever a test does, it is let pass as it is
      assertThat(probe.passed).isEmpty();
    }
    mesh.pass(0);
    return probe;
  }

  /** The service sends a request to a participant of the mesh. */
  OutboundProbe outbound(RoutePolicy policy, TestFields headers) {
    return outbound(policy, true, headers);
  }

  /** Whom clusters take for an endpoint. */
  Predicate<Peer> voter = peer -> true;

  OutboundProbe outbound(RoutePolicy policy, boolean participant, TestFields headers) {
    return outbound(policy, participant, true, headers);
  }

  /** The service sends a request to a participant whose votes are not believed. */
  OutboundProbe outboundUntrusted(TestFields headers) {
    return outbound(RoutePolicy.NONE, true, false, headers);
  }

  private OutboundProbe outbound(
      RoutePolicy policy, boolean participant, boolean trusted, TestFields headers) {
    OutboundProbe probe = new OutboundProbe();
    boolean outside = engine.isOutsideOutbound(policy, participant, headers);
    probe.exchange(
        engine.outbound(
            new OutboundCall(
                policy, participant, trusted, voter, "POST", "peer", headers, false, loop),
            probe));
    if (outside) {
      assertThat(probe.passed).isEmpty();
    }
    mesh.pass(0);
    return probe;
  }

  static final RoutePolicy OPTIONAL =
      new RoutePolicy(RoutePolicy.Propagation.SUPPORTS, null, null, true);
}
