package io.handfast.proxy.cluster.client;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.pool.Lease;
import io.handfast.proxy.cluster.pool.LoopPools;
import io.handfast.proxy.cluster.pool.PoolFailure;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.runtime.Dispatcher;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One request of the proxy's own and its response. Confined to its event loop. */
final class UpstreamExchange implements Lease.Listener, HttpStream.ClientEvents {
  private final Dispatcher loop;
  private final RequestHead head;
  private final byte[] body;
  private final UpstreamClient.Callback callback;
  private Dispatcher.Timer timer = Dispatcher.Timer.NONE;
  private @Nullable Lease lease;
  private HttpStream.@Nullable Client stream;
  private int status;
  private boolean over;

  UpstreamExchange(
      Dispatcher loop, RequestHead head, byte[] body, UpstreamClient.Callback callback) {
    this.loop = loop;
    this.head = head;
    this.body = body;
    this.callback = callback;
  }

  void start(LoopPools pools, Cluster cluster, Duration timeout) {
    timer = loop.schedule(timeout, () -> timeOut(timeout));
    Lease taken = pools.lease(cluster, head.protocol(), RoutingPriority.DEFAULT, null, this);
    if (over) {
      taken.end();
    } else {
      lease = taken;
    }
  }

  @Override
  public void onConnection(ClientConnection connection, Host host, boolean reused) {
    HttpStream.Client opened = connection.newStream(this);
    stream = opened;
    if (body.length > 0) {
      head.headers().set("content-length", Integer.toString(body.length));
      opened.sendHead(head, false);
      if (!over) {
        opened.sendData(Body.of(body), true);
      }
    } else {
      if (!head.method().equals("GET")) {
        head.headers().set("content-length", "0");
      }
      opened.sendHead(head, true);
    }
  }

  @Override
  public void onFailure(PoolFailure failure, @Nullable Host host, String reason) {
    fail(failure + ": " + reason);
  }

  @Override
  public void onInformational(ResponseHead informational) {}

  @Override
  public void onHead(ResponseHead response, boolean endStream) {
    status = response.status();
    if (lease != null) {
      lease.answered(status);
    }
    if (endStream) {
      succeed();
    }
  }

  @Override
  public void onData(Body data, boolean endStream) {
    data.clear();
    if (endStream) {
      succeed();
    }
  }

  @Override
  public void onTrailers(Headers trailers) {
    succeed();
  }

  @Override
  public void onReset(ResetReason reason) {
    stream = null;
    if (lease != null && !over) {
      lease.broken();
    }
    fail("the connection broke off: " + reason);
  }

  @Override
  public void onWritabilityChanged(boolean writable) {}

  private void succeed() {
    if (end()) {
      callback.onResponse(status);
    }
  }

  private void timeOut(Duration timeout) {
    if (lease != null && !over) {
      lease.timedOut();
    }
    fail("no answer within " + timeout.toMillis() + " ms");
  }

  private void fail(String reason) {
    if (end()) {
      if (stream != null) {
        stream.reset(ResetReason.CANCELLED);
      }
      callback.onFailure(reason);
    }
  }

  private boolean end() {
    if (over) {
      return false;
    }
    over = true;
    timer.cancel();
    if (lease != null) {
      lease.end();
    }
    return true;
  }
}
