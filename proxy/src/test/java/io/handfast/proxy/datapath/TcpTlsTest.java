package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.datapath.TcpSidecar.Config;
import io.handfast.proxy.tls.TestPki;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code tcp_proxy} with TLS on both of its sides: close_notify is the end of a direction, as TLS
 * 1.3 has it; in TLS 1.2 it ends both (RFC 5246, 7.2.1).
 */
final class TcpTlsTest {
  private static final TestPki PKI = new TestPki();
  private static final X509Bundle SERVER = PKI.workload("server");

  @TempDir private Path directory;

  @BeforeEach
  void write() {
    PKI.write(directory, "server", SERVER);
  }

  private String transport(String type, String context) {
    return ("transport_socket: { name: tls, typed_config: { "
            + "\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.%s, "
            + "common_tls_context: { %s } } }")
        .formatted(type, context.replace("DIR", directory.toString()));
  }

  private TcpSidecar to(RawService service, boolean upstreamTls) {
    Config config =
        Config.to(service.port())
            .chain(
                transport(
                    "DownstreamTlsContext",
                    "tls_certificates: [{ certificate_chain: { filename: DIR/server.pem }, private_key: { filename: DIR/server.key } }]"));
    return TcpSidecar.of(
        upstreamTls
            ? config.cluster(
                transport(
                    "UpstreamTlsContext",
                    "validation_context: { trusted_ca: { filename: DIR/ca.pem } }"))
            : config,
        directory);
  }

  private static RawService service(Consumer<RawConnection> script) throws IOException {
    SSLServerSocket socket =
        (SSLServerSocket)
            PKI.jdk(SERVER)
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    return RawService.running(socket, script);
  }

  private static RawConnection connect(TcpSidecar sidecar) throws IOException {
    SSLContext context = PKI.jdk(null);
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), sidecar.port());
    return new RawConnection(socket);
  }

  @Test
  void shouldLetTheServerAnswerWhenTheClientHasEndedItsDirection() throws Exception {
    // Given
    RawService service = service(connection -> connection.send("got " + connection.readToFin()));
    try (service;
        TcpSidecar sidecar = to(service, true);
        RawConnection client = connect(sidecar)) {
      // When
      client.send("everything");
      client.finishSending();

      // Then
      assertThat(client.readToFin()).isEqualTo("got everything");
      assertThat(sidecar.logged()).startsWith("up - 0 - 10 14 ");
    }
  }

  @Test
  void shouldLetTheClientGoOnWhenTheServerHasEndedItsDirection() throws Exception {
    // Given
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    RawService service =
        service(connection -> {
          connection.send("bye").finishSending();
          received.add(connection.readToFin());
        });
    try (service;
        TcpSidecar sidecar = to(service, true);
        RawConnection client = connect(sidecar)) {
      // When
      String heard = client.readToFin();
      client.send("one more thing");
      client.finishSending();

      // Then
      assertThat(heard).isEqualTo("bye");
      assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo("one more thing");
      assertThat(sidecar.logged()).startsWith("up - 0 - 14 3 ");
    }
  }

  @Test
  void shouldResetTheServerWhenTlsIsCutOff() throws Exception {
    // Given
    BlockingQueue<Boolean> reset = new LinkedBlockingQueue<>();
    RawService service =
        RawService.running(connection -> {
          connection.send("hello");
          reset.add(connection.isReset());
        });
    try (service;
        TcpSidecar sidecar = to(service, false)) {
      Socket plain = new Socket(InetAddress.getLoopbackAddress(), sidecar.port());
      SSLSocket tls =
          (SSLSocket)
              PKI.jdk(null).getSocketFactory().createSocket(plain, "server", sidecar.port(), false);
      assertThat(tls.getInputStream().readNBytes(5)).asString().isEqualTo("hello");

      // When
      plain.close(); // without close_notify

      // Then
      assertThat(reset.poll(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void shouldSendTheWholeEndOfALongAnswer() throws Exception {
    // Given
    int size = 4 << 20;
    RawService service = service(connection -> connection.send(new byte[size]));
    try (service;
        TcpSidecar sidecar = to(service, true);
        RawConnection client = connect(sidecar)) {
      // When
      String heard = client.readToFin();

      // Then
      assertThat(heard).hasSize(size);
      assertThat(sidecar.stats().cxSpliced.value()).isZero();
    }
  }

  /** Longer than the buffers on the way: the sidecar has to wait for room to write. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldSendTheWholeAnswerWhenTheClientHasEndedItsDirection(boolean upstreamTls)
      throws Exception {
    // Given
    int size = 32 << 20;
    Consumer<RawConnection> script =
        connection -> {
          connection.readToFin();
          connection.send(new byte[size]);
        };
    RawService service = upstreamTls ? service(script) : RawService.running(script);
    try (service;
        TcpSidecar sidecar = to(service, upstreamTls);
        RawConnection client = connect(sidecar)) {
      // When
      client.send("everything");
      client.finishSending();
      await().until(() -> sidecar.cluster().flowControlPausedReading.value() > 0);
      String heard = client.readToFin();

      // Then
      assertThat(heard.length()).isEqualTo(size);
      assertThat(sidecar.logged()).startsWith("up - 0 - 10 " + size + " ");
    }
  }
}
