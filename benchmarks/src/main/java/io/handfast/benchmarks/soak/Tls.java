package io.handfast.benchmarks.soak;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Connections with a client's certificate; remembers what it was shown. Thread-safe. */
final class Tls {
  private static final char[] NO_PASSWORD = {};

  private final SSLContext context;
  private final int port;
  private final Set<Certificate> seen = ConcurrentHashMap.newKeySet();

  /**
   * Reads {@code ca.pem}, {@code client.pem} and {@code client.key}, an EC key in PKCS 8.
   *
   * @param port of the proxy, on loopback
   */
  Tls(Path directory, int port) throws IOException, GeneralSecurityException {
    this.port = port;
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("authority", certificate(directory.resolve("ca.pem")));
    store.setKeyEntry(
        "client",
        key(directory.resolve("client.key")),
        NO_PASSWORD,
        new Certificate[] {certificate(directory.resolve("client.pem"))});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, NO_PASSWORD);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
  }

  private static Certificate certificate(Path file) throws IOException, GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
  }

  private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    String text = Files.readString(file, StandardCharsets.US_ASCII).replaceAll("-----.*-----", "");
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text)));
  }

  /** A connection that has shaken hands. */
  Socket connect() throws IOException {
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    try {
      socket.startHandshake();
      seen.add(socket.getSession().getPeerCertificates()[0]);
      return socket;
    } catch (IOException e) {
      HttpClients.closeQuietly(socket);
      throw e;
    }
  }

  /** How many of the proxy's were seen. */
  int certificates() {
    return seen.size();
  }
}
