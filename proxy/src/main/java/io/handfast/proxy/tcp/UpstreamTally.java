package io.handfast.proxy.tcp;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.HostStats;

/**
 * What a cluster counts of one connection to it that is not pooled, from the attempt to its end; it
 * has its place among {@code max_connections} meanwhile. Confined to the connection's loop.
 */
final class UpstreamTally {
  private final Cluster cluster;
  private final HostStats host;
  private final long startedNanos;

  /** An attempt begins, whose place has been taken. */
  UpstreamTally(Cluster cluster, Host host, long nowNanos) {
    this.cluster = cluster;
    this.host = cluster.stats(host);
    this.startedNanos = nowNanos;
    cluster.stats().cxTotal.inc();
    cluster.stats().rqPendingTotal.inc();
    cluster.stats().rqPendingActive.inc();
    this.host.cxTotal().inc();
  }

  void failed(boolean timedOut) {
    cluster.breaker(RoutingPriority.DEFAULT).returnConnection();
    ClusterStats stats = cluster.stats();
    stats.rqPendingActive.dec();
    stats.rqPendingFailureEject.inc();
    stats.cxConnectFail.inc();
    host.cxConnectFail().inc();
    if (timedOut) {
      stats.cxConnectTimeout.inc();
    }
  }

  void connected(long nowNanos) {
    ClusterStats stats = cluster.stats();
    stats.rqPendingActive.dec();
    stats.cxConnectMs.record((nowNanos - startedNanos) / 1_000_000);
    stats.cxActive.inc();
    stats.rqTotal.inc();
    stats.rqActive.inc();
    host.cxActive().inc();
    host.rqTotal().inc();
    host.rqActive().inc();
  }

  void closed(boolean byRemote) {
    cluster.breaker(RoutingPriority.DEFAULT).returnConnection();
    ClusterStats stats = cluster.stats();
    stats.cxActive.dec();
    stats.rqActive.dec();
    host.cxActive().dec();
    host.rqActive().dec();
    stats.cxDestroy.inc();
    stats.cxDestroyWithActiveRq.inc();
    (byRemote ? stats.cxDestroyRemote : stats.cxDestroyLocal).inc();
  }
}
