package io.handfast.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.TlsCertificate;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsContextConfig;
import io.handfast.proxy.config.tls.TlsParameters;
import io.handfast.proxy.config.tls.TlsSource;
import io.handfast.proxy.config.tls.TlsVersion;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.tls.TlsContexts.Placed;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sockets, as a database's driver wants them, to a server that asks for a certificate. */
final class NewestSocketFactoryTest {
  private static final TestPki PKI = new TestPki();
  @TempDir private Path directory;

  private TlsConfig.Upstream config() {
    return new TlsConfig.Upstream(
        new TlsContextConfig(
            new TlsParameters(
                TlsVersion.TLS_1_2, TlsVersion.TLS_1_2, TlsParameters.CIPHER_SUITES, List.of()),
            List.of(
                new TlsCertificate(
                    new TlsSource.File(directory.resolve("client.pem")),
                    new TlsSource.File(directory.resolve("client.key")),
                    Optional.empty(),
                    Optional.empty())),
            Optional.of(
                new PeerValidation(
                    Optional.of(new TlsSource.File(directory.resolve("ca.pem"))),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.empty())),
            List.of()),
        "",
        false,
        false);
  }

  /** What the server's end of one connection came to. */
  private static SSLSession connected(TestPki server, SSLSocketFactory sockets) throws Exception {
    try (SSLServerSocket listening =
        (SSLServerSocket)
            server
                .jdk(server.workload("server"))
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      listening.setNeedClientAuth(true);
      CompletableFuture<SSLSession> accepted = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try (SSLSocket socket = (SSLSocket) listening.accept()) {
              socket.startHandshake();
              accepted.complete(socket.getSession());
            } catch (IOException e) {
              accepted.completeExceptionally(e);
            }
          });
      try (Socket plain = new Socket(listening.getInetAddress(), listening.getLocalPort());
          SSLSocket socket =
              (SSLSocket) sockets.createSocket(plain, "server", listening.getLocalPort(), true)) {
        socket.startHandshake();
      }
      return accepted.join();
    }
  }

  private static String shown(SSLSession session) throws Exception {
    return ((X509Certificate) session.getPeerCertificates()[0]).getSubjectX500Principal().getName();
  }

  @Test
  void shouldShowTheNewestCertificateAndSpeakWhatIsConfigured() throws Exception {
    // Given
    X509Bundle first = PKI.workload("first");
    PKI.write(directory, "client", first);
    try (TlsContexts contexts = new TlsContexts(new Stats(), System::currentTimeMillis)) {
      contexts.load(List.of(new Placed("tls", config())));
      SSLSocketFactory sockets = contexts.halfClosing(config()).forSockets();
      SSLSession before = connected(PKI, sockets);

      // When
      PKI.write(directory, "client", PKI.workload("second"));
      contexts.reload();

      // Then
      assertThat(shown(before)).isEqualTo("CN=first");
      assertThat(before.getProtocol()).isEqualTo("TLSv1.2");
      assertThat(sockets.getDefaultCipherSuites()).contains(before.getCipherSuite());
      assertThat(shown(connected(PKI, sockets))).isEqualTo("CN=second");
    }
  }

  @Test
  void shouldBelieveOnlyWhomItsAuthorityVouchesFor() throws Exception {
    // Given
    PKI.write(directory, "client", PKI.workload("client"));
    try (TlsContexts contexts = new TlsContexts(new Stats(), System::currentTimeMillis)) {
      contexts.load(List.of(new Placed("tls", config())));
      SSLSocketFactory sockets = contexts.halfClosing(config()).forSockets();

      // When, Then
      assertThatThrownBy(() -> connected(new TestPki(), sockets))
          .hasStackTraceContaining("certificate of CN=server");
    }
  }

  @Test
  void shouldFailWhenTheCertificatesCouldNotBeRead() {
    // Given
    try (TlsContexts contexts = new TlsContexts(new Stats(), System::currentTimeMillis)) {
      SSLSocketFactory sockets = contexts.halfClosing(config()).forSockets();

      // When, Then
      assertThatThrownBy(() -> sockets.createSocket("localhost", 1))
          .hasMessage("TLS: the certificates could not be read");
      assertThat(sockets.getSupportedCipherSuites()).isEmpty();
    }
  }
}
