package io.handfast.proxy.transparency;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.tls.TestPki;
import io.handfast.proxy.transparency.Way.Http;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Two sidecars in this process with a listener for every way, and the service behind them, which
 * takes connections when the test says so. Each request to the service has a connection of its own.
 */
final class Mesh implements AutoCloseable {
  private static final int TIMEOUT_MS = 20_000;

  private final ServerSocket service;
  private final SSLContext clientTls;
  private final Sidecar inbound;
  private final Sidecar outbound;

  private Mesh(ServerSocket service, int servicePort, Path directory) throws StartException {
    this.service = service;
    TestPki pki = new TestPki();
    pki.write(directory, "front", pki.workload("front"));
    pki.write(
        directory,
        "back",
        pki.issue(builder ->
            builder
                .subject("CN=back")
                .addSanDnsName("back.example.com")
                .addSanDnsName("localhost")
                .ecp256()));
    clientTls = pki.jdk(pki.workload("client"));
    inbound = Sidecars.start(new MeshConfig(directory).inbound(servicePort));
    outbound =
        Sidecars.start(
            new MeshConfig(directory)
                .outbound(listener -> inbound.listenerAddress(listener).orElseThrow().getPort()));
  }

  static Mesh start(Path directory) throws IOException, StartException {
    ServerSocket service = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    service.setSoTimeout(TIMEOUT_MS);
    return new Mesh(service, service.getLocalPort(), directory);
  }

  /** Before a service that takes its connections itself. */
  static Mesh before(int servicePort, Path directory) throws IOException, StartException {
    return new Mesh(new ServerSocket(), servicePort, directory);
  }

  /** Forgets connections that a test before has not taken. */
  void reset() throws IOException {
    service.setSoTimeout(1);
    try {
      while (true) {
        service.accept().close();
      }
    } catch (SocketTimeoutException none) {
      service.setSoTimeout(TIMEOUT_MS);
    }
  }

  /** Where the client connects. */
  int port(Way way) {
    Sidecar first = way.link() == null ? inbound : outbound;
    return first.listenerAddress(way.listener()).orElseThrow().getPort();
  }

  /** What the client's sidecar has counted. */
  Stats stats(Way way) {
    return (way.link() == null ? inbound : outbound).stats();
  }

  SSLContext clientTls() {
    return clientTls;
  }

  /** The client's end of a new connection. */
  Party client(Way way) throws IOException {
    Socket wire = new Socket(InetAddress.getLoopbackAddress(), port(way));
    Socket socket = way.link() == null && way.mutualTls() ? secure(wire, way.client()) : wire;
    return way.client() == Http.H1 ? new H1Party(socket, wire) : H2Party.client(socket);
  }

  /** The client's end of a connection that carries bytes only. */
  Party tcp(int sidecars, boolean mutualTls) throws IOException {
    Sidecar first = sidecars == 1 ? inbound : outbound;
    String listener = mutualTls ? "tcp-mtls" : "tcp-plain";
    Socket wire =
        new Socket(
            InetAddress.getLoopbackAddress(),
            first.listenerAddress(listener).orElseThrow().getPort());
    Socket socket = sidecars == 1 && mutualTls ? secure(wire, Http.H1) : wire;
    H1Party client = new H1Party(socket, wire);
    client.tunnel();
    return client;
  }

  private Socket secure(Socket wire, Http http) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            clientTls
                .getSocketFactory()
                .createSocket(wire, "back.example.com", wire.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {http == Http.H1 ? "http/1.1" : "h2"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  /** The service's end of the next connection. */
  Party service(Way way) throws IOException {
    Socket socket = service.accept();
    return way.service() == Http.H1 ? new H1Party(socket) : H2Party.service(socket);
  }

  /** The far end of a tunnel that the last sidecar terminates. */
  Party far() throws IOException {
    H1Party far = new H1Party(service.accept());
    far.tunnel();
    return far;
  }

  @Override
  public void close() throws IOException {
    outbound.close();
    inbound.close();
    service.close();
  }
}
