package io.handfast.proxy.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A service on the JDK's TLS, which tells what it saw of each client. */
final class TlsService implements AutoCloseable {
  private static final int READ_TIMEOUT_MS = 20_000;

  /** What the service does with a connection. */
  private interface Script {
    void run(Socket socket) throws IOException;
  }

  /** What was seen of a client. */
  record Seen(
      String version,
      List<String> serverNames,
      @Nullable Certificate peer,
      String applicationProtocol) {}

  private final ServerSocket socket;
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();

  private TlsService() throws IOException {
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  private static TlsService running(Function<TlsService, Script> script) throws IOException {
    TlsService service = new TlsService();
    Script run = script.apply(service);
    Thread.ofVirtual().start(() -> service.accept(run));
    return service;
  }

  /** Says nothing at all. */
  static TlsService silent() throws IOException {
    return running(service -> client -> {});
  }

  /** Answers every request so, and asks for a certificate. */
  static TlsService answering(SSLContext context, String answer, String version)
      throws IOException {
    return running(service ->
        client -> {
          SSLSocket tls = service.shake(context, client, version);
          while (readHead(tls)) {
            write(tls, answer);
          }
        });
  }

  /** Answers one request and ends: with TLS's goodbye, or cut off. */
  static TlsService closing(SSLContext context, String answer, boolean goodbye) throws IOException {
    return running(service ->
        client -> {
          SSLSocket tls = service.shake(context, client, "TLSv1.3");
          readHead(tls);
          write(tls, answer);
          if (goodbye) {
            tls.close();
          } else {
            client.close();
          }
        });
  }

  /** Speaks one of these at the most, and ends. */
  static TlsService offering(SSLContext context, String... protocols) throws IOException {
    return running(
        service -> client -> service.shake(context, client, "TLSv1.3", protocols).close());
  }

  private void accept(Script script) {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        client.setSoTimeout(READ_TIMEOUT_MS);
        open.add(client);
        Thread.ofVirtual().start(() -> run(script, client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void run(Script script, Socket client) {
    try {
      script.run(client);
    } catch (IOException gone) {
      // The proxy has left: what its client sees is what is tested.
    }
  }

  private SSLSocket shake(SSLContext context, Socket client, String version) throws IOException {
    return shake(context, client, version, "http/1.1");
  }

  private SSLSocket shake(SSLContext context, Socket client, String version, String... protocols)
      throws IOException {
    SSLSocket tls =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(client, InetAddress.getLoopbackAddress().getHostAddress(), 0, true);
    tls.setUseClientMode(false);
    tls.setWantClientAuth(true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setProtocols(new String[] {version});
    parameters.setApplicationProtocols(protocols);
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    ExtendedSSLSession session = (ExtendedSSLSession) tls.getSession();
    List<String> names = new ArrayList<>();
    session
        .getRequestedServerNames()
        .forEach(name -> names.add(((SNIHostName) name).getAsciiName()));
    Certificate peer = null;
    try {
      peer = session.getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException none) {
      // it showed none
    }
    seen.add(new Seen(session.getProtocol(), names, peer, tls.getApplicationProtocol()));
    return tls;
  }

  private static boolean readHead(SSLSocket tls) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = tls.getInputStream().read();
      if (next < 0) {
        return false;
      }
      head.append((char) next);
    }
    return true;
  }

  private static void write(SSLSocket tls, String answer) throws IOException {
    tls.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
    tls.getOutputStream().flush();
  }

  int port() {
    return socket.getLocalPort();
  }

  /** The next client that has shaken hands. */
  Seen next() throws InterruptedException {
    Seen next = seen.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no client has come");
    }
    return next;
  }

  @Override
  public void close() {
    try {
      socket.close();
      for (Socket client : open) {
        client.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
