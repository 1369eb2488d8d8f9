package io.handfast.proxy.network;

import io.handfast.proxy.config.NetworkFilterConfig;

/**
 * Makes what stands at the end of a filter chain and serves its connections. Thread-safe; what it
 * makes is confined to the connection's loop.
 */
public interface TerminalFilterFactory {

  /** Whether each direction of its connections ends for itself, which TLS must allow for then. */
  boolean halfCloses();

  /** Takes a connection; called on its loop. */
  TerminalFilter create(NetworkConnection connection);

  /**
   * The configuration of the chain is as it was, what it refers to may not be, such as its routes.
   * Called on the main loop; what is asked for from now on is answered by this one, on connections
   * that are open too.
   *
   * @param now of the same class as the one that the factory was made for
   */
  void refresh(NetworkFilterConfig now);
}
