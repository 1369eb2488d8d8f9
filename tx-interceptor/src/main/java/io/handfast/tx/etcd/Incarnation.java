package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.handfast.tx.port.EngineLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of this sidecar in the eyes of the others: a key under a lease, which etcd removes when
 * the sidecar has been silent for that long. A life that is lost never comes back: the next has
 * another name, and what began under the first can commit no more (T19).
 *
 * <p>Confined to the engine's loop but for {@link #revision} and {@link #register}.
 */
final class Incarnation {
  private static final Logger log = LoggerFactory.getLogger(Incarnation.class);

  /** Tries to renew in the time of one lease. */
  private static final int RENEWALS = 3;

  private static final Duration AGAIN = Duration.ofMillis(500);

  /**
   * A life.
   *
   * @param revision at which its key was made: grows from life to life, over all sidecars
   */
  record Life(String name, long lease, long revision) {}

  private final Client client;
  private final Keys keys;
  private final EngineLoop loop;
  private final RandomGenerator random;
  private final Duration lease;
  private final String service;
  private final Counters counters;
  private final Consumer<@Nullable String> health;
  private final Runnable reborn;
  private final Set<String> names = new HashSet<>();
  private volatile Life life;
  private boolean lost;
  private volatile boolean closed;

  /**
   * @param reborn told when a new life has begun after one was lost
   */
  Incarnation(
      Client client,
      Keys keys,
      EngineLoop loop,
      RandomGenerator random,
      Duration lease,
      String service,
      Counters counters,
      Consumer<@Nullable String> health,
      Runnable reborn,
      Life first) {
    this.client = client;
    this.keys = keys;
    this.loop = loop;
    this.random = random;
    this.lease = lease;
    this.service = service;
    this.counters = counters;
    this.health = health;
    this.reborn = reborn;
    this.life = first;
    names.add(first.name());
  }

  /**
   * Begins a life. Any thread; does not block.
   *
   * @param service whose replicas look when it has vanished
   */
  static CompletableFuture<Life> register(
      Client client, Keys keys, RandomGenerator random, Duration lease, String service) {
    byte[] drawn = new byte[16];
    random.nextBytes(drawn);
    String name = HexFormat.of().formatHex(drawn);
    ByteSequence key = keys.incarnation(name);
    return client
        .getLeaseClient()
        .grant(lease.toSeconds())
        .thenCompose(granted ->
            client
                .getKVClient()
                .txn()
                .If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(0)))
                .Then(
                    Op.put(
                        key,
                        Keys.bytes(service),
                        PutOption.builder().withLeaseId(granted.getID()).build()))
                .commit()
                .thenApply(response -> life(name, granted.getID(), response)));
  }

  private static Life life(String name, long lease, TxnResponse response) {
    if (!response.isSucceeded()) {
      throw new IllegalStateException("incarnation " + name + ": drawn twice (expected: never)");
    }
    return new Life(name, lease, response.getHeader().getRevision());
  }

  /** Renews the lease from now on. */
  void start() {
    renewLater(lease.dividedBy(RENEWALS));
  }

  Life life() {
    return life;
  }

  /** Of the life that goes on, or was the last. Any thread. */
  long revision() {
    return life.revision();
  }

  /** Whether one of this process's lives, lost ones included, has this name. */
  boolean isOwn(String name) {
    return names.contains(name);
  }

  /** Lets go of the key at once, so that others need not wait. Blocks the caller on its own. */
  CompletableFuture<?> end() {
    closed = true;
    return client.getLeaseClient().revoke(life.lease());
  }

  private void renewLater(Duration delay) {
    loop.schedule(delay.toNanos(), this::renew);
  }

  private void renew() {
    if (closed) {
      return;
    }
    if (lost) {
      beginAgain();
      return;
    }
    client
        .getLeaseClient()
        .keepAliveOnce(life.lease())
        .orTimeout(lease.toMillis() / RENEWALS, java.util.concurrent.TimeUnit.MILLISECONDS)
        .whenComplete((response, failure) -> loop.execute(() -> renewed(failure)));
  }

  private void renewed(@Nullable Throwable failure) {
    if (failure == null) {
      health.accept(null);
      renewLater(lease.dividedBy(RENEWALS));
    } else if (EtcdErrors.isNotFound(failure)) {
      lose();
    } else {
      health.accept(EtcdErrors.reason(failure));
      renewLater(AGAIN);
    }
  }

  private void lose() {
    lost = true;
    counters.incarnationsLost.incrementAndGet();
    log.warn(
        "etcd: incarnation {} is lost: others take over what it left; beginning another",
        life.name());
    health.accept("etcd: this sidecar's lease was lost (expected: soon another)");
    beginAgain();
  }

  private void beginAgain() {
    register(client, keys, random, lease, service)
        .whenComplete((next, failure) ->
            loop.execute(() -> {
              if (failure != null) {
                health.accept(EtcdErrors.reason(failure));
                renewLater(AGAIN);
                return;
              }
              lost = false;
              life = next;
              names.add(next.name());
              health.accept(null);
              reborn.run();
              renewLater(lease.dividedBy(RENEWALS));
            }));
  }
}
