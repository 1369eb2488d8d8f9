package io.handfast.proxy.filter.router;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.pool.Lease;
import io.handfast.proxy.cluster.pool.LoopPools;
import io.handfast.proxy.cluster.pool.PoolFailure;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.StreamInfo;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to send a request: a lease from the pool, then a stream on the connection that it
 * got. Confined to the stream's event loop.
 */
final class UpstreamRequest implements Lease.Listener, HttpStream.ClientEvents {
  private final RouterFilter router;
  private final HttpFilterContext context;
  private final Cluster cluster;
  private @Nullable Lease lease;
  private HttpStream.@Nullable Client stream;
  private boolean headOnly;
  private boolean reused;
  private boolean requestEnded;
  private boolean responseEnded;
  private boolean over;

  UpstreamRequest(RouterFilter router, HttpFilterContext context, Cluster cluster) {
    this.router = router;
    this.context = context;
    this.cluster = cluster;
  }

  /**
   * @param raw the request is a CONNECT that ends here: to the endpoint go bytes only
   */
  void start(LoopPools pools, RoutingPriority priority, boolean withoutBody, boolean raw) {
    headOnly = withoutBody;
    context.info().attempt();
    InetSocketAddress to = OriginalDestination.of(cluster, context);
    Lease taken =
        raw
            ? pools.leaseRaw(cluster, priority, to, this)
            : pools.lease(cluster, context.info().protocol(), priority, to, this);
    if (over) {
      taken.end();
    } else {
      lease = taken;
    }
  }

  @Override
  public void onConnection(ClientConnection connection, Host host, boolean usedBefore) {
    reused = usedBefore;
    StreamInfo info = context.info();
    info.upstreamHost(host.address(), host.hostname());
    // One of several addresses of the endpoint may have been reached.
    info.upstreamConnection(connection.remote(), connection.local(), connection.protocol());
    HttpStream.Client opened = connection.newStream(this);
    stream = opened;
    requestEnded = headOnly;
    router.onRequestLeaves();
    opened.sendHead(context.requestHead(), headOnly);
    if (headOnly) {
      requestSent();
    }
    if (!over) {
      router.onRequestTaken();
    }
  }

  @Override
  public void onFailure(PoolFailure failure, @Nullable Host host, String reason) {
    over = true;
    if (host != null) {
      context.info().upstreamHost(host.address(), host.hostname());
      context.info().upstreamFailure(reason);
    }
    router.onPoolFailure(failure, reason);
  }

  void sendData(Body data, boolean endStream) {
    if (stream != null && !over) {
      requestEnded |= endStream;
      stream.sendData(data, endStream);
      if (endStream) {
        requestSent();
      }
      if (!over && !stream.isWritable()) {
        router.onUpstreamWritable(false);
      }
      endIfDone();
    }
  }

  void sendTrailers(Headers trailers) {
    if (stream != null && !over) {
      requestEnded = true;
      stream.sendTrailers(trailers);
      requestSent();
      endIfDone();
    }
  }

  private void requestSent() {
    context.info().requestSent(context.dispatcher().nanoTime());
  }

  void stopReading() {
    if (stream != null && !over) {
      stream.stopReading();
    }
  }

  void resumeReading() {
    if (stream != null && !over) {
      stream.resumeReading();
    }
  }

  /** The response did not come in time. */
  void timeOut() {
    if (lease != null) {
      lease.timedOut();
    }
    cancel();
  }

  /** Nobody wants the response any more. */
  void cancel() {
    if (over) {
      return;
    }
    over = true;
    if (stream != null && !(requestEnded && responseEnded)) {
      cluster.stats().rqTxReset.inc();
      stream.reset(ResetReason.CANCELLED);
    }
    endLease();
  }

  @Override
  public void onInformational(ResponseHead head) {
    reused = false; // The request was seen: what follows is no connection that had died before.
    router.onUpstreamInformational(head);
  }

  @Override
  public void onHead(ResponseHead head, boolean endStream) {
    if (lease != null) {
      lease.answered(head.status());
    }
    // A tunnel that is not opened leaves a request that was whole with its head.
    Tunnel tunnel = context.requestHead().tunnel();
    requestEnded |= tunnel != Tunnel.NONE && !tunnel.isOpenedBy(head);
    responseEnded |= endStream;
    endIfDone();
    router.onHead(head, endStream);
  }

  @Override
  public void onData(Body data, boolean endStream) {
    responseEnded |= endStream;
    endIfDone();
    router.onData(data, endStream);
  }

  @Override
  public void onTrailers(Headers trailers) {
    responseEnded = true;
    endIfDone();
    router.onTrailers(trailers);
  }

  @Override
  public void onReset(ResetReason reason) {
    if (!over) {
      over = true;
      if (lease != null) {
        lease.broken();
      }
      endLease();
      router.onReset(reason, reused);
    }
  }

  @Override
  public void onWritabilityChanged(boolean writable) {
    if (!over) {
      router.onUpstreamWritable(writable);
    }
  }

  private void endIfDone() {
    if (requestEnded && responseEnded && !over) {
      over = true;
      endLease();
    }
  }

  private void endLease() {
    Lease taken = lease;
    lease = null;
    if (taken != null) {
      taken.end();
    }
  }
}
