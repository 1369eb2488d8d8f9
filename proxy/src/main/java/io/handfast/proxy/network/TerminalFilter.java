package io.handfast.proxy.network;

import io.handfast.proxy.http.ServerConnection;
import io.netty.channel.ChannelHandler;

/**
 * The end of a filter chain on one connection, as the pipeline and as the listener see it: one
 * object.
 *
 * @param handler for the pipeline
 * @param connection for the listener
 */
public record TerminalFilter(ChannelHandler handler, ServerConnection connection) {

  /** Of what is both. */
  public static <F extends ChannelHandler & ServerConnection> TerminalFilter of(F filter) {
    return new TerminalFilter(filter, filter);
  }
}
