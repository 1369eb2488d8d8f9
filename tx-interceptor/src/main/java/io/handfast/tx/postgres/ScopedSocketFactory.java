package io.handfast.tx.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Hands pgjdbc, which wants the name of a class that it makes itself, the factory of the connection
 * that is being opened. Public and with a public constructor for pgjdbc alone, which makes it on
 * the thread that opens the connection. Immutable.
 */
public final class ScopedSocketFactory extends SSLSocketFactory {
  /** Bound while a connection is opened, on the thread that opens it. */
  static final ScopedValue<SSLSocketFactory> CURRENT = ScopedValue.newInstance();

  private final SSLSocketFactory sockets = CURRENT.get();

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return sockets.createSocket(socket, host, port, autoClose);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return sockets.createSocket(host, port);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return sockets.createSocket(host, port, localHost, localPort);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return sockets.createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return sockets.createSocket(host, port, localHost, localPort);
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return sockets.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return sockets.getSupportedCipherSuites();
  }
}
