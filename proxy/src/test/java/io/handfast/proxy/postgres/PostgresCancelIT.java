package io.handfast.proxy.postgres;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.postgres.PostgresSidecar.Config;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A request to cancel, which is a connection of its own, with and without TLS on either side of the
 * filter. Drivers differ in whether they encrypt it, so the test speaks the protocol itself.
 */
final class PostgresCancelIT {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final int SSL_REQUEST = 80877103;
  private static final int CANCEL_REQUEST = 80877102;
  private static final byte[] ASKS_FOR_TLS =
      ByteBuffer.allocate(8).putInt(8).putInt(SSL_REQUEST).array();
  private static final byte TLS_HANDSHAKE = 22;

  @TempDir private Path directory;

  @ParameterizedTest(name = "session {0}, its cancel {1}, to the server {2}, protocol 3.{3}")
  @CsvSource({
    "plain, plain, plain, 0",
    "plain, plain, starttls, 0",
    "plain, plain, starttls, 2",
    "plain, plain, direct, 2",
    "tls, tls, plain, 2",
    "tls, tls, starttls, 0",
    "tls, tls, starttls, 2",
    "direct, direct, direct, 2",
    // As drivers do that have never encrypted it: pgjdbc, and libpq before 17.
    "tls, plain, starttls, 2",
  })
  void shouldCancelAStatementWhateverIsEncrypted(
      String session, String cancel, String toServer, int minor) throws Exception {
    // Given
    Path certificates = SERVER.certificates();
    try (RecordingRelay behind = new RecordingRelay(SERVER.port());
        PostgresSidecar sidecar =
            PostgresSidecar.of(
                behindTls(Config.to(behind.port()).tls(certificates), toServer), directory);
        Wire service = Wire.to(sidecar.port(), session)) {
      service.start(minor);
      ByteBuffer key = service.await('K');
      service.await('Z');
      assertThat(key.remaining()).isEqualTo(minor == 0 ? 8 : 36);
      int backend = key.getInt(0);
      service.query("SELECT pg_sleep(600)");
      await()
          .untilAsserted(() ->
              assertThat(
                      SERVER.query(
                          "postgres",
                          "SELECT query FROM pg_stat_activity WHERE state = 'active' AND pid = "
                              + backend))
                  .containsExactly("SELECT pg_sleep(600)"));

      // When
      byte[] answered;
      try (Wire canceller = Wire.to(sidecar.port(), cancel)) {
        canceller.cancel(key);
        answered = canceller.rest();
      }

      // Then: the server says nothing to it, ends it, and its statement
      assertThat(answered).isEmpty();
      assertThat(text(service.await('E'))).contains("C57014\0");
      service.await('Z');
      service.query("SELECT 1");
      assertThat(text(service.await('C'))).isEqualTo("SELECT 1\0");
      assertThat(sidecar.stats().cancelRequests.value()).isEqualTo(1);
      assertThat(sidecar.stats().sessions.value()).isEqualTo(1);
      assertThat(behind.conversations()).hasSize(2);
      byte[] asked = behind.conversations().getLast().sent();
      switch (toServer) {
        case "starttls" -> assertThat(asked).startsWith(ASKS_FOR_TLS);
        case "direct" -> assertThat(asked).startsWith(TLS_HANDSHAKE);
        default -> assertThat(text(ByteBuffer.wrap(asked))).endsWith(text(key));
      }
      if (!toServer.equals("plain")) {
        assertThat(text(ByteBuffer.wrap(asked))).doesNotContain(text(key));
      }
    }
  }

  private static Config behindTls(Config config, String toServer) {
    return switch (toServer) {
      case "starttls" -> config.startTls(SERVER.certificates(), "");
      case "direct" -> config.upstreamTls(SERVER.certificates());
      default -> config;
    };
  }

  private static String text(ByteBuffer bytes) {
    return ISO_8859_1.decode(bytes.duplicate()).toString();
  }

  /** A client's connection, message by message. */
  private static final class Wire implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;

    private Wire(Socket socket) throws IOException {
      this.socket = socket;
      in = new DataInputStream(socket.getInputStream());
    }

    static Wire to(int port, String encryption) throws IOException, GeneralSecurityException {
      Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
      if (encryption.equals("plain")) {
        return new Wire(plain);
      }
      if (encryption.equals("tls")) {
        plain.getOutputStream().write(ASKS_FOR_TLS);
        assertThat((char) plain.getInputStream().read()).isEqualTo('S');
      }
      SSLSocket secure =
          (SSLSocket) trusting().getSocketFactory().createSocket(plain, "localhost", port, true);
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      if (encryption.equals("direct")) {
        parameters.setApplicationProtocols(new String[] {"postgresql"});
      }
      secure.setSSLParameters(parameters);
      secure.startHandshake();
      return new Wire(secure);
    }

    private static SSLContext trusting() throws IOException, GeneralSecurityException {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      try (var pem = Files.newInputStream(SERVER.certificates().resolve("ca.pem"))) {
        trusted.setCertificateEntry(
            "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    }

    void start(int minor) throws IOException {
      byte[] parameters = "user\0postgres\0database\0postgres\0\0".getBytes(ISO_8859_1);
      send(
          ByteBuffer.allocate(8 + parameters.length)
              .putInt(8 + parameters.length)
              .putInt(3 << 16 | minor)
              .put(parameters)
              .array());
    }

    void query(String sql) throws IOException {
      byte[] text = (sql + "\0").getBytes(ISO_8859_1);
      send(
          ByteBuffer.allocate(5 + text.length)
              .put((byte) 'Q')
              .putInt(4 + text.length)
              .put(text)
              .array());
    }

    /** The process and its key are what BackendKeyData told. */
    void cancel(ByteBuffer key) throws IOException {
      int length = 8 + key.remaining();
      send(
          ByteBuffer.allocate(length)
              .putInt(length)
              .putInt(CANCEL_REQUEST)
              .put(key.duplicate())
              .array());
    }

    private void send(byte[] message) throws IOException {
      socket.getOutputStream().write(message);
    }

    /** The next message of a type; what comes before is passed over. */
    ByteBuffer await(char type) throws IOException {
      while (true) {
        int next = in.readByte();
        byte[] body = in.readNBytes(in.readInt() - 4);
        if (next == type) {
          return ByteBuffer.wrap(body);
        }
        assertThat((char) next).as(text(ByteBuffer.wrap(body))).isNotEqualTo('E');
      }
    }

    /** All that comes until the other side ends the connection. */
    byte[] rest() throws IOException {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      in.transferTo(all);
      return all.toByteArray();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
