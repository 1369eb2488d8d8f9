package io.handfast.proxy.cluster.connect;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.runtime.Dispatcher;
import io.netty.channel.Channel;
import java.util.List;

/** Opens sockets to endpoints, with TLS where the cluster has it. Thread-safe. */
@FunctionalInterface
public interface SocketConnector {

  /**
   * Opens a socket that lives on the loop, within the cluster's connect timeout. The listener is
   * told on the loop, never inside this call.
   *
   * @param offered by ALPN where TLS has it and its configuration names none; empty: nothing
   * @return to give the attempt up while it is one
   */
  Pending connect(
      Dispatcher loop, Cluster cluster, Host host, List<String> offered, Listener listener);

  /** An attempt that is under way. */
  @FunctionalInterface
  interface Pending {
    /** Ends it, which counts as failed; once there is a socket or a failure it does nothing. */
    void giveUp();
  }

  /** What becomes of the attempt; one of both, once. */
  interface Listener {
    /**
     * The socket is there, and TLS on it. Nothing is read of it yet: the handler that is added now
     * asks for that.
     */
    void onOpen(Channel channel);

    /**
     * It could not be made.
     *
     * @param timedOut whether the connect timeout passed
     * @param reason a short sentence for logs
     */
    void onFailed(boolean timedOut, String reason);
  }
}
