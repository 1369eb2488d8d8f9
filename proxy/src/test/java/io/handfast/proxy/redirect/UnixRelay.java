package io.handfast.proxy.redirect;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * Passes connections to an address on to a socket of the file system, which all network namespaces
 * share: a server of one namespace for those of another. Arguments: address, port, socket. Runs
 * until it is ended.
 */
final class UnixRelay {
  private UnixRelay() {}

  public static void main(String[] args) throws IOException {
    UnixDomainSocketAddress target = UnixDomainSocketAddress.of(Path.of(args[2]));
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(args[0], Integer.parseInt(args[1])));
      while (true) {
        SocketChannel client = server.accept();
        SocketChannel service = SocketChannel.open(StandardProtocolFamily.UNIX);
        service.connect(target);
        Thread.startVirtualThread(() -> copy(client, service));
        Thread.startVirtualThread(() -> copy(service, client));
      }
    }
  }

  private static void copy(SocketChannel from, SocketChannel to) {
    try (from;
        to) {
      ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException e) {
      // One side has gone, and so goes the other.
    }
  }
}
