package io.handfast.proxy.network;

import io.netty.channel.ChannelHandler;

/**
 * Makes a network filter that stands before the terminal one, one object per connection.
 * Thread-safe; the handlers are confined to their channel's loop. A handler:
 *
 * <ul>
 *   <li>gets what the client sends as {@code channelRead} of {@code ByteBuf}s, and what goes to the
 *       client as {@code write}; both are passed on, changed, answered or held, with their
 *       references;
 *   <li>pauses the client by not passing on {@code read}: nothing is read unless somebody asks. One
 *       that took bytes and passed none on asks itself;
 *   <li>pauses what goes to the client by holding writes with their promises, in order, and says by
 *       {@code ChannelOutboundBuffer.setUserDefinedWritability} that there is no more room;
 *   <li>sees the end of the client's direction as {@code ChannelInputShutdownEvent}; the end of the
 *       other comes once every promise before it is done, so that what is held is not overtaken;
 *   <li>refuses a connection by closing it, in {@code handlerAdded} at the earliest: what stands
 *       behind it is then not made.
 * </ul>
 */
@FunctionalInterface
public interface NetworkFilterFactory {

  /** The handler of one connection; called on its loop. */
  ChannelHandler create(NetworkConnection connection);
}
