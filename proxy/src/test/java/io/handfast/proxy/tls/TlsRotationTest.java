package io.handfast.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.handfast.proxy.server.StartException;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Certificates of a listener that are replaced while it serves, seen by a client of the JDK's. */
final class TlsRotationTest {
  private static final int RENEWALS = 5;
  private static final TestPki PKI = new TestPki();
  private static final X509Bundle SERVER = PKI.workload("server");
  private static final X509Bundle CLIENT = PKI.workload("client");

  @TempDir private Path directory;

  @BeforeEach
  void write() {
    PKI.write(directory, "server", SERVER);
  }

  private TlsSidecar sidecar() throws StartException {
    return TlsSidecar.answering(
        "require_client_certificate: true\n          common_tls_context: { tls_certificates: [{ certificate_chain: { filename: %1$s/server.pem }, private_key: { filename: %1$s/server.key } }], validation_context: { trusted_ca: { filename: %1$s/ca.pem } } }"
            .formatted(directory));
  }

  private static Certificate shown(TlsSidecar sidecar) throws IOException {
    try (SSLSocket client = sidecar.connect(PKI.jdk(CLIENT))) {
      assertThat(TlsSidecar.get(client)).endsWith("hi");
      return client.getSession().getPeerCertificates()[0];
    }
  }

  private void renew(TlsSidecar sidecar, X509Bundle fresh) {
    PKI.write(directory, "server", fresh);
    await().untilAsserted(() -> assertThat(shown(sidecar)).isEqualTo(fresh.getCertificate()));
  }

  @Test
  void shouldKeepEveryConnectionWhenFilesAreReplacedAgainAndAgain() throws Exception {
    // Given
    List<SSLSocket> connections = new ArrayList<>();
    try (TlsSidecar sidecar = sidecar()) {
      for (int i = 0; i < RENEWALS; i++) {
        SSLSocket before = sidecar.connect(PKI.jdk(CLIENT));
        connections.add(before);
        assertThat(TlsSidecar.get(before)).endsWith("hi");

        // When
        renew(sidecar, PKI.workload("server"));
      }

      // Then
      for (SSLSocket connection : connections) {
        assertThat(TlsSidecar.get(connection)).endsWith("hi");
        connection.close();
      }
      assertThat(connections)
          .extracting(connection -> connection.getSession().getPeerCertificates()[0])
          .doesNotHaveDuplicates()
          .first()
          .isEqualTo(SERVER.getCertificate());
      assertThat(sidecar.sidecar().stats().counter("tls.context_update").value())
          .isEqualTo(RENEWALS);
      assertThat(sidecar.listenerStats().tls.connectionError.value()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shouldResumeASession(String version) throws Exception {
    // Given
    SSLContext client = PKI.jdk(CLIENT);
    try (TlsSidecar sidecar = sidecar()) {
      // When
      assertThat(get(sidecar, client, version)).isEqualTo(SERVER.getCertificate());
      assertThat(get(sidecar, client, version)).isEqualTo(SERVER.getCertificate());

      // Then
      assertThat(sidecar.listenerStats().tls.handshake.value()).isEqualTo(2);
      assertThat(sidecar.listenerStats().tls.sessionReused.value()).isEqualTo(1);
      assertThat(sidecar.listenerStats().tls.noCertificate.value()).isZero();
    }
  }

  /** No session outlives the certificates under which it was made; who brings one is served. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shouldShakeHandsAnewWhenASessionIsOlderThanTheCertificate(String version) throws Exception {
    // Given
    SSLContext client = PKI.jdk(CLIENT);
    X509Bundle renewed = PKI.workload("server");
    try (TlsSidecar sidecar = sidecar()) {
      assertThat(get(sidecar, client, version)).isEqualTo(SERVER.getCertificate());
      renew(sidecar, renewed);
      long before = sidecar.listenerStats().tls.sessionReused.value();

      // When
      Certificate first = get(sidecar, client, version);
      long resumed = sidecar.listenerStats().tls.sessionReused.value() - before;
      Certificate second = get(sidecar, client, version);

      // Then
      assertThat(first).isEqualTo(renewed.getCertificate());
      assertThat(second).isEqualTo(renewed.getCertificate());
      assertThat(resumed).isZero();
      assertThat(sidecar.listenerStats().tls.sessionReused.value() - before).isEqualTo(1);
      assertThat(sidecar.listenerStats().tls.noCertificate.value()).isZero();
    }
  }

  private static Certificate get(TlsSidecar sidecar, SSLContext context, String version)
      throws IOException {
    try (SSLSocket client =
        sidecar.connect(context, parameters -> parameters.setProtocols(new String[] {version}))) {
      assertThat(TlsSidecar.get(client)).endsWith("hi");
      return client.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void shouldKeepTheOldCertificateAndNameTheFileWhenTheNewOneIsWrong() throws Exception {
    // Given
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(TlsContexts.class);
    logged.start();
    logger.addAppender(logged);
    try (TlsSidecar sidecar = sidecar()) {
      // When
      TestPki.put(directory.resolve("server.key"), "nothing");

      // Then
      await()
          .until(() -> sidecar.sidecar().stats().counter("tls.context_update_failure").value() > 0);
      assertThat(shown(sidecar)).isEqualTo(SERVER.getCertificate());
      assertThat(logged.list.toString())
          .contains("what is in use stays")
          .contains("tls_certificates[0].private_key: " + directory.resolve("server.key"));

      // When
      X509Bundle renewed = PKI.workload("server");
      renew(sidecar, renewed);

      // Then
      assertThat(sidecar.sidecar().stats().counter("tls.context_update").value()).isEqualTo(1);
    } finally {
      logger.detachAppender(logged);
    }
  }

  @Test
  void shouldNotStartWhenAFileIsMissing() throws Exception {
    // Given
    Files.delete(directory.resolve("server.key"));

    // When / Then
    assertThatThrownBy(this::sidecar)
        .isInstanceOf(StartException.class)
        .hasMessage(
            "listeners[\"in\"].filter_chains[0].transport_socket.typed_config.common_tls_context"
                + ".tls_certificates[0].private_key: "
                + directory.resolve("server.key")
                + ": no such file (expected: a file that is there)");
  }
}
