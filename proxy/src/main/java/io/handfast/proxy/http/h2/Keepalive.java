package io.handfast.proxy.http.h2;

import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.runtime.Dispatcher;
import java.time.Duration;

/**
 * Asks the peer at intervals whether it is there, and closes the connection if it does not answer.
 * Whatever it sends meanwhile is an answer too. Confined to the connection's loop.
 */
final class Keepalive {
  /** What our keepalive pings carry. */
  private static final long PING = 0x6b656570616c6976L;

  private final H2Connection connection;
  private final Http2Options.Keepalive config;
  private Dispatcher.Timer next = Dispatcher.Timer.NONE;
  private Dispatcher.Timer answer = Dispatcher.Timer.NONE;
  private boolean asked;
  private long heardNanos;

  Keepalive(H2Connection connection, Http2Options.Keepalive config) {
    this.connection = connection;
    this.config = config;
  }

  void start() {
    heardNanos = connection.dispatcher().nanoTime();
    if (config.interval().isPositive()) {
      schedule();
    }
  }

  private void schedule() {
    Dispatcher dispatcher = connection.dispatcher();
    // Spread by the clock's own last digits: connections that began together do not stay so.
    long spread = Math.floorMod(dispatcher.nanoTime(), 1009L) * config.jitterPercent() / 100;
    Duration interval = config.interval();
    next =
        dispatcher.schedule(
            interval.plus(interval.multipliedBy(spread).dividedBy(1009)), this::onInterval);
  }

  private void onInterval() {
    ask();
    schedule();
  }

  private void ask() {
    if (!asked) {
      asked = true;
      connection.frames().ping(PING, false);
      answer = connection.dispatcher().schedule(config.timeout(), this::onSilence);
    }
  }

  private void onSilence() {
    connection.stats().keepaliveTimeout.inc();
    connection.context().close();
  }

  /** A stream is to begin: is a connection that was silent for long still one? */
  void beforeStream() {
    Duration silence = Duration.ofNanos(connection.dispatcher().nanoTime() - heardNanos);
    if (config.idleInterval().isPositive() && silence.compareTo(config.idleInterval()) > 0) {
      ask();
    }
  }

  /** A frame has come. */
  void received() {
    if (config.idleInterval().isPositive()) {
      heardNanos = connection.dispatcher().nanoTime();
    }
    if (asked) {
      asked = false;
      answer.cancel();
    }
  }

  /** Whether that was the answer to one of our keepalive pings. */
  boolean onPong(long data) {
    return data == PING;
  }

  void close() {
    next.cancel();
    answer.cancel();
  }
}
