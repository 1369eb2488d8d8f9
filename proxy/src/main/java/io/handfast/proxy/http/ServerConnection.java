package io.handfast.proxy.http;

/** A downstream connection, as its listener sees it. Confined to its event loop. */
public interface ServerConnection {
  /**
   * Takes no further request: streams in flight are finished and their clients told, then the
   * connection closes; at once if it is idle.
   */
  void drain();

  /** Closes at once; streams on it are reset. */
  void close();
}
