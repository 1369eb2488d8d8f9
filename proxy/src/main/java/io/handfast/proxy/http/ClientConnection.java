package io.handfast.proxy.http;

import java.net.SocketAddress;

/**
 * An established upstream connection, as a pool sees it: one stream at a time with HTTP/1.1, many
 * with HTTP/2. Confined to its event loop.
 */
public interface ClientConnection {
  /**
   * Begins a stream, which counts as open from now on; only while there are {@link #freeStreams}.
   */
  HttpStream.Client newStream(HttpStream.ClientEvents events);

  /** What is spoken on it. */
  HttpProtocol protocol();

  /** How many streams are open. */
  int openStreams();

  /**
   * How many more streams can be begun now: what the peer's limit leaves; 0 for good once the
   * connection is draining, by {@link #drain} or because the peer goes away. It may shrink without
   * a word: to be asked before each stream.
   */
  int freeStreams();

  /** The endpoint. */
  SocketAddress remote();

  /** Our end. */
  SocketAddress local();

  /** Takes no further stream; closes when the open ones have ended, at once if there is none. */
  void drain();

  /** Closes at once; streams on it are reset. */
  void close();

  /** Is told of a connection's life. */
  interface Listener {
    /**
     * A stream has ended, or the peer allows more of them: {@link #openStreams} or {@link
     * #freeStreams} has changed for the better. May be called inside a call to the connection.
     */
    void onAvailable(ClientConnection connection);

    /** It has closed; exactly once. */
    void onClosed(ClientConnection connection);
  }
}
