package io.handfast.proxy.listener;

import io.handfast.proxy.http.ServerConnection;
import io.netty.channel.ChannelHandler;

/**
 * A codec, as the pipeline and as the listener see it: one object.
 *
 * @param handler for the pipeline
 * @param connection for the listener
 */
record HttpCodec(ChannelHandler handler, ServerConnection connection) {
  static <C extends ChannelHandler & ServerConnection> HttpCodec of(C codec) {
    return new HttpCodec(codec, codec);
  }
}
