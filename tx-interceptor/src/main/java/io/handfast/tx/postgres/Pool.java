package io.handfast.tx.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the databases of one server: opened when they are needed, at most so many, closed
 * when nobody has used them for a while. There is no thread while there is nothing idle.
 *
 * <p>Thread-safe: what is idle is under {@link #lock}, which is not held while anything is asked of
 * the network. {@link #with} blocks.
 */
final class Pool implements AutoCloseable {

  /** Something to be done with a connection; done again on another one if that one was dead. */
  @FunctionalInterface
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** How connections are opened. */
  @FunctionalInterface
  interface Opening {
    Connection open(String database) throws SQLException;
  }

  private record Idle(String database, Connection connection, long sinceNanos) {}

  private final Opening opening;
  private final int most;
  private final Times times;
  private final LongSupplier nanoTime;
  private final Semaphore permits;
  private final ReentrantLock lock = new ReentrantLock();

  /** The one that was used last is first. */
  private final Deque<Idle> idle = new ArrayDeque<>();

  /** Open ones, idle or not. */
  private int open;

  private boolean sweeping;
  private boolean closed;

  Pool(Opening opening, int most, Times times, LongSupplier nanoTime) {
    this.opening = opening;
    this.most = most;
    this.times = times;
    this.nanoTime = nanoTime;
    this.permits = new Semaphore(most, true);
  }

  /**
   * Does something with a connection to a database. An idle one may have died without a word; the
   * work is then done once more on a new one, so it must be such that this does no harm.
   *
   * @throws SQLException what the work threw, or the opening; also if all are in use for too long
   */
  <T> T with(String database, Work<T> work) throws SQLException {
    acquire();
    try {
      Connection used = reuse(database);
      if (used != null) {
        try {
          return on(used, database, work);
        } catch (SQLException e) {
          if (!SqlErrors.connectionIsLost(e)) {
            throw e;
          }
          closeIdle(); // they are to the same server
          if (SqlErrors.timedOut(e)) {
            throw e;
          }
        }
      }
      return on(open(database), database, work);
    } finally {
      permits.release();
    }
  }

  private <T> T on(Connection connection, String database, Work<T> work) throws SQLException {
    boolean sound = false;
    try {
      T result = work.on(connection);
      sound = true;
      return result;
    } catch (SQLException e) {
      sound = !SqlErrors.connectionIsLost(e) && !connection.isClosed();
      throw e;
    } finally {
      if (sound) {
        putBack(database, connection);
      } else {
        discard(connection);
      }
    }
  }

  private void acquire() throws SQLException {
    try {
      if (permits.tryAcquire(times.free().toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new SQLTransientConnectionException(
        "all %d connections were in use for %d s (expected: fewer, or more max_connections)"
            .formatted(most, times.free().toSeconds()),
        SqlErrors.TOO_MANY_CONNECTIONS);
  }

  private @Nullable Connection reuse(String database) {
    lock.lock();
    try {
      for (Iterator<Idle> each = idle.iterator(); each.hasNext(); ) {
        Idle one = each.next();
        if (one.database().equals(database)) {
          each.remove();
          return one.connection();
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private Connection open(String database) throws SQLException {
    Idle evicted = null;
    lock.lock();
    try {
      if (closed) {
        throw new SQLException("closed");
      }
      if (open == most) {
        evicted = idle.pollLast(); // of another database; there is one, for we have a permit
      }
      if (evicted == null) {
        open++;
      }
    } finally {
      lock.unlock();
    }
    if (evicted != null) {
      close(evicted.connection());
    }
    boolean opened = false;
    try {
      Connection connection = opening.open(database);
      opened = true;
      return connection;
    } finally {
      if (!opened) {
        forget(1);
      }
    }
  }

  private void putBack(String database, Connection connection) {
    boolean kept;
    boolean first = false;
    lock.lock();
    try {
      kept = !closed;
      if (kept) {
        idle.addFirst(new Idle(database, connection, nanoTime.getAsLong()));
        first = !sweeping;
        sweeping = true;
      }
    } finally {
      lock.unlock();
    }
    if (!kept) {
      discard(connection);
    } else if (first) {
      Thread.ofVirtual().name("handfast-database-idle").start(this::sweep);
    }
  }

  private void discard(Connection connection) {
    forget(1);
    close(connection);
  }

  private void forget(int connections) {
    lock.lock();
    try {
      open -= connections;
    } finally {
      lock.unlock();
    }
  }

  /** Closes what is idle for too long, until nothing is idle. */
  private void sweep() {
    try {
      long wait = times.idle().toNanos();
      while (wait > 0) {
        Thread.sleep(Duration.ofNanos(wait));
        wait = sweepOnce();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does
    }
  }

  /** Nanoseconds until the next one is due; 0 if there is none. */
  private long sweepOnce() {
    List<Idle> due = new ArrayList<>();
    long wait = 0;
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      for (Idle last = idle.peekLast(); last != null && wait == 0; last = idle.peekLast()) {
        long left = times.idle().toNanos() - (now - last.sinceNanos());
        if (left > 0) {
          wait = left;
        } else {
          due.add(idle.removeLast());
        }
      }
      open -= due.size();
      sweeping = wait > 0;
    } finally {
      lock.unlock();
    }
    due.forEach(one -> close(one.connection()));
    return wait;
  }

  private void closeIdle() {
    List<Idle> all;
    lock.lock();
    try {
      all = List.copyOf(idle);
      idle.clear();
      open -= all.size();
    } finally {
      lock.unlock();
    }
    all.forEach(one -> close(one.connection()));
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // It was of no use, and its socket is closed.
    }
  }

  /** Open connections that are not idle. */
  int used() {
    lock.lock();
    try {
      return open - idle.size();
    } finally {
      lock.unlock();
    }
  }

  /** Connections that wait to be used. */
  int idle() {
    lock.lock();
    try {
      return idle.size();
    } finally {
      lock.unlock();
    }
  }

  /** Closes what is idle; the others when they come back. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    closeIdle();
  }
}
