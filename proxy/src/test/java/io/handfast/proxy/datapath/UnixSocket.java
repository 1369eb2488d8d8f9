package io.handfast.proxy.datapath;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A Unix socket that looks like the sockets that tests know; reads wait without a limit. */
final class UnixSocket extends Socket {
  private final SocketChannel channel;

  private UnixSocket(SocketChannel channel) {
    this.channel = channel;
  }

  static RawConnection connect(Path path) {
    try {
      return new RawConnection(
          new UnixSocket(SocketChannel.open(UnixDomainSocketAddress.of(path))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A socket that listens there. */
  static ServerSocket listen(Path path) throws IOException {
    ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listening.bind(UnixDomainSocketAddress.of(path));
    return new ServerSocket() {
      @Override
      public Socket accept() throws IOException {
        return new UnixSocket(listening.accept());
      }

      @Override
      public void close() throws IOException {
        listening.close();
        super.close();
      }
    };
  }

  @Override
  public InputStream getInputStream() {
    return Channels.newInputStream(channel);
  }

  @Override
  public OutputStream getOutputStream() {
    return Channels.newOutputStream(channel);
  }

  @Override
  public void setSoTimeout(int timeout) {}

  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public void shutdownOutput() throws IOException {
    try {
      channel.shutdownOutput();
    } catch (ClosedChannelException closed) {
      throw new IOException(closed);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
