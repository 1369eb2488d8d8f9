package io.handfast.proxy.tls;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Blocking sockets by whatever context is the newest, for libraries that have no engine.
 * Thread-safe.
 */
final class NewestSocketFactory extends SSLSocketFactory {
  private final TlsContext newest;

  /**
   * @param newest of the JDK
   */
  NewestSocketFactory(TlsContext newest) {
    this.newest = newest;
  }

  @FunctionalInterface
  private interface Making {
    Socket by(SSLSocketFactory sockets) throws IOException;
  }

  private Socket made(Making making) throws IOException {
    SslContext context = newest.retained();
    if (context == null) {
      throw new SocketException("TLS: the certificates could not be read");
    }
    try {
      JdkSslContext jdk = (JdkSslContext) context;
      SSLSocket socket = (SSLSocket) making.by(jdk.context().getSocketFactory());
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setCipherSuites(jdk.cipherSuites().toArray(String[]::new));
      SslContexts.restrict(parameters, newest.config().common().parameters());
      socket.setSSLParameters(parameters);
      return socket;
    } finally {
      ReferenceCountUtil.release(context);
    }
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return made(sockets -> sockets.createSocket(socket, host, port, autoClose));
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return made(sockets -> sockets.createSocket(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return made(sockets -> sockets.createSocket(host, port, localHost, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return made(sockets -> sockets.createSocket(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return made(sockets -> sockets.createSocket(host, port, localHost, localPort));
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return getSupportedCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    SslContext context = newest.retained();
    if (context == null) {
      return new String[0];
    }
    try {
      return context.cipherSuites().toArray(String[]::new);
    } finally {
      ReferenceCountUtil.release(context);
    }
  }
}
