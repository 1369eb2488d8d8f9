package io.handfast.proxy.cluster.pool;

import io.handfast.proxy.http.HttpStream;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** One connection to an endpoint, whatever its HTTP version. Confined to its event loop. */
public interface ClientConnection {

  /** Begins a request. Only while {@link #availableStreams} is positive. */
  HttpStream.Client newStream(HttpStream.ClientEvents events);

  /** How many more requests it takes now: 0 when it is busy, closing or closed. */
  int availableStreams();

  /** Whether no request is in flight on it. */
  boolean isIdle();

  /** Closes it at once; requests in flight are reset. */
  void close();

  /** Our end. */
  @Nullable SocketAddress localAddress();

  /** The endpoint's end. */
  @Nullable SocketAddress remoteAddress();
}
