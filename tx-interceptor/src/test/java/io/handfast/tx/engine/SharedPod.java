package io.handfast.tx.engine;

import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.tx.core.Authority;
import io.handfast.tx.etcd.EtcdStore;
import io.handfast.tx.etcd.SimulatedEtcd;
import io.handfast.tx.interceptor.InboundCall;
import io.handfast.tx.interceptor.OutboundCall;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.operator.TransactionCommands.Result;
import io.handfast.tx.operator.TransactionDetail;
import io.handfast.tx.operator.TransactionList;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.LocalService;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A replica of a service in a {@link SharedMesh}: an engine on a simulated etcd, and no disk. */
final class SharedPod implements LocalService, SimulatedEtcd.Link {
  private static final long CALL_NANOS = 5_000_000_000L;

  private final SharedMesh mesh;
  private final String service;
  private final Authority authority;

  /** Confirms and cancels that its service was asked for, in order. */
  final List<String> completions = new ArrayList<>();

  /** By which they are answered; 0: not at all. */
  int completionStatus = 200;

  /** Told before the service carries a completion out. */
  Consumer<String> completing = path -> {};

  /** How long etcd takes to answer. */
  long etcdNanos;

  /** Requests to etcd that it has not answered, and the most that there were at a time. */
  int asking;

  int mostAsking;

  private VirtualTime.Node loop;
  private SimulatedEtcd.Member process;
  private EtcdStore store;
  private SimpleMeterRegistry registry;
  private TransactionEngine engine;
  private boolean alive;
  private int lives;

  SharedPod(SharedMesh mesh, String service, String name) {
    this.mesh = mesh;
    this.service = service;
    this.authority = new Authority(name, 15014);
    this.loop = mesh.time.node();
    this.process = mesh.etcd.process(this);
    this.registry = new SimpleMeterRegistry();
    this.store = open();
    this.engine = make();
  }

  private EtcdStore open() {
    return process.open(service, authority.toString(), random(), loop);
  }

  private SplittableRandom random() {
    return new SplittableRandom(authority.hashCode() * 31L + lives++);
  }

  private TransactionEngine make() {
    return new TransactionEngine(
        EngineConfig.of(service, authority),
        loop,
        store,
        new Wire(),
        this,
        mesh.databases.of(authority.host(), loop),
        random(),
        registry);
  }

  void start() {
    alive = true;
    engine.start();
    mesh.time.pass(0);
  }

  /** {@code kill -9}: its lease ends later. */
  void kill() {
    alive = false;
    loop.kill();
  }

  /** The lease of this life ends, whether it lives or not. */
  void expire() {
    process.expire();
  }

  /** The process is started again, its former lease being over. */
  void restart() {
    kill();
    expire();
    loop = mesh.time.node();
    process = mesh.etcd.process(this);
    registry = new SimpleMeterRegistry();
    long slow = etcdNanos;
    etcdNanos = 0; // who opens it waits
    asking = 0;
    store = open();
    etcdNanos = slow;
    engine = make();
    start();
  }

  VirtualTime.Node loop() {
    return loop;
  }

  EtcdStore store() {
    return store;
  }

  TransactionEngine engine() {
    return engine;
  }

  double gauge(String meter) {
    var found = registry.find(meter).gauge();
    return found == null ? 0 : found.value();
  }

  double count(String meter, String... tags) {
    return registry.find(meter).tags(tags).counters().stream().mapToDouble(it -> it.count()).sum();
  }

  TransactionList list() {
    var stage = engine.list().toCompletableFuture();
    mesh.time.pass(0);
    return stage.join();
  }

  Optional<TransactionDetail> show(String tx) {
    var stage = engine.show(tx).toCompletableFuture();
    mesh.time.pass(0);
    return stage.join();
  }

  Result forget(String tx) {
    var stage = engine.forget(tx, Sidecar.GROUND).toCompletableFuture();
    mesh.time.pass(5);
    return stage.join();
  }

  InboundProbe inbound(RoutePolicy policy, TestFields headers) {
    InboundProbe probe = new InboundProbe();
    probe.exchange(
        engine.inbound(
            new InboundCall(
                policy,
                true,
                "POST",
                "/work",
                headers,
                false,
                null,
                Policies.TRY_TIMEOUT,
                Optional.empty(),
                loop),
            probe));
    mesh.time.pass(0);
    return probe;
  }

  OutboundProbe outbound(TestFields headers) {
    OutboundProbe probe = new OutboundProbe();
    probe.exchange(
        engine.outbound(
            new OutboundCall(
                RoutePolicy.NONE, true, true, it -> true, "POST", "peer", headers, false, loop),
            probe));
    mesh.time.pass(0);
    return probe;
  }

  @Override
  public void send(Completion completion, Callback callback) {
    completing.accept(completion.getPath());
    completions.add(completion.getMethod() + " " + completion.getPath());
    loop.schedule(
        Mesh.HOP_NANOS,
        () -> {
          if (completionStatus == 0) {
            callback.onNoAnswer("connection refused");
          } else {
            callback.onAnswer(completionStatus);
          }
        });
  }

  // What it asks of etcd

  @Override
  public <T> CompletableFuture<T> send(Supplier<T> request) {
    if (etcdNanos == 0) {
      return CompletableFuture.completedFuture(request.get());
    }
    mostAsking = Math.max(mostAsking, ++asking);
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.schedule(
        etcdNanos,
        () -> {
          asking--;
          answer.complete(request.get());
        });
    return answer;
  }

  @Override
  public void tell(Runnable told) {
    loop.execute(told);
  }

  @Override
  public boolean isCut() {
    return false;
  }

  /** What this pod says to the control services of others. */
  private final class Wire extends UnprovedPeers {
    private final VirtualTime.Node from = loop;

    @Override
    Sender sender(ControlHandler to) {
      return engine.control().self();
    }

    @Override
    public void outcome(String to, OutcomeItem item, Reply<OutcomeResult> reply) {
      super.outcome(mesh.losesOutcomes ? "nobody" : to, item, reply);
    }

    @Override
    <T> void send(String to, Reply<T> reply, BiConsumer<ControlHandler, Consumer<T>> deliver) {
      SharedPod pod = mesh.pods.get(to);
      boolean[] over = {false};
      Consumer<Runnable> once =
          word -> {
            if (!over[0]) {
              over[0] = true;
              word.run();
            }
          };
      if (pod == null || !pod.alive) {
        from.schedule(Mesh.HOP_NANOS, () -> reply.onFailure("unavailable"));
        return;
      }
      from.schedule(CALL_NANOS, () -> once.accept(() -> reply.onFailure("timed out")));
      pod.loop.schedule(
          Mesh.HOP_NANOS,
          () ->
              deliver.accept(
                  pod.engine.control(),
                  it ->
                      from.schedule(Mesh.HOP_NANOS, () -> once.accept(() -> reply.onResult(it)))));
    }
  }
}
