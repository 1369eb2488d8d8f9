package io.handfast.proxy.server;

import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.listener.ListenerManager;
import io.handfast.proxy.runtime.Dispatcher;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets what is in flight come to its end.
 *
 * <pre>
 * begin ──► INBOUND: takes no new connections, transactions, branches
 *              │ no inbound connection, no transaction or branch left
 *              ▼
 *           OUTBOUND: takes no new connections either
 *              │ no connection left
 *              ▼
 *            done                     (or the time is up, wherever it stands)
 * </pre>
 *
 * <p>Outbound listeners go on meanwhile: a request in flight needs them for the calls that its
 * service has still to make. Confined to the main loop.
 */
final class Drain {

  private static final Duration POLL = Duration.ofMillis(10);
  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

  private final Dispatcher main;
  private final ListenerManager listeners;
  private final Optional<Transactions> transactions;
  private final CompletableFuture<Boolean> done = new CompletableFuture<>();
  private long deadlineNanos;
  private boolean outbound;

  Drain(Dispatcher main, ListenerManager listeners, Optional<Transactions> transactions) {
    this.main = main;
    this.listeners = listeners;
    this.transactions = transactions;
  }

  /** Begins; any thread, once. The stage says whether everything came to its end in time. */
  CompletionStage<Boolean> begin(Duration limit) {
    main.execute(() -> {
      deadlineNanos = main.nanoTime() + limit.toNanos();
      transactions.ifPresent(Transactions::drain);
      listeners.drain(Drain::isInbound);
      poll();
    });
    return done;
  }

  /** Traffic of no declared direction counts as inbound: there is nothing that would need it. */
  static boolean isInbound(ListenerConfig listener) {
    return listener.trafficDirection() != TrafficDirection.OUTBOUND;
  }

  private void poll() {
    transactions
        .map(Transactions::running)
        .orElseGet(() -> CompletableFuture.completedFuture(0))
        .whenComplete(
            (running, failure) -> main.execute(() -> check(failure == null ? running : 0)));
  }

  private void check(int running) {
    int inbound = listeners.connections(Drain::isInbound);
    if (!outbound && inbound == 0 && running == 0) {
      outbound = true;
      listeners.drain(listener -> true);
    }
    if (outbound && listeners.connections() == 0) {
      done.complete(true);
    } else if (main.nanoTime() - deadlineNanos >= 0) {
      LOG.warn(
          "drain time is up: connections={} transactions={}", listeners.connections(), running);
      done.complete(false);
    } else {
      main.schedule(POLL, this::poll);
    }
  }
}
