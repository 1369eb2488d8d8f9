package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.server.ConfigCheck;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.tls.TestPki;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two whole sidecars whose connections are mutual TLS: calls, votes, outcomes. What strangers send
 * counts for nothing (T6, T7).
 */
class MutualTlsTest {
  private static final int READ_TIMEOUT_MS = 20_000;
  private static final TestPki PKI = new TestPki();
  private static final String CONTEXT =
      "00-019767b8a4007abc8def0123456789ab-00000000000000aa-00;d=j.nobody@127.0.0.1:9;i=spiffe://mesh.example/front;v=127.0.0.1:9;t=5000";

  /** Placeholders: name, directory, service's port, inbound TLS, clusters, more listeners. */
  private static final String CONFIG =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      bootstrap_extensions:
      - name: handfast.transaction_manager
        typed_config:
          "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
          service_name: %1$s
          store: { journal: { directory: %2$s/%1$s.journal, segment_bytes: 65536, max_bytes: 67108864 } }
          control: { address: 127.0.0.1, port: 0 }
          control_trust: MTLS
          control_tls:
            "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext
            %7$s
          local_cluster: service
      static_resources:
        listeners:
        - name: inbound
          traffic_direction: INBOUND
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - filters:
            - name: hcm
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: inbound
                route_config:
                  virtual_hosts:
                  - name: v
                    domains: ["*"]
                    routes:
                    - match: { prefix: /plain }
                      route: { cluster: service }
                    - match: { prefix: / }
                      route: { cluster: service }
                      typed_per_filter_config:
                        handfast.transaction:
                          "@type": type.googleapis.com/handfast.transaction.v1.TransactionPerRoute
                          %4$s
                          participant:
                            callback:
                              confirm: { path: /confirm }
                              cancel: { path: /cancel }
                http_filters:
                - { name: handfast.transaction, typed_config: { "@type": type.googleapis.com/handfast.transaction.v1.Transaction } }
                - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
            %5$s
        %6$s
        - name: service
          load_assignment:
            cluster_name: service
            endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %3$d } } } }] }]
      """;

  private static final String OUTBOUND =
      """
      - name: outbound
          traffic_direction: OUTBOUND
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - filters:
            - name: hcm
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: outbound
                route_config:
                  virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: back } }] }]
                http_filters:
                - { name: handfast.transaction, typed_config: { "@type": type.googleapis.com/handfast.transaction.v1.Transaction } }
                - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
        clusters:
        - name: back
          metadata: { filter_metadata: { handfast.transaction: { participant: true } } }
          load_assignment:
            cluster_name: back
            endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %1$d } } } }] }]
          transport_socket:
            name: tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
              common_tls_context: { %2$s }
      """;

  @TempDir private Path directory;
  private final List<String> frontSeen = new CopyOnWriteArrayList<>();
  private final List<String> backSeen = new CopyOnWriteArrayList<>();
  private final HttpServer frontService;
  private final HttpServer backService;
  private Sidecar back;
  private Sidecar front;

  MutualTlsTest() throws IOException {
    frontService = service(frontSeen, this::callBack);
    backService = service(backSeen, exchange -> SidecarRig.answer(exchange, 200, "back"));
  }

  private static HttpServer service(List<String> seen, SidecarRig.Service work) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          seen.add(
              exchange.getRequestURI().getPath()
                  + " "
                  + exchange.getRequestHeaders().containsKey("tx-context"));
          try (exchange) {
            if (exchange.getRequestURI().getPath().startsWith("/work")) {
              work.serve(exchange);
            } else {
              SidecarRig.answer(exchange, 200, "done");
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
    return server;
  }

  private void callBack(HttpExchange exchange) throws IOException, InterruptedException {
    int outbound = front.listenerAddress("outbound").orElseThrow().getPort();
    HttpResponse<String> answer =
        SidecarRig.send(outbound, "POST", "{}", SidecarRig.carried(exchange));
    SidecarRig.answer(exchange, 200, "front: " + answer.body());
  }

  @BeforeEach
  void start() throws Exception {
    PKI.write(directory, "front", PKI.workload("front"));
    PKI.write(directory, "back", PKI.workload("back"));
    String inboundTls =
        "transport_socket: { name: tls, typed_config: { '@type': type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: { %s } } }"
            .formatted(mutual("back", "front"));
    back =
        Sidecars.start(
            CONFIG.formatted(
                "back",
                directory,
                backService.getAddress().getPort(),
                "propagation: MANDATORY",
                inboundTls,
                "clusters:",
                control("back", "front")));
    int port = back.listenerAddress("inbound").orElseThrow().getPort();
    front =
        Sidecars.start(
            CONFIG.formatted(
                "front",
                directory,
                frontService.getAddress().getPort(),
                "boundary: {}",
                "name: plaintext",
                OUTBOUND.formatted(port, mutual("front", "back")).strip(),
                control("front", "back")));
  }

  /** The certificate of one, and that the peer is the other. */
  private String mutual(String own, String peer) {
    return "tls_certificates: [{ certificate_chain: { filename: %1$s/%2$s.pem }, private_key: { filename: %1$s/%2$s.key } }], validation_context: { trusted_ca: { filename: %1$s/ca.pem }%3$s }"
        .formatted(directory, own, peer.isEmpty() ? "" : names(peer));
  }

  private static String names(String peer) {
    return ", match_typed_subject_alt_names: [{ san_type: URI, matcher: { exact: 'spiffe://mesh.example/%s' } }, { san_type: DNS, matcher: { suffix: .people.example } }]"
        .formatted(peer);
  }

  private String control(String own, String peer) {
    return mutual(own, peer).replace("}], validation", "}]\n      validation");
  }

  @AfterEach
  void stop() {
    if (front != null) {
      front.close();
    }
    if (back != null) {
      back.close();
    }
    frontService.stop(0);
    backService.stop(0);
  }

  @Test
  void shouldCommitAcrossTwoSidecarsThatProveWhoTheyAre() throws Exception {
    // When
    HttpResponse<String> response =
        SidecarRig.send(front.listenerAddress("inbound").orElseThrow().getPort(), "POST", "{}");

    // Then
    assertThat(response.body()).isEqualTo("front: back");
    assertThat(response.headers().firstValue("tx-outcome")).hasValue("committed");
    await().untilAsserted(() -> assertThat(backSeen).contains("/confirm false"));
    await().untilAsserted(() -> assertThat(frontSeen).contains("/confirm false"));
    assertThat(front.stats().cluster("back").tls.handshake.value()).isPositive();
    assertThat(back.stats().listener("127.0.0.1_0").tls.noCertificate.value()).isZero();
  }

  @Test
  void shouldBelieveThePeerThatHasProvedWhoItIsT6T7() throws Exception {
    // When
    String answer = send(PKI.jdk(PKI.workload("front")), "/work");

    // Then
    assertThat(answer)
        .startsWith("HTTP/1.1 200 ")
        .contains("\r\ntx-vote: 00000000000000aa;v=prepared;");
    assertThat(backSeen).containsExactly("/work true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nobody", "person"})
  void shouldStripTheContextOfAStrangerT6(String stranger) throws Exception {
    // Given
    SSLContext context = PKI.jdk(stranger.equals("nobody") ? null : person());

    // When
    String refused = send(context, "/work");
    String passed = send(context, "/plain");

    // Then
    assertThat(refused).startsWith("HTTP/1.1 400 ").contains("context-missing");
    assertThat(passed).startsWith("HTTP/1.1 200 ").doesNotContain("tx-vote");
    assertThat(backSeen).containsExactly("/plain false");
  }

  @Test
  void shouldRefuseTrustThatNobodyCouldProveT7() {
    // Given
    String yaml =
        CONFIG.formatted(
            "front",
            directory,
            1,
            "boundary: {}",
            "name: plaintext",
            OUTBOUND.formatted(1, "").strip(),
            control("front", "back"));

    // When / Then
    assertThat(ConfigCheck.check(BootstrapSource.ofYaml(yaml)).errors())
        .singleElement()
        .satisfies(error -> {
          assertThat(error.path())
              .isEqualTo(
                  "static_resources.clusters[0].metadata.filter_metadata[\"handfast.transaction\"].trust");
          assertThat(error.problem()).startsWith("MTLS (expected: a transport_socket with TLS");
        });
  }

  /** The authority vouches for this one too, but as no workload of the mesh. */
  private static X509Bundle person() {
    return PKI.issue(it -> it.ecp256().addSanDnsName("ann.people.example"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nobody", "other-authority", "other-name"})
  void shouldNotLetAStrangerSpeakToTheControlService(String stranger) throws Exception {
    // Given
    int control = controlPort();
    SSLContext context =
        switch (stranger) {
          case "nobody" -> PKI.jdk(null);
          case "other-name" -> PKI.jdk(PKI.workload("thief"));
          default -> PKI.jdk(new TestPki().workload("front"));
        };

    // When / Then
    try (SSLSocket socket = connect(context, control, "h2", "TLSv1.2")) {
      assertThatThrownBy(
              () -> {
                socket.startHandshake();
                if (socket.getInputStream().read() < 0) {
                  throw new IOException("closed");
                }
              })
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);
    }
    try (SSLSocket socket = connect(PKI.jdk(PKI.workload("front")), control, "h2", "TLSv1.2")) {
      socket.startHandshake();
      assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
    }
  }

  /** It is in every vote. */
  private int controlPort() throws IOException {
    String answer = send(PKI.jdk(PKI.workload("front")), "/work");
    Matcher authority = Pattern.compile("p=127\\.0\\.0\\.1:([0-9]+);").matcher(answer);
    assertThat(authority.find()).isTrue();
    return Integer.parseInt(authority.group(1));
  }

  private String send(SSLContext context, String path) throws IOException {
    int port = back.listenerAddress("inbound").orElseThrow().getPort();
    try (SSLSocket socket = connect(context, port, "http/1.1", "TLSv1.3")) {
      String request =
          "POST %s HTTP/1.1\r\nhost: back\r\ncontent-length: 2\r\nconnection: close\r\ntx-context: %s\r\n\r\n{}"
              .formatted(path, CONTEXT);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static SSLSocket connect(SSLContext context, int port, String protocol, String version)
      throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
    socket.setSoTimeout(READ_TIMEOUT_MS);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {protocol});
    parameters.setProtocols(new String[] {version});
    socket.setSSLParameters(parameters);
    return socket;
  }
}
