package io.handfast.proxy.http;

import java.net.SocketAddress;

/** An established upstream connection, as a pool sees it. Confined to its event loop. */
public interface ClientConnection {
  /** Begins a stream; only while the connection has room for one more. */
  HttpStream.Client newStream(HttpStream.ClientEvents events);

  /** The endpoint. */
  SocketAddress remote();

  /** Our end. */
  SocketAddress local();

  /** Closes at once; streams on it are reset. */
  void close();

  /** Is told of a connection's life. */
  interface Listener {
    /** A stream has ended and the connection can take another one. */
    void onAvailable(ClientConnection connection);

    /** It has closed; exactly once. */
    void onClosed(ClientConnection connection);
  }
}
