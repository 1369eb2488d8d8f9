package io.handfast.proxy.network;

import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.http.ServerConnection;
import io.netty.channel.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What runs on the connections of one filter chain. Immutable and thread-safe.
 *
 * @param filters before the terminal one, in order
 * @param terminal serves the connections
 */
public record NetworkFilterChain(
    List<NetworkFilterFactory> filters, TerminalFilterFactory terminal) {

  public NetworkFilterChain {
    filters = List.copyOf(filters);
  }

  /**
   * Puts the filters on a connection, on its loop; from then on it is read.
   *
   * @return null if one of them refused it
   */
  public @Nullable ServerConnection open(NetworkConnection connection) {
    Channel channel = connection.channel();
    for (NetworkFilterFactory filter : filters) {
      channel.pipeline().addLast(filter.create(connection));
      if (!channel.isActive()) {
        return null;
      }
    }
    TerminalFilter last = terminal.create(connection);
    channel.pipeline().addLast(last.handler());
    return last.connection();
  }

  /** What the chain refers to is now this. */
  public void refresh(FilterChainConfig now) {
    terminal.refresh(now.filters().getLast());
  }
}
