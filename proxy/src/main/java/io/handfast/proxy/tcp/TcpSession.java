package io.handfast.proxy.tcp;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.connect.SocketConnector;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.ResponseFlag;
import io.handfast.proxy.http.ServerConnection;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.network.NetworkConnection;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.TcpStats;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One proxied connection. The endpoint is connected to at once, for it may be the first to speak,
 * and the client is not read before it is there. From then on each direction is as fast as the
 * slower of its two sockets, and ends for itself; a reset of one socket resets the other.
 *
 * <pre>
 * CONNECTING ──connected──► OPEN ──both directions ended, reset, time is up──► over
 *     │ └─refused, attempts left─┐│
 *     │ ◄────────────────────────┘│
 *     └──refused for good, client gone──────────────────────────────────────► over
 * </pre>
 *
 * <p>Confined to the event loop of both sockets.
 */
final class TcpSession implements ServerConnection, TcpEnd.Owner, SpliceSwitch.Owner {
  private final TcpProxyFactory proxy;
  private final Dispatcher loop;
  private final ConnectionInfo client;
  private final TcpStats stats;
  private final StreamInfo info;
  private final TcpEnd downstream;

  /**
   * What came before there was an endpoint: no more than TLS had decrypted, or the kernel held when
   * the client ended its direction, for nothing is read meanwhile.
   */
  private final List<ByteBuf> early = new ArrayList<>();

  private @Nullable Cluster cluster;
  private SocketConnector.@Nullable Pending connecting;
  private @Nullable TcpEnd upstream;
  private @Nullable UpstreamTally tally;
  private @Nullable SpliceSwitch splice;
  private Dispatcher.Timer idleTimer = Dispatcher.Timer.NONE;
  private Dispatcher.Timer ageTimer = Dispatcher.Timer.NONE;
  private long activeNanos;
  private boolean downstreamPaused;
  private boolean upstreamPaused;

  /** What has come since its socket was last asked. */
  private int batch;

  TcpSession(TcpProxyFactory proxy, NetworkConnection connection) {
    this.proxy = proxy;
    this.loop = connection.loop();
    this.client = connection.info();
    this.stats = proxy.stats();
    this.info = new StreamInfo(client, loop.currentTimeMillis(), loop.nanoTime());
    this.downstream = new TcpEnd(this, this::begin);
  }

  /** The client's side, for its pipeline. */
  TcpEnd downstream() {
    return downstream;
  }

  private void begin() {
    stats.cxTotal.inc();
    Duration longest = proxy.config().maxDownstreamConnectionDuration();
    if (longest.isPositive()) {
      ageTimer = loop.schedule(longest, this::onTooOld);
    }
    String name = proxy.chooseCluster();
    info.cluster(name);
    cluster = proxy.find(name);
    if (cluster == null) {
      stats.cxNoRoute.inc();
      refuse(ResponseFlag.NO_CLUSTER_FOUND);
    } else {
      connect(cluster);
    }
  }

  private void connect(Cluster to) {
    if (info.attempts() >= proxy.config().maxConnectAttempts()) {
      to.stats().cxConnectAttemptsExceeded.inc();
      refuse(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
      return;
    }
    if (!to.breaker(RoutingPriority.DEFAULT).takeConnection()) {
      to.stats().cxOverflow.inc();
      refuse(ResponseFlag.UPSTREAM_OVERFLOW);
      return;
    }
    Host host = proxy.chooseHost(to, client, loop);
    if (host == null) {
      to.breaker(RoutingPriority.DEFAULT).returnConnection();
      to.stats().cxNoneHealthy.inc();
      refuse(ResponseFlag.NO_HEALTHY_UPSTREAM);
      return;
    }
    info.attempt();
    info.upstreamHost(host.address(), host.hostname());
    UpstreamTally attempt = new UpstreamTally(to, host, loop.nanoTime());
    connecting =
        proxy
            .connector()
            .connect(
                loop,
                to,
                host,
                List.of(),
                new SocketConnector.Listener() {
                  @Override
                  public void onOpen(Channel channel) {
                    connected(channel, attempt);
                  }

                  @Override
                  public void onFailed(boolean timedOut, String reason) {
                    attempt.failed(timedOut);
                    failed(to, reason);
                  }
                });
  }

  private void failed(Cluster to, String reason) {
    connecting = null;
    if (!downstream.isClosed()) {
      info.flag(ResponseFlag.UPSTREAM_CONNECTION_FAILURE);
      info.upstreamFailure(reason);
      connect(to);
    }
  }

  private void refuse(ResponseFlag flag) {
    info.flag(flag);
    downstream.close();
  }

  private void connected(Channel channel, UpstreamTally attempt) {
    connecting = null;
    attempt.connected(loop.nanoTime());
    tally = attempt;
    TcpEnd made = new TcpEnd(this, () -> {});
    upstream = made;
    channel.pipeline().addLast(made);
    if (!channel.isActive()) { // closed between TLS and now: nobody will tell
      made.channelInactive(channel.pipeline().context(made));
      return;
    }
    info.upstreamConnection(channel.remoteAddress(), channel.localAddress(), null);
    if (downstream.isClosed()) {
      made.closeNow();
      return;
    }
    activeNanos = loop.nanoTime();
    watchIdle(proxy.config().idleTimeout());
    if (!early.isEmpty()) {
      early.forEach(made::send);
      early.clear();
      made.flush();
    }
    if (downstream.inputEnded()) {
      made.finish();
    }
    splice = new SpliceSwitch(this, proxy.splicing(), downstream, made);
    made.read();
    downstream.read();
  }

  private void watchIdle(Duration left) {
    if (left.isPositive()) {
      idleTimer = loop.schedule(left, this::checkIdle);
    }
  }

  private void checkIdle() {
    Duration limit = proxy.config().idleTimeout();
    Duration left = limit.minusNanos(loop.nanoTime() - activeNanos);
    if (left.isPositive()) {
      watchIdle(left);
    } else {
      stats.idleTimeout.inc();
      close();
    }
  }

  private void onTooOld() {
    stats.maxDownstreamConnectionDuration.inc();
    info.flag(ResponseFlag.DURATION_TIMEOUT);
    close();
  }

  private @Nullable TcpEnd other(TcpEnd end) {
    return end == downstream ? upstream : downstream;
  }

  @Override
  public void onBytes(TcpEnd from, ByteBuf bytes) {
    batch += bytes.readableBytes();
    onReceived(from, bytes.readableBytes());
    TcpEnd to = other(from);
    if (to == null) {
      early.add(bytes);
    } else {
      to.send(bytes);
    }
  }

  @Override
  public void onReceived(TcpEnd from, int count) {
    activeNanos = loop.nanoTime();
    if (from == downstream) {
      stats.cxRxBytes.add(count);
      info.received(count);
    } else if (cluster != null) {
      cluster.stats().cxRxBytes.add(count);
    }
  }

  @Override
  public void onSent(TcpEnd end, int count) {
    if (end == downstream) {
      stats.cxTxBytes.add(count);
      info.sent(count);
    } else if (cluster != null) {
      cluster.stats().cxTxBytes.add(count);
    }
  }

  @Override
  public void onBatch(TcpEnd from) {
    int count = batch;
    batch = 0;
    TcpEnd to = other(from);
    if (to == null) {
      return;
    }
    to.flush();
    if (splice != null && splice.takes(to, count)) {
      return;
    }
    if (to.hasRoom()) {
      from.read();
    } else if (!from.inputEnded() && !to.isClosed()) {
      onBlocked(from);
    }
  }

  @Override
  public void onCopied() {
    onBatch(downstream);
    if (upstream != null) {
      onBatch(upstream);
    }
  }

  @Override
  public void onSpliced() {
    stats.cxSpliced.inc();
  }

  @Override
  public void onBlocked(TcpEnd end) {
    if (end == downstream && !downstreamPaused) {
      downstreamPaused = true;
      stats.flowControlPausedReading.inc();
    } else if (end == upstream && !upstreamPaused && cluster != null) {
      upstreamPaused = true;
      cluster.stats().flowControlPausedReading.inc();
    }
  }

  @Override
  public void onRoom(TcpEnd end) {
    TcpEnd from = other(end);
    if (from != null) {
      onUnblocked(from);
      from.read();
    }
  }

  @Override
  public void onUnblocked(TcpEnd from) {
    activeNanos = loop.nanoTime();
    if (from == downstream && downstreamPaused) {
      downstreamPaused = false;
      stats.flowControlResumedReading.inc();
    } else if (from == upstream && upstreamPaused && cluster != null) {
      upstreamPaused = false;
      cluster.stats().flowControlResumedReading.inc();
    }
  }

  @Override
  public void onInputEnded(TcpEnd from) {
    activeNanos = loop.nanoTime();
    TcpEnd to = other(from);
    if (to != null) {
      to.finish();
    }
  }

  @Override
  public void onClosed(TcpEnd end) {
    if (splice != null) {
      splice.stop();
    }
    TcpEnd left = other(end);
    if (end == upstream) {
      upstreamClosed(end);
    } else {
      downstreamClosed();
    }
    if (left == null || left.isClosed()) {
      idleTimer.cancel();
    } else if (end.isBroken()) {
      left.reset();
    } else if (!left.isFinishing()) {
      left.close();
    }
  }

  private void upstreamClosed(TcpEnd end) {
    if (tally != null) {
      tally.closed(end.isBroken() || end.inputEnded());
    }
    if (end.isBroken() && !downstream.isClosed()) {
      info.flag(ResponseFlag.UPSTREAM_REMOTE_RESET);
    }
  }

  private void downstreamClosed() {
    ageTimer.cancel();
    early.forEach(ByteBuf::release);
    early.clear();
    if (connecting != null) {
      connecting.giveUp();
    }
    info.ended(loop.nanoTime(), !downstream.isBroken(), null);
    proxy.log(info);
  }

  /** Nothing tells the two that they should come to an end: they go on until it is over. */
  @Override
  public void drain() {}

  @Override
  public void close() {
    downstream.closeNow();
    if (upstream != null) {
      upstream.closeNow();
    }
  }
}
