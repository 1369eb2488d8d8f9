package io.handfast.proxy.http.connection;

import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.manager.ConnectionManager;
import io.handfast.proxy.network.NetworkConnection;
import io.handfast.proxy.network.TerminalFilter;
import io.handfast.proxy.network.TerminalFilterFactory;
import io.handfast.proxy.stats.HttpStats;
import java.util.function.Function;

/**
 * The HTTP connection manager as the end of a filter chain. Thread-safe: each request asks for the
 * connection manager as it is then.
 */
public final class HttpTerminal implements TerminalFilterFactory {
  private final Function<HttpConnectionManagerConfig, ConnectionManager> managers;
  private volatile ConnectionManager current;

  /**
   * @param managers makes the connection manager of this chain
   * @param now what it is to be at first
   */
  public HttpTerminal(
      Function<HttpConnectionManagerConfig, ConnectionManager> managers,
      HttpConnectionManagerConfig now) {
    this.managers = managers;
    this.current = managers.apply(now);
  }

  /** Only tunnels inside of HTTP/1.1 would; HTTP itself ends connections as a whole. */
  @Override
  public boolean halfCloses() {
    return false;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
  public void refresh(NetworkFilterConfig now) {
    if (now != current.config() && now instanceof HttpConnectionManagerConfig http) {
      current = managers.apply(http);
    }
  }

  @Override
  public TerminalFilter create(NetworkConnection connection) {
    ConnectionManager now = current;
    HttpStats stats = now.stats();
    stats.cxTotal.inc();
    stats.cxActive.inc();
    connection
        .channel()
        .closeFuture()
        .addListener(_ -> {
          stats.cxActive.dec();
          stats.cxDestroy.inc();
        });
    RequestHandler handler =
        ConnectionManager.handler(() -> current, connection.info(), connection.loop());
    return new HttpCodecs(now, handler, connection.loop(), connection.bufferLimit())
        .choose(connection.info().tls());
  }
}
