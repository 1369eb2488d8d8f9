package io.handfast.proxy.cluster.pool;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.runtime.Dispatcher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop to one endpoint. The one used last is used next: the others
 * grow old and are closed. Confined to the loop.
 */
final class HostPool {
  private final Dispatcher loop;
  private final Cluster cluster;
  private final Host host;
  private final ClientConnector connector;
  private final UpstreamHttpOptions options;
  private final Deque<Pooled> idle = new ArrayDeque<>();
  private final Set<Pooled> open = new HashSet<>();
  private final Deque<Lease> waiting = new ArrayDeque<>();
  private int connecting;
  private boolean draining;

  HostPool(Dispatcher loop, Cluster cluster, Host host, ClientConnector connector) {
    this.loop = loop;
    this.cluster = cluster;
    this.host = host;
    this.connector = connector;
    this.options = cluster.config().http();
  }

  /** Gives the request a connection, now or when there is one. */
  void take(Lease lease) {
    Pooled pooled = idle.pollFirst();
    if (pooled != null) {
      pooled.use(lease);
      return;
    }
    if (!cluster.takePending()) {
      cluster.stats().rqPendingOverflow.inc();
      lease.failed(PoolFailure.OVERFLOW, host, "max_pending_requests");
      return;
    }
    cluster.stats().rqPendingTotal.inc();
    cluster.stats().rqPendingActive.inc();
    waiting.addLast(lease);
    lease.waitsIn(this);
    if (connecting < waiting.size()) {
      connect();
    }
  }

  /** The request no longer waits. */
  void forget(Lease lease) {
    if (waiting.remove(lease)) {
      leavesQueue();
      cluster.stats().rqCancelled.inc();
    }
  }

  /** No new connection, and idle ones are closed now; busy ones when they become idle. */
  void drain() {
    draining = true;
    List.copyOf(idle).forEach(Pooled::close);
  }

  void close() {
    draining = true;
    new ArrayList<>(open).forEach(Pooled::close);
    failWaiting(PoolFailure.CONNECT_FAILED, "the proxy closes");
  }

  private void connect() {
    if (!cluster.takeConnection()) {
      cluster.stats().cxOverflow.inc();
      if (connecting == 0 && open.isEmpty()) { // nothing here will ever serve those that wait
        failWaiting(PoolFailure.OVERFLOW, "max_connections");
      }
      return;
    }
    connecting++;
    cluster.stats().cxTotal.inc();
    connector.connect(loop, cluster, host, new Pooled(loop.nanoTime()));
  }

  private void serveWaiting(Pooled pooled) {
    Lease next = waiting.pollFirst();
    if (next == null) {
      pooled.rest();
    } else {
      leavesQueue();
      pooled.use(next);
    }
  }

  private void failWaiting(PoolFailure failure, String reason) {
    for (Lease lease = waiting.pollFirst(); lease != null; lease = waiting.pollFirst()) {
      leavesQueue();
      cluster.stats().rqPendingFailureEject.inc();
      lease.failed(failure, host, reason);
    }
  }

  private void leavesQueue() {
    cluster.returnPending();
    cluster.stats().rqPendingActive.dec();
  }

  /** A connection of this pool, from the attempt to make it to its end. */
  private final class Pooled implements ClientConnector.Listener {
    private final long startedNanos;
    private @Nullable ClientConnection connection;
    private Dispatcher.Timer idleTimer = Dispatcher.Timer.NONE;
    private int requests;

    Pooled(long startedNanos) {
      this.startedNanos = startedNanos;
    }

    @Override
    public void onConnected(ClientConnection made) {
      connecting--;
      connection = made;
      open.add(this);
      cluster.stats().cxHttp1Total.inc();
      cluster.stats().cxActive.inc();
      cluster.stats().cxConnectMs.record((loop.nanoTime() - startedNanos) / 1_000_000);
      serveWaiting(this);
    }

    @Override
    public void onFailed(boolean timedOut, String reason) {
      connecting--;
      cluster.returnConnection();
      cluster.stats().cxConnectFail.inc();
      if (timedOut) {
        cluster.stats().cxConnectTimeout.inc();
      }
      failWaiting(timedOut ? PoolFailure.CONNECT_TIMEOUT : PoolFailure.CONNECT_FAILED, reason);
    }

    @Override
    public void onStreamsAvailable() {
      boolean worn =
          options.maxRequestsPerConnection() > 0 && requests >= options.maxRequestsPerConnection();
      if (worn) {
        cluster.stats().cxMaxRequests.inc();
      }
      if (worn || (draining && waiting.isEmpty())) {
        close();
      } else {
        serveWaiting(this);
      }
    }

    @Override
    public void onClosed(boolean byRemote) {
      idleTimer.cancel();
      idle.remove(this);
      if (open.remove(this)) {
        cluster.returnConnection();
        cluster.stats().cxActive.dec();
        cluster.stats().cxDestroy.inc();
        (byRemote ? cluster.stats().cxDestroyRemote : cluster.stats().cxDestroyLocal).inc();
      }
      if (connecting < waiting.size()) { // who waited for this one needs another
        connect();
      }
    }

    void use(Lease lease) {
      idleTimer.cancel();
      ClientConnection ready = connection;
      if (ready == null) {
        throw new IllegalStateException("connection: none yet (expected: an open one)");
      }
      boolean reused = requests > 0;
      requests++;
      lease.connected(ready, host, reused);
    }

    void rest() {
      if (draining) {
        close();
        return;
      }
      idle.addFirst(this);
      if (options.idleTimeout().isPositive()) {
        idleTimer =
            loop.schedule(
                options.idleTimeout(),
                () -> {
                  cluster.stats().cxIdleTimeout.inc();
                  close();
                });
      }
    }

    void close() {
      if (connection != null) {
        connection.close();
      }
    }
  }
}
