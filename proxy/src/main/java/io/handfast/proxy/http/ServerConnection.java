package io.handfast.proxy.http;

import java.time.Duration;

/** A downstream connection, as its listener sees it. Confined to its event loop. */
public interface ServerConnection {

  /**
   * How long a connection that drains waits for a request that may be on its way, if nothing has
   * told the client that it closes.
   */
  Duration DRAIN_GRACE = Duration.ofSeconds(1);

  /**
   * Takes no more than a further request: streams in flight are finished and their clients told,
   * then the connection closes; after {@link #DRAIN_GRACE} if it is idle.
   */
  void drain();

  /** Closes at once; streams on it are reset. */
  void close();
}
