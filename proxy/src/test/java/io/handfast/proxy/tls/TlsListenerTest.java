package io.handfast.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.datapath.RawHttp2;
import io.handfast.proxy.datapath.RawHttp2.Frame;
import io.handfast.proxy.server.StartException;
import io.handfast.proxy.stats.TlsStats;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS of a listener, seen by a client of the JDK's. */
final class TlsListenerTest {

  private static final TestPki PKI = new TestPki();
  private static final X509Bundle SERVER = PKI.workload("server");
  private static final X509Bundle CLIENT = PKI.workload("client");

  @TempDir private Path directory;

  @BeforeEach
  void write() {
    PKI.write(directory, "server", SERVER);
  }

  private String certificate(String name) {
    return "{ certificate_chain: { filename: %1$s/%2$s.pem }, private_key: { filename: %1$s/%2$s.key } }"
        .formatted(directory, name);
  }

  private String context(String more) {
    return "common_tls_context: { tls_certificates: [%s]%s }"
        .formatted(certificate("server"), more.isEmpty() ? "" : ", " + more);
  }

  /** A context that wants a certificate of the client, verified by these rules beside the CA. */
  private String mutual(String rules) {
    return "require_client_certificate: true\n          "
        + context(
            "validation_context: { trusted_ca: { filename: %s/ca.pem }%s }"
                .formatted(directory, rules.isEmpty() ? "" : ", " + rules));
  }

  private static TlsSidecar answering(String context) throws StartException {
    return TlsSidecar.answering(context);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shouldServeWhenTheClientSpeaksTheVersion(String version) throws Exception {
    // Given
    try (TlsSidecar sidecar = answering(context("alpn_protocols: [http/1.1]"));
        SSLSocket client =
            sidecar.connect(
                PKI.jdk(null),
                parameters -> {
                  parameters.setProtocols(new String[] {version});
                  parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
                })) {
      // When
      String answer = TlsSidecar.get(client);

      // Then
      assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").endsWith("hi");
      assertThat(client.getSession().getProtocol()).isEqualTo(version);
      assertThat(client.getApplicationProtocol()).isEqualTo("http/1.1");
      TlsStats stats = sidecar.listenerStats().tls;
      assertThat(stats.handshake.value()).isEqualTo(1);
      assertThat(stats.noCertificate.value()).isEqualTo(1);
      assertThat(stats.connectionError.value()).isZero();
    }
  }

  @Test
  void shouldSpeakHttp2WhenThatIsAgreedOn() throws Exception {
    // Given
    try (TlsSidecar sidecar = answering(context("alpn_protocols: [h2, http/1.1]"));
        HttpClient client = HttpClient.newBuilder().sslContext(anyServer(CLIENT)).build()) {
      URI uri = URI.create("https://127.0.0.1:%d/".formatted(sidecar.port()));

      // When
      HttpResponse<String> answer =
          client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());

      // Then
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(answer.body()).isEqualTo("hi");
    }
  }

  @Test
  void shouldServeHttp1WhenNothingCanBeAgreedOn() throws Exception {
    // Given
    try (TlsSidecar sidecar = answering(context("alpn_protocols: [h2, http/1.1]"));
        SSLSocket client =
            sidecar.connect(
                PKI.jdk(null),
                parameters -> parameters.setApplicationProtocols(new String[] {"spdy/3"}))) {
      // When
      String answer = TlsSidecar.get(client);

      // Then
      assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n");
      assertThat(client.getApplicationProtocol()).isEmpty();
    }
  }

  @Test
  void shouldRefuseAVersionAboveTheMaximum() throws Exception {
    // Given
    try (TlsSidecar sidecar =
            answering(context("tls_params: { tls_maximum_protocol_version: TLSv1_2 }"));
        SSLSocket client =
            sidecar.connect(
                PKI.jdk(null), parameters -> parameters.setProtocols(new String[] {"TLSv1.3"}))) {
      // When / Then
      assertThatThrownBy(client::startHandshake).isInstanceOf(SSLException.class);
      await().until(() -> sidecar.listenerStats().tls.connectionError.value() == 1);
    }
  }

  @Test
  void shouldRefuseAVersionBelowTheMinimum() throws Exception {
    // Given
    try (TlsSidecar sidecar =
            answering(context("tls_params: { tls_minimum_protocol_version: TLSv1_3 }"));
        SSLSocket client =
            sidecar.connect(
                PKI.jdk(null), parameters -> parameters.setProtocols(new String[] {"TLSv1.2"}))) {
      // When / Then
      assertThatThrownBy(client::startHandshake).isInstanceOf(SSLException.class);
      await().until(() -> sidecar.listenerStats().tls.connectionError.value() == 1);
    }
  }

  @Test
  void shouldCountAClientThatSpeaksPlaintext() throws Exception {
    // Given
    try (TlsSidecar sidecar = answering(context(""));
        Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      // When
      client.setSoTimeout(20_000);
      client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      client.getInputStream().readAllBytes();

      // Then
      await().until(() -> sidecar.listenerStats().tls.connectionError.value() == 1);
      assertThat(sidecar.listenerStats().tls.handshake.value()).isZero();
    }
  }

  @Test
  void shouldServeAClientThatProvesWhoItIs() throws Exception {
    // Given
    try (TlsSidecar sidecar =
            answering(
                mutual(
                    "match_typed_subject_alt_names: [{ san_type: URI, matcher: { prefix:"
                        + " 'spiffe://mesh.example/' } }]"));
        SSLSocket client = sidecar.connect(PKI.jdk(CLIENT))) {
      // When
      String answer = TlsSidecar.get(client);

      // Then
      assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n");
      assertThat(sidecar.listenerStats().tls.noCertificate.value()).isZero();
    }
  }

  @Test
  void shouldRefuseAClientWithoutACertificateWhenOneIsRequired() throws Exception {
    try (TlsSidecar sidecar = answering(mutual(""));
        SSLSocket client = sidecar.connect(PKI.jdk(null))) {
      // When / Then
      assertRefused(client);
      await().until(() -> sidecar.listenerStats().tls.failVerifyNoCert.value() == 1);
    }
  }

  @Test
  void shouldRefuseAClientOfAnotherAuthority() throws Exception {
    // Given
    TestPki others = new TestPki();
    X509Bundle stranger = others.workload("client");

    try (TlsSidecar sidecar = answering(mutual(""));
        SSLSocket client = sidecar.connect(anyServer(stranger))) {
      // When / Then
      assertRefused(client);
      await().until(() -> sidecar.listenerStats().tls.failVerifyError.value() == 1);
    }
  }

  /** A context that shows that certificate whoever asks, and believes every server. */
  private static SSLContext anyServer(X509Bundle own) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new KeyManager[] {new IdentitySelector(List.of(identity(own)))},
        new TrustManager[] {new PeerVerifier(Optional.empty(), List.of(), false)},
        null);
    return context;
  }

  private static Identity identity(X509Bundle bundle) {
    return new Identity(
        bundle.getKeyPair().getPrivate(), List.of(bundle.getCertificatePath()), List.of());
  }

  @Test
  void shouldRefuseAClientOfAnotherName() throws Exception {
    try (TlsSidecar sidecar =
            answering(
                mutual(
                    "match_typed_subject_alt_names: [{ san_type: URI, matcher: { exact:"
                        + " 'spiffe://mesh.example/other' } }]"));
        SSLSocket client = sidecar.connect(PKI.jdk(CLIENT))) {
      // When / Then
      assertRefused(client);
      await().until(() -> sidecar.listenerStats().tls.failVerifySan.value() == 1);
    }
  }

  @Test
  void shouldRefuseAClientThatIsNotPinned() throws Exception {
    try (TlsSidecar sidecar =
            answering(mutual("verify_certificate_hash: ['%s']".formatted("ab".repeat(32))));
        SSLSocket client = sidecar.connect(PKI.jdk(CLIENT))) {
      // When / Then
      assertRefused(client);
      await().until(() -> sidecar.listenerStats().tls.failVerifyCertHash.value() == 1);
    }
  }

  @Test
  void shouldShowTheCertificateOfTheNameThatIsAskedFor() throws Exception {
    // Given
    X509Bundle first = PKI.issue(it -> it.ecp256().addSanDnsName("first.example.com"));
    X509Bundle second = PKI.issue(it -> TestPki.wildcard(it.rsa2048(), "*.second.example.com"));
    PKI.write(directory, "first", first);
    PKI.write(directory, "second", second);
    String context =
        "common_tls_context: { tls_certificates: [%s, %s] }"
            .formatted(certificate("first"), certificate("second"));

    try (TlsSidecar sidecar = answering(context)) {
      // When / Then
      assertThat(shown(sidecar, "first.example.com")).isEqualTo(first.getCertificate());
      assertThat(shown(sidecar, "a.second.example.com")).isEqualTo(second.getCertificate());
      assertThat(shown(sidecar, "unknown.example.com"))
          .isIn(first.getCertificate(), second.getCertificate());
    }
  }

  private static X509Certificate shown(TlsSidecar sidecar, String name) throws IOException {
    try (SSLSocket client =
        sidecar.connect(
            PKI.jdk(null),
            parameters -> parameters.setServerNames(List.of(new SNIHostName(name))))) {
      client.startHandshake();
      return (X509Certificate) client.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void shouldRefuseAClientThatNamesNoServerWhenOneIsRequired() throws Exception {
    try (TlsSidecar sidecar = answering("require_sni: true\n          " + context(""));
        SSLSocket nameless = sidecar.connect(PKI.jdk(null));
        SSLSocket named =
            sidecar.connect(
                PKI.jdk(null),
                parameters ->
                    parameters.setServerNames(List.of(new SNIHostName("server.example.com"))))) {
      // When / Then
      assertThat(TlsSidecar.get(named)).endsWith("hi");
      assertRefused(nameless);
    }
  }

  /** A close with unread input would reset the connection, and destroy what was sent last. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shouldLetTheClientReadGoAwayAndTheEndThoughItIsStillSending(String version)
      throws Exception {
    // Given
    try (TlsSidecar sidecar =
            new TlsSidecar(
                TlsSidecar.listener(
                    context("alpn_protocols: [h2]"),
                    "",
                    "delayed_close_timeout: 60s", // a slow machine may send for long
                    TlsSidecar.DIRECT));
        SSLSocket socket =
            sidecar.connect(
                PKI.jdk(null),
                parameters -> {
                  parameters.setProtocols(new String[] {version});
                  parameters.setApplicationProtocols(new String[] {"h2"});
                });
        RawHttp2 client = new RawHttp2(socket)) {
      // When: there is no such stream, and 4 MiB behind that
      client.raw(RawHttp2.PREFACE.getBytes(StandardCharsets.US_ASCII)).settings();
      client.data(0, false, "x").raw(new byte[4 << 20]).flush();

      // Then
      Frame frame = client.read();
      while (frame.type() != RawHttp2.GOAWAY) {
        assertThat(frame.type()).isIn(RawHttp2.SETTINGS, RawHttp2.WINDOW_UPDATE);
        frame = client.read();
      }
      assertThat(frame.number(4)).as("PROTOCOL_ERROR").isEqualTo(1);
      assertThat(socket.getInputStream().read()).as("TLS's goodbye").isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shouldLetTheClientReadTheRefusalThoughItIsStillSending(String version) throws Exception {
    // Given
    try (TlsSidecar sidecar =
            new TlsSidecar(
                TlsSidecar.listener(
                    context(""), "", "delayed_close_timeout: 60s", TlsSidecar.DIRECT));
        SSLSocket client =
            sidecar.connect(
                PKI.jdk(null), parameters -> parameters.setProtocols(new String[] {version}))) {
      // When: no name of a field, and 4 MiB behind that
      String request = "GET / HTTP/1.1\r\n: x\r\n\r\n" + "x".repeat(4 << 20);
      client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));

      // Then
      assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 400 Bad Request\r\n");
    }
  }

  @Test
  void shouldCloseAConnectionWhoseHandshakeTakesTooLong() throws Exception {
    // Given
    try (TlsSidecar sidecar =
            new TlsSidecar(
                TlsSidecar.listener(
                    context(""), "transport_socket_connect_timeout: 0.1s", "", TlsSidecar.DIRECT));
        Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      client.setSoTimeout(20_000);

      // When
      byte[] answer = client.getInputStream().readAllBytes();

      // Then
      assertThat(answer).isEmpty();
      await().until(() -> sidecar.listenerStats().cxTransportSocketConnectTimeout.value() == 1);
      await().until(() -> sidecar.listenerStats().cxActive.value() == 0);
    }
  }

  @Test
  void shouldNotShowAPrivateKeyToAnybodyWhoAdministers() throws Exception {
    // Given
    String key = SERVER.getPrivateKeyPEM();
    String inline =
        "common_tls_context: { tls_certificates: [{ certificate_chain: { filename: %s/server.pem }, private_key: { inline_string: \"%s\" } }] }"
            .formatted(directory, key.replace("\r", "").replace("\n", "\\n"));
    try (TlsSidecar sidecar = answering(inline);
        HttpClient client = HttpClient.newHttpClient()) {
      URI dump =
          URI.create(
              "http://127.0.0.1:%d/config_dump"
                  .formatted(sidecar.sidecar().adminAddress().getPort()));

      // When
      String shown =
          client
              .send(HttpRequest.newBuilder(dump).build(), HttpResponse.BodyHandlers.ofString())
              .body();

      // Then
      URI certs = dump.resolve("/certs");
      assertThat(
              client
                  .send(HttpRequest.newBuilder(certs).build(), HttpResponse.BodyHandlers.ofString())
                  .body())
          .contains("\"cert_chain\"", "\"serial_number\"", "\"days_until_expiration\"");
      assertThat(shown)
          .contains("[redacted]")
          .contains(directory + "/server.pem")
          .doesNotContain("PRIVATE KEY")
          .doesNotContain(key.lines().skip(1).findFirst().orElseThrow());
    }
  }

  /** TLS 1.3 lets a client speak before the server has seen its certificate. */
  private static void assertRefused(SSLSocket client) {
    assertThatThrownBy(() -> TlsSidecar.get(client))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
  }
}
