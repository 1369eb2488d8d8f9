package io.handfast.proxy.runtime;

import io.handfast.proxy.config.NetworkAddress;
import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Unix sockets. Their addresses are {@link DomainSocketAddress}es as they are written: {@code @} in
 * front stands for a name in Linux's abstract namespace. Stateless.
 */
public final class UnixSockets {
  private static final int S_IFMT = 0170000;
  private static final int S_IFSOCK = 0140000;
  private static final char WRITTEN = '@';
  private static final char ABSTRACT = '\0';

  private UnixSockets() {}

  /** Whether this system has them, by epoll. */
  public static boolean areAvailable() {
    return Epoll.isAvailable();
  }

  /** An address as it is written. */
  public static SocketAddress address(String path) {
    return new DomainSocketAddress(path);
  }

  /**
   * A socket that listens already. As in Envoy a socket's file that is there gives way to it, and
   * its own stays when it is closed, for it may be another's by then; but no other kind of file is
   * taken away.
   *
   * @param backlog connections that may wait
   * @throws IOException with a sentence that names the field
   */
  public static ServerChannel listen(NetworkAddress.Pipe pipe, int backlog) throws IOException {
    Path file = pipe.isAbstract() ? null : Path.of(pipe.path());
    if (file != null) {
      makeRoom(file);
    }
    Socket socket = Socket.newSocketDomain();
    try {
      socket.bind(toSystem(address(pipe.path())));
      if (file != null && pipe.mode() != 0) {
        Files.setAttribute(file, "unix:mode", pipe.mode());
      }
      socket.listen(backlog);
      return new EpollServerDomainSocketChannel(socket.intValue(), true);
    } catch (IOException e) {
      socket.close();
      throw new IOException(
          "pipe: "
              + e.getMessage()
              + " (expected: a path in a directory that exists and may be written)",
          e);
    }
  }

  private static void makeRoom(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int kind = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) & S_IFMT;
    if (kind != S_IFSOCK) {
      throw new IOException("pipe: a file that is no socket has that path (expected: none)");
    }
    Files.delete(file);
  }

  /** As the system takes it; addresses of other families are as they were. */
  public static SocketAddress toSystem(SocketAddress written) {
    return swapped(written, WRITTEN, ABSTRACT);
  }

  /** Where a connection came in, as it is written. */
  public static SocketAddress local(Channel channel) {
    return swapped(channel.localAddress(), ABSTRACT, WRITTEN);
  }

  /**
   * Who is at the other end, as it is written. Most clients of a Unix socket have no address: as in
   * Envoy, that of the listener stands for it.
   */
  public static SocketAddress remote(Channel channel) {
    SocketAddress remote = channel.remoteAddress();
    return channel instanceof DomainSocketChannel
            && (!(remote instanceof DomainSocketAddress unix) || unix.path().isEmpty())
        ? local(channel)
        : swapped(remote, ABSTRACT, WRITTEN);
  }

  private static SocketAddress swapped(SocketAddress address, char from, char to) {
    return address instanceof DomainSocketAddress unix
            && !unix.path().isEmpty()
            && unix.path().charAt(0) == from
        ? new DomainSocketAddress(to + unix.path().substring(1))
        : address;
  }
}
