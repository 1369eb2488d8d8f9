package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import io.handfast.tx.port.EngineLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the conditional writes that wait at the same moment into one round trip: each is a
 * transaction nested in one of etcd's, so that one whose conditions do not hold fails alone.
 * Nothing waits for company: while round trips are under way the next batch gathers.
 *
 * <p>A write without an answer is sent again until {@link #PATIENCE} is over; then it is in doubt.
 * Confined to the engine's loop.
 */
final class BatchWriter {
  private static final Logger log = LoggerFactory.getLogger(BatchWriter.class);

  /** The most operations on one side of a write: conditions, effects, or reads. */
  static final int OPS_OF_A_WRITE = 3;

  /** Bytes of one request: below etcd's {@code --max-request-bytes} of 1.5 MiB with its frame. */
  static final int MAX_BATCH_BYTES = 1 << 20;

  /** Round trips at the same time; docs/adr/0012-shared-store.md says why. */
  static final int MAX_IN_FLIGHT = 2;

  /** Writes that wait; more are refused: what 100,000 branches in flight may write at once. */
  static final int MAX_QUEUED = 100_000;

  /** How long one round trip is waited for: an election of etcd takes 1 to 2 s. */
  static final Duration ATTEMPT = Duration.ofSeconds(2);

  /** How long a write is sent again before it is in doubt. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  /** How long a write that nobody waits for may wait for a batch (T16). */
  private static final Duration LAZY = Duration.ofMillis(10);

  private static final Duration PAUSE = Duration.ofMillis(50);

  /** A write, and since when it is on its way. */
  private record Queued(Write write, long sinceNanos, int attempts) {}

  private final KV kv;
  private final EngineLoop loop;
  private final Counters counters;
  private final int maxWrites;
  private final Consumer<@Nullable String> health;
  private final ArrayDeque<Queued> queue = new ArrayDeque<>();
  private int inFlight;
  private boolean lazyTimer;

  /**
   * @param health told null after a round trip that was answered, else why it was not
   */
  BatchWriter(
      KV kv, EngineLoop loop, Counters counters, int maxTxnOps, Consumer<@Nullable String> health) {
    this.kv = kv;
    this.loop = loop;
    this.counters = counters;
    this.maxWrites = maxTxnOps - OPS_OF_A_WRITE;
    this.health = health;
  }

  /** Runs something on the loop, soon: never from inside the call that asks for it. */
  void later(Runnable task) {
    loop.execute(task);
  }

  /** Writes with the next batch; a lazy one with the next that has others, or after 10 ms. */
  void write(Write write, boolean lazy) {
    if (queue.size() >= MAX_QUEUED) {
      loop.execute(() ->
          write
              .callback()
              .onRefused("etcd: " + MAX_QUEUED + " writes wait (expected: fewer; try again)"));
      return;
    }
    queue.addLast(new Queued(write, loop.nanoTime(), 0));
    counters.queued.set(queue.size());
    if (!lazy) {
      loop.execute(this::flush);
    } else if (!lazyTimer) {
      lazyTimer = true;
      loop.schedule(
          LAZY.toNanos(),
          () -> {
            lazyTimer = false;
            flush();
          });
    }
  }

  private void flush() {
    while (inFlight < MAX_IN_FLIGHT && !queue.isEmpty()) {
      send(nextBatch());
    }
    counters.queued.set(queue.size());
  }

  private List<Queued> nextBatch() {
    List<Queued> batch = new ArrayList<>();
    Set<ByteSequence> keys = new HashSet<>();
    int bytes = 0;
    Iterator<Queued> waiting = queue.iterator();
    while (waiting.hasNext() && batch.size() < maxWrites) {
      Queued next = waiting.next();
      boolean fits = batch.isEmpty() || bytes + next.write.bytes() <= MAX_BATCH_BYTES;
      if (!fits || next.write.keys().stream().anyMatch(keys::contains)) {
        break; // in the order in which they came
      }
      keys.addAll(next.write.keys());
      bytes += next.write.bytes();
      batch.add(next);
      waiting.remove();
    }
    return batch;
  }

  private void send(List<Queued> batch) {
    inFlight++;
    long sent = loop.nanoTime();
    boolean[] over = {false};
    EngineLoop.Timer timeout =
        loop.schedule(
            ATTEMPT.toNanos(),
            () -> {
              if (!over[0]) {
                over[0] = true;
                failed(batch, "etcd: no answer within " + ATTEMPT.toMillis() + " ms");
              }
            });
    kv.txn()
        .Then(batch.stream().map(it -> it.write.op()).toArray(Op[]::new))
        .commit()
        .whenComplete((response, failure) ->
            loop.execute(() -> {
              if (over[0]) {
                return;
              }
              over[0] = true;
              timeout.cancel();
              counters.batchNanos.addAndGet(loop.nanoTime() - sent);
              if (failure == null) {
                answered(batch, response);
              } else if (EtcdErrors.isRefusal(failure)) {
                refused(batch, EtcdErrors.reason(failure));
              } else {
                failed(batch, EtcdErrors.reason(failure));
              }
            }));
  }

  private void answered(List<Queued> batch, TxnResponse response) {
    inFlight--;
    counters.batches.incrementAndGet();
    counters.writes.addAndGet(batch.size());
    health.accept(null);
    long revision = response.getHeader().getRevision();
    List<TxnResponse> each = response.getTxnResponses();
    for (int i = 0; i < batch.size(); i++) {
      Queued queued = batch.get(i);
      TxnResponse one = each.get(i);
      if (one.isSucceeded()) {
        tell(() -> queued.write.callback().onApplied(revision, queued.attempts + 1));
      } else {
        counters.lost.incrementAndGet();
        tell(() -> queued.write.callback().onFailed(found(one), queued.attempts + 1));
      }
    }
    flush();
  }

  /** A bug in what one write leads to does not keep the others of its batch from their answers. */
  private static void tell(Runnable answer) {
    try {
      answer.run();
    } catch (RuntimeException bug) {
      log.error("etcd: after a write: {}", bug.getMessage(), bug);
    }
  }

  private static Map<ByteSequence, KeyValue> found(TxnResponse response) {
    Map<ByteSequence, KeyValue> found = new HashMap<>();
    response
        .getGetResponses()
        .forEach(get -> get.getKvs().forEach(kv -> found.put(kv.getKey(), kv)));
    return found;
  }

  private void refused(List<Queued> batch, String reason) {
    inFlight--;
    counters.failures.incrementAndGet();
    health.accept(reason);
    for (Queued queued : batch) {
      if (queued.attempts == 0) {
        tell(() -> queued.write.callback().onRefused(reason));
      } else {
        tell(() -> queued.write.callback().onInDoubt(reason)); // an earlier attempt may be there
      }
    }
    flush();
  }

  private void failed(List<Queued> batch, String reason) {
    inFlight--;
    counters.failures.incrementAndGet();
    health.accept(reason);
    long now = loop.nanoTime();
    List<Queued> again = new ArrayList<>();
    for (Queued queued : batch) {
      if (now - queued.sinceNanos < PATIENCE.toNanos()) {
        again.add(new Queued(queued.write, queued.sinceNanos, queued.attempts + 1));
      } else {
        tell(() -> queued.write.callback().onInDoubt(reason));
      }
    }
    loop.schedule(
        PAUSE.toNanos(),
        () -> {
          again.reversed().forEach(queue::addFirst);
          flush();
        });
  }
}
