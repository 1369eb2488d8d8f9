package io.handfast.proxy.cluster.client;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.runtime.Dispatcher;
import java.time.Duration;

/**
 * Sends requests of the proxy's own to a cluster, from one event loop. Nothing is tried again: who
 * asks knows whether that is safe. Immutable; {@link #send} belongs to the loop.
 */
public final class UpstreamClient {
  private final Dispatcher loop;
  private final ClusterManager clusters;

  public UpstreamClient(Dispatcher loop, ClusterManager clusters) {
    this.loop = loop;
    this.clusters = clusters;
  }

  /** What came of a request; told once, on the loop, possibly before {@link #send} returns. */
  public interface Callback {
    /** The response came to its clean end. Its body is not kept. */
    void onResponse(int status);

    /**
     * There was no whole response: the request may have been carried out, or not.
     *
     * @param reason a short sentence for logs
     */
    void onFailure(String reason);
  }

  /**
   * Sends a request.
   *
   * @param body empty for none; {@code content-length} is set here
   * @param timeout from now to the end of the response; positive
   */
  public void send(
      Cluster cluster, RequestHead head, byte[] body, Duration timeout, Callback callback) {
    loop.checkInLoop();
    new UpstreamExchange(loop, head, body, callback).start(clusters.pools(loop), cluster, timeout);
  }
}
