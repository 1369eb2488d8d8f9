package io.handfast.proxy.cluster.pool;

import io.handfast.proxy.cluster.CircuitBreaker;
import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.HostStats;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop to one endpoint, in one protocol. Of those that take another
 * stream, the one used last is used next: the others grow old and are closed. Confined to the loop.
 */
final class HostPool {
  private final Dispatcher loop;
  private final Cluster cluster;
  private final Host host;
  private final Wire wire;
  private final CircuitBreaker breaker;
  private final ClientConnector connector;
  private final UpstreamHttpOptions options;
  private final HostStats hostStats;
  private final Deque<Pooled> ready = new ArrayDeque<>();
  private final Set<Pooled> open = new HashSet<>();
  private final Deque<Lease> waiting = new ArrayDeque<>();

  /**
   * How many of those that wait one connection is expected to take: what we allow, until the
   * endpoint has said what it allows.
   */
  private int streamsEach;

  private int connecting;
  private boolean draining;

  HostPool(
      Dispatcher loop,
      Cluster cluster,
      Host host,
      Wire wire,
      CircuitBreaker breaker,
      ClientConnector connector) {
    this.loop = loop;
    this.cluster = cluster;
    this.host = host;
    this.wire = wire;
    this.breaker = breaker;
    this.connector = connector;
    this.options = cluster.config().http();
    this.hostStats = cluster.stats(host);
    this.streamsEach =
        switch (wire) {
          case HTTP2, AUTO -> options.http2().maxConcurrentStreams();
          case HTTP1, RAW -> 1;
        };
  }

  /** Gives the request a connection, now or when there is one. */
  void take(Lease lease) {
    Pooled pooled = nextReady();
    if (pooled != null) {
      pooled.use(lease);
      return;
    }
    if (!breaker.takePending()) {
      cluster.stats().rqPendingOverflow.inc();
      lease.failed(PoolFailure.OVERFLOW, host, "max_pending_requests");
      return;
    }
    cluster.stats().rqPendingTotal.inc();
    cluster.stats().rqPendingActive.inc();
    waiting.addLast(lease);
    lease.waitsIn(this);
    connectForWaiting();
  }

  /** A peer that goes away, or takes fewer streams than before, does so without a word. */
  private @Nullable Pooled nextReady() {
    Pooled pooled = ready.peekFirst();
    while (pooled != null && !pooled.takesStream()) {
      pooled.leaveReady();
      pooled = ready.peekFirst();
    }
    return pooled;
  }

  /** The request no longer waits. */
  void forget(Lease lease) {
    if (waiting.remove(lease)) {
      leavesQueue();
      cluster.stats().rqCancelled.inc();
    }
  }

  /**
   * No new request comes: connections close when they have ended what is on them and what still
   * waits here.
   */
  void drain() {
    draining = true;
    List.copyOf(open).forEach(Pooled::settle);
  }

  void close() {
    draining = true;
    List.copyOf(open).forEach(Pooled::close);
    failWaiting(PoolFailure.CONNECT_FAILED, "the proxy closes");
  }

  private void connectForWaiting() {
    while ((long) connecting * streamsEach < waiting.size() && mayConnect()) {
      connect();
    }
  }

  private boolean mayConnect() {
    if (breaker.takeConnection()) {
      return true;
    }
    cluster.stats().cxOverflow.inc();
    if (connecting > 0 || !open.isEmpty()) {
      return false;
    }
    if (breaker.takeConnectionBeyond()) { // nothing here would ever serve those that wait
      return true;
    }
    failWaiting(PoolFailure.OVERFLOW, "max_connections");
    return false;
  }

  private void connect() {
    connecting++;
    cluster.stats().cxTotal.inc();
    hostStats.cxTotal().inc();
    connector.connect(loop, cluster, host, wire, new Pooled(loop.nanoTime()));
  }

  /** Who is told may ask again at once: that one waits for another connection. */
  private void failWaiting(PoolFailure failure, String reason) {
    for (Lease lease : List.copyOf(waiting)) {
      if (waiting.remove(lease)) {
        leavesQueue();
        cluster.stats().rqPendingFailureEject.inc();
        lease.failed(failure, host, reason);
      }
    }
  }

  private void leavesQueue() {
    breaker.returnPending();
    cluster.stats().rqPendingActive.dec();
  }

  /** A connection of this pool, from the attempt to make it to its end. */
  private final class Pooled implements ClientConnector.Listener {
    private final long startedNanos;
    private @Nullable ClientConnection connection;
    private Dispatcher.Timer idleTimer = Dispatcher.Timer.NONE;
    private Dispatcher.Timer ageTimer = Dispatcher.Timer.NONE;
    private long idleSinceNanos;
    private int requests;
    private boolean idleWatched;
    private boolean isReady;
    private boolean retired;

    Pooled(long startedNanos) {
      this.startedNanos = startedNanos;
    }

    @Override
    public void onConnected(ClientConnection made) {
      connecting--;
      connection = made;
      open.add(this);
      if (wire != Wire.RAW) {
        boolean http2 = made.protocol() == HttpProtocol.HTTP_2;
        (http2 ? cluster.stats().cxHttp2Total : cluster.stats().cxHttp1Total).inc();
      }
      cluster.stats().cxActive.inc();
      hostStats.cxActive().inc();
      cluster.stats().cxConnectMs.record((loop.nanoTime() - startedNanos) / 1_000_000);
      if (options.maxConnectionDuration().isPositive()) {
        ageTimer = loop.schedule(options.maxConnectionDuration(), this::onAge);
      }
      serveWaiting();
      connectForWaiting();
    }

    @Override
    public void onFailed(boolean timedOut, String reason) {
      connecting--;
      breaker.returnConnection();
      cluster.stats().cxConnectFail.inc();
      hostStats.cxConnectFail().inc();
      if (timedOut) {
        cluster.stats().cxConnectTimeout.inc();
      }
      failWaiting(timedOut ? PoolFailure.CONNECT_TIMEOUT : PoolFailure.CONNECT_FAILED, reason);
    }

    @Override
    public void onStreamsAvailable() {
      serveWaiting();
    }

    private void serveWaiting() {
      learnStreams();
      while (!waiting.isEmpty() && takesStream()) {
        Lease next = waiting.removeFirst();
        leavesQueue();
        use(next);
      }
      settle();
    }

    /**
     * A peer that allows fewer streams than we do, or speaks HTTP/1.1, makes those that wait need
     * more connections.
     */
    private void learnStreams() {
      int streams = made().openStreams() + made().freeStreams();
      if (made().freeStreams() > 0) {
        streamsEach = Math.min(options.http2().maxConcurrentStreams(), streams);
      }
    }

    @Override
    public void onClosed(boolean byRemote) {
      retired = true;
      idleTimer.cancel();
      ageTimer.cancel();
      leaveReady();
      if (open.remove(this)) {
        breaker.returnConnection();
        cluster.stats().cxActive.dec();
        hostStats.cxActive().dec();
        cluster.stats().cxDestroy.inc();
        (byRemote ? cluster.stats().cxDestroyRemote : cluster.stats().cxDestroyLocal).inc();
      }
      connectForWaiting(); // who waited for this one needs another
    }

    void use(Lease lease) {
      boolean reused = requests > 0;
      requests++;
      leaveReady();
      lease.connected(made(), host, hostStats, reused);
      settle();
    }

    /** Says where the connection belongs, whatever has happened on it meanwhile. */
    private void settle() {
      if (retired) {
        return;
      }
      if (isWorn() || (draining && waiting.isEmpty())) {
        retire();
        return;
      }
      if (!takesStream()) {
        leaveReady();
      } else if (!isReady) {
        isReady = true;
        ready.addFirst(this);
      }
      if (made().openStreams() == 0 && options.idleTimeout().isPositive()) {
        idleSinceNanos = loop.nanoTime();
        watchIdle(options.idleTimeout());
      }
    }

    private boolean isWorn() {
      return options.maxRequestsPerConnection() > 0
          && requests >= options.maxRequestsPerConnection();
    }

    private void retire() {
      if (isWorn()) {
        cluster.stats().cxMaxRequests.inc();
      }
      retired = true;
      leaveReady();
      made().drain();
    }

    private void onAge() {
      if (!retired) {
        cluster.stats().cxMaxDuration.inc();
        retire();
      }
    }

    /** One timer for all times without a stream: it looks when it fires how long this one is. */
    private void watchIdle(Duration delay) {
      if (!idleWatched) {
        idleWatched = true;
        idleTimer = loop.schedule(delay, this::onIdleTimer);
      }
    }

    private void onIdleTimer() {
      idleWatched = false;
      if (retired || made().openStreams() > 0) {
        return;
      }
      Duration left = options.idleTimeout().minusNanos(loop.nanoTime() - idleSinceNanos);
      if (left.isPositive()) {
        watchIdle(left);
      } else {
        cluster.stats().cxIdleTimeout.inc();
        close();
      }
    }

    boolean takesStream() {
      return !retired && made().freeStreams() > 0;
    }

    void leaveReady() {
      if (isReady) {
        isReady = false;
        ready.remove(this);
      }
    }

    private ClientConnection made() {
      ClientConnection established = connection;
      if (established == null) {
        throw new IllegalStateException("connection: none yet (expected: an open one)");
      }
      return established;
    }

    void close() {
      made().close();
    }
  }
}
