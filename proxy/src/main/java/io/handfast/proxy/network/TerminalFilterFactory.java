package io.handfast.proxy.network;

import io.handfast.proxy.config.ConfigSnapshot;

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
   * The configuration of the chain is as it was, what it refers to is not. Called on the main loop;
   * what is asked for from now on is answered by this snapshot, on connections that are open too.
   */
  void refresh(ConfigSnapshot now);
}
