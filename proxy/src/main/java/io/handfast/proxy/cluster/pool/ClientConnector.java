package io.handfast.proxy.cluster.pool;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.runtime.Dispatcher;

/** Opens connections to endpoints and puts a codec on them. Thread-safe. */
public interface ClientConnector {

  /**
   * Opens a connection that lives on the loop, within the cluster's connect timeout. The listener
   * is told on the loop, never inside this call.
   *
   * @param wire what is to be spoken
   */
  void connect(Dispatcher loop, Cluster cluster, Host host, Wire wire, Listener listener);

  /** What becomes of a connection. */
  interface Listener {
    /** It is there. */
    void onConnected(ClientConnection connection);

    /**
     * It could not be made; nothing else follows.
     *
     * @param timedOut whether the connect timeout passed
     * @param reason a short sentence for logs
     */
    void onFailed(boolean timedOut, String reason);

    /** A stream has ended, or the connection takes more than before. */
    void onStreamsAvailable();

    /** It is closed, by whichever side; exactly once after {@link #onConnected}. */
    void onClosed(boolean byRemote);
  }
}
