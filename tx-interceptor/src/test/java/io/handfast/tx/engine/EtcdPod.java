package io.handfast.tx.engine;

import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.Authority;
import io.handfast.tx.etcd.EtcdOptions;
import io.handfast.tx.etcd.EtcdStore;
import io.handfast.tx.etcd.TestLoop;
import io.handfast.tx.interceptor.InboundCall;
import io.handfast.tx.interceptor.OutboundCall;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.LocalService;
import io.handfast.tx.port.NoDatabases;
import io.handfast.tx.port.SharedStore;
import io.handfast.tx.port.TransactionStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A replica of a service on a real etcd: an engine on a thread of its own, without a disk. */
final class EtcdPod implements LocalService, AutoCloseable {

  /** Who reaches whom. */
  static final class Network {
    final Map<String, EtcdPod> pods = new ConcurrentHashMap<>();
    volatile boolean losesOutcomes;
  }

  /** Longer than the slowest disk lets etcd wait: it passes when a test says so. */
  static final Duration UNHURRIED = Duration.ofSeconds(60);

  final List<String> completions = new CopyOnWriteArrayList<>();
  final TestLoop loop = new TestLoop();
  final EtcdStore store;
  final TransactionEngine engine;
  volatile boolean answersCompletions = true;
  volatile boolean losesLease;
  private final Network network;
  private volatile boolean alive = true;

  EtcdPod(Network network, EtcdOptions options, String service, String pod) throws Exception {
    this.network = network;
    Authority authority = new Authority(pod, 15014);
    EngineConfig plain = EngineConfig.of(service, authority);
    this.store = EtcdStore.open(options, service, authority.toString(), new SecureRandom(), loop);
    this.engine =
        new TransactionEngine(
            plain,
            loop,
            doubtful(),
            new Wire(),
            this,
            NoDatabases.INSTANCE,
            new SecureRandom(),
            new SimpleMeterRegistry());
    network.pods.put(authority.toString(), this);
    engine.start().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  /** The store, whose answers to decisions can be lost, and with them the sidecar's lease. */
  private SharedStore doubtful() {
    return (SharedStore)
        Proxy.newProxyInstance(
            SharedStore.class.getClassLoader(),
            new Class<?>[] {SharedStore.class},
            (self, method, arguments) -> {
              if (losesLease && method.getName().equals("resolve")) {
                Consumer<SharedStore.Found> reply = resolved(arguments);
                loop.execute(() -> reply.accept(new SharedStore.Found.Nothing()));
                return null;
              }
              if (losesLease && method.getName().equals("append") && isDecision(arguments)) {
                var callback = (TransactionStore.WriteCallback) arguments[3];
                loop.execute(() -> callback.onInDoubt("test: no answer"));
                return true;
              }
              return method.invoke(store, arguments);
            });
  }

  @SuppressWarnings("unchecked")
  private static Consumer<SharedStore.Found> resolved(Object[] arguments) {
    return (Consumer<SharedStore.Found>) arguments[2];
  }

  private static boolean isDecision(Object[] arguments) {
    return arguments[0] instanceof Record record && record.hasDecision();
  }

  /** The pod is gone for good, as it stood. */
  void die() {
    alive = false;
    loop.close();
  }

  /** The pod stands still, as under SIGSTOP, and goes on. */
  void pauseUntil(CountDownLatch end) {
    loop.execute(() -> {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // it died meanwhile
      }
    });
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
                UNHURRIED,
                Optional.empty(),
                loop),
            probe));
    return probe;
  }

  OutboundProbe outbound(TestFields headers) {
    OutboundProbe probe = new OutboundProbe();
    probe.exchange(
        engine.outbound(
            new OutboundCall(
                RoutePolicy.NONE, true, true, it -> true, "POST", "peer", headers, false, loop),
            probe));
    return probe;
  }

  /** Waits for something that the loop makes. */
  <T> T await(Supplier<@Nullable T> what) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> loop.<Optional<T>>ask(told -> told.accept(Optional.ofNullable(what.get()))),
            Optional::isPresent)
        .orElseThrow();
  }

  @Override
  public void send(Completion completion, Callback callback) {
    completions.add(completion.getMethod() + " " + completion.getPath());
    if (answersCompletions) {
      loop.execute(() -> callback.onAnswer(200));
    }
  }

  @Override
  public void close() {
    die();
    store.close();
  }

  /** What this pod says to the control services of others. */
  private final class Wire extends UnprovedPeers {
    @Override
    public void outcome(String authority, OutcomeItem item, Reply<OutcomeResult> reply) {
      if (network.losesOutcomes) {
        loop.execute(() -> reply.onFailure("lost"));
      } else {
        super.outcome(authority, item, reply);
      }
    }

    @Override
    <T> void send(
        String authority, Reply<T> reply, BiConsumer<ControlHandler, Consumer<T>> deliver) {
      EtcdPod to = network.pods.get(authority);
      if (to == null || !to.alive) {
        loop.execute(() -> reply.onFailure("unavailable"));
      } else {
        to.loop.execute(() ->
            deliver.accept(to.engine.control(), it -> loop.execute(() -> reply.onResult(it))));
      }
    }
  }
}
