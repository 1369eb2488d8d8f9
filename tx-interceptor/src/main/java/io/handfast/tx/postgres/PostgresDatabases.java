package io.handfast.tx.postgres;

import io.handfast.tx.core.Outcome;
import io.handfast.tx.port.Databases;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The databases of this sidecar by pgjdbc, each request on a virtual thread of its own.
 * Thread-safe; nothing but {@link #close} blocks, and nothing is opened before it is needed.
 */
public final class PostgresDatabases implements Databases, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresDatabases.class);

  /**
   * Requests to one database that may wait for a connection: each is a thread's stack of some
   * kilobytes. Who is refused tries again later, as after any failure.
   */
  static final int MOST_WAITING = 1_024;

  /** One of them. Its counter is under the lock of all. */
  private static final class One {
    final DatabaseConfig config;
    final OneServer server;
    final Pool pool;
    final Completion completion;
    final Survey survey;
    final DatabaseMeters meters;
    int running;

    One(
        DatabaseConfig config,
        String service,
        Times times,
        MeterRegistry registry,
        LongSupplier nanoTime) {
      this.config = config;
      // The driver's classes are loaded by the first connection.
      server =
          new OneServer(config, database -> new Connector(config, service, times).open(database));
      pool = new Pool(server, config.maxConnections(), times, nanoTime);
      completion = new Completion(config, pool);
      survey = new Survey(config, pool);
      meters = new DatabaseMeters(registry, config.name(), pool, survey);
    }
  }

  private final Map<String, One> databases = new LinkedHashMap<>();
  private final Times times;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private boolean closed;

  /**
   * Connects to none yet.
   *
   * @param service whose sidecar this is, for the server's list of connections
   * @param configs with names of their own
   * @param nanoTime monotonic nanoseconds
   */
  public PostgresDatabases(
      String service, List<DatabaseConfig> configs, MeterRegistry registry, LongSupplier nanoTime) {
    this(service, configs, registry, nanoTime, Times.USUAL);
  }

  PostgresDatabases(
      String service,
      List<DatabaseConfig> configs,
      MeterRegistry registry,
      LongSupplier nanoTime,
      Times times) {
    this.times = times;
    this.nanoTime = nanoTime;
    for (DatabaseConfig config : configs) {
      if (databases.put(config.name(), new One(config, service, times, registry, nanoTime))
          != null) {
        throw new IllegalArgumentException(
            "databases: '" + config.name() + "' twice (expected: names of their own)");
      }
    }
  }

  @Override
  public Set<String> names() {
    return Set.copyOf(databases.keySet());
  }

  @Override
  public String server(String database) {
    One one = databases.get(database);
    return one == null ? "" : one.server.identifier();
  }

  @Override
  public Duration scanInterval(String database) {
    One one = databases.get(database);
    return one == null ? DEFAULT_SCAN_INTERVAL : one.config.scanInterval();
  }

  @Override
  public void commit(String database, String globalIdPrefix, long xid, Consumer<Completed> reply) {
    complete(Completion.Verb.COMMIT, database, globalIdPrefix, xid, reply);
  }

  @Override
  public void rollback(
      String database, String globalIdPrefix, long xid, Consumer<Completed> reply) {
    complete(Completion.Verb.ROLLBACK, database, globalIdPrefix, xid, reply);
  }

  @Override
  public void became(
      String database,
      String globalIdPrefix,
      long xid,
      Outcome outcome,
      Consumer<Completed> reply) {
    Completion.Verb verb =
        switch (outcome) {
          case COMMIT -> Completion.Verb.COMMIT;
          case ABORT -> Completion.Verb.ROLLBACK;
        };
    run(
        database,
        one -> one.completion.became(verb, globalIdPrefix, xid),
        Completed.Failed::new,
        reply);
  }

  private void complete(
      Completion.Verb verb, String database, String name, long xid, Consumer<Completed> reply) {
    run(
        database,
        one -> {
          long begun = nanoTime.getAsLong();
          Completed completed = one.completion.complete(verb, name, xid);
          one.meters.completed(verb, completed, nanoTime.getAsLong() - begun);
          return completed;
        },
        Completed.Failed::new,
        reply);
  }

  @Override
  public void prepared(String database, Consumer<Scan> reply) {
    run(
        database,
        one -> {
          Scan scan = one.survey.prepared();
          one.meters.scanned(scan);
          return scan;
        },
        Scan.Failed::new,
        reply);
  }

  @Override
  public void check(String database, Consumer<Readiness> reply) {
    run(database, one -> one.survey.check(), reason -> new Readiness(false, reason), reply);
  }

  private <T> void run(
      String database, Function<One, T> work, Function<String, T> failed, Consumer<T> reply) {
    One one = databases.get(database);
    String refusal = one == null ? "no database of that name" : begin(one);
    Thread.ofVirtual()
        .name("handfast-database-" + database)
        .start(() -> {
          if (one == null || !refusal.isEmpty()) {
            reply.accept(failed.apply(database + ": " + refusal));
            return;
          }
          try {
            reply.accept(answer(one, work, failed));
          } finally {
            end(one);
          }
        });
  }

  private static <T> T answer(One one, Function<One, T> work, Function<String, T> failed) {
    try {
      return work.apply(one);
    } catch (RuntimeException | Error e) { // who asked waits, and nothing here is broken by it
      LOG.error("a bug, or a driver's: database={}", one.config.name(), e);
      return failed.apply(one.config.name() + ": " + e);
    }
  }

  /** Why not; empty if it may. */
  private String begin(One one) {
    lock.lock();
    try {
      if (closed) {
        return "closed";
      }
      if (one.running >= MOST_WAITING) {
        return one.running + " requests wait already";
      }
      one.running++;
      return "";
    } finally {
      lock.unlock();
    }
  }

  private void end(One one) {
    lock.lock();
    try {
      one.running--;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Refuses what comes from now on, waits a few seconds for what runs, closes all connections. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      long left = times.close().toNanos();
      while (left > 0 && databases.values().stream().anyMatch(one -> one.running > 0)) {
        left = ended.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    databases.values().forEach(one -> one.pool.close());
  }
}
