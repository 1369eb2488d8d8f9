package io.handfast.proxy.datapath;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A port that does not answer who connects to it: its queue of connections that nobody accepts is
 * full.
 */
final class SilentPort implements AutoCloseable {
  private static final int MORE_THAN_IT_HOLDS = 4;

  private final ServerSocket silent;
  private final List<SocketChannel> waiting = new ArrayList<>();

  SilentPort() throws IOException {
    silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    for (int i = 0; i < MORE_THAN_IT_HOLDS; i++) {
      SocketChannel channel = SocketChannel.open();
      waiting.add(channel);
      channel.configureBlocking(false);
      channel.connect(silent.getLocalSocketAddress());
    }
  }

  int number() {
    return silent.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel channel : waiting) {
      channel.close();
    }
    silent.close();
  }
}
