package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.proxy.stats.StatsFilter;
import io.handfast.proxy.stats.StatsText;
import io.handfast.proxy.tls.TestPki;
import io.handfast.xds.bootstrap.BootstrapSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The certificates of what is no longer configured, and still serves. */
final class LingeringTlsTest {

  private static final TestPki PKI = new TestPki();
  private static final String EXPIRY = "server.days_until_first_cert_expiring: ";

  private static final String ADMIN =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      static_resources:
        clusters: [CLUSTER]
        listeners:
      """;

  private final CompletableFuture<@Nullable Void> gate = new CompletableFuture<>();
  private HttpsServer service;
  private Sidecar sidecar;
  @TempDir private Path directory;

  @BeforeEach
  void start() throws Exception {
    write(3, "marker");
    write(9, "one", "two", "three");
    service = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.setHttpsConfigurator(new HttpsConfigurator(PKI.jdk(PKI.workload("service"))));
    service.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    service.createContext("/", this::answer);
    service.start();
    sidecar = Sidecars.start(config("old", listener("in", "one"), marker()));
  }

  private void write(int days, String... names) {
    Instant end = Instant.now().plus(Duration.ofDays(days)).plus(Duration.ofHours(1));
    for (String name : names) {
      PKI.write(directory, name, PKI.issue(it -> it.subject("CN=" + name).ecp256().notAfter(end)));
    }
  }

  /** Ends the connection, so that the next request needs another. */
  private void answer(HttpExchange exchange) throws IOException {
    gate.join();
    exchange.getResponseHeaders().set("connection", "close");
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  @AfterEach
  void stop() {
    sidecar.close();
    service.stop(0);
  }

  @Test
  void shouldShakeHandsByTheListenerThatItCameToThoughItHasChangedTwice() throws Exception {
    // Given: a connection that is looked at until it says hello
    try (Socket waiting = connect()) {
      await().until(() -> stats().contains("listener.127.0.0.1_0.downstream_pre_cx_active: 1"));

      // When
      offer(config("old", listener("in", "two")));
      offer(config("old", listener("in", "three")));
      await().until(() -> stats().contains(EXPIRY + 9));

      // Then
      Socket shaken = secured(waiting);
      ask(shaken, "/here");
      assertThat(status(shaken)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void shouldReachAClusterThatWentTwoConfigurationsAgo() throws Exception {
    // Given: one request has the only connection, the other waits for it
    try (Socket first = secured(connect());
        Socket second = secured(connect())) {
      ask(first, "/");
      ask(second, "/");
      await().until(() -> stats().contains("cluster.old.upstream_rq_pending_active: 1"));

      // When
      offer(config("new", listener("in", "one")));
      offer(config("newer", listener("in", "one")));
      await().until(() -> stats().contains(EXPIRY + 9));
      gate.complete(null);

      // Then
      assertThat(status(first)).startsWith("HTTP/1.1 200");
      assertThat(status(second)).startsWith("HTTP/1.1 200");
    }
  }

  private String stats() {
    return StatsText.text(sidecar.stats(), StatsFilter.ALL);
  }

  private void offer(String yaml) throws Exception {
    sidecar
        .offer(new ConfigLoader(ProxyExtensions.all()).load(BootstrapSource.ofYaml(yaml)))
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  /** Gone with the second configuration: when its certificate is forgotten, so are others. */
  private String marker() {
    return listener("marker", "marker");
  }

  /** Each cluster asks for a name of its own, and so has a context of its own. */
  private String config(String cluster, String... listeners) {
    String upstream =
        """
        { name: NAME, connect_timeout: 20s,
          circuit_breakers: { thresholds: [{ max_connections: 1 }] },
          load_assignment: { cluster_name: NAME, endpoints: [{ lb_endpoints: [{ endpoint: {
            address: { socket_address: { address: 127.0.0.1, port_value: PORT } } } }] }] },
          transport_socket: { name: tls, typed_config: {
            "@type": a/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext,
            sni: NAME.example.com,
            common_tls_context: { validation_context: { trusted_ca: { filename: DIR/ca.pem } } } } } }
        """
            .replace("NAME", cluster)
            .replace("PORT", String.valueOf(service.getAddress().getPort()))
            .replace("DIR", directory.toString());
    return ADMIN.replace("CLUSTER", upstream.indent(4).strip()) + String.join("", listeners);
  }

  private String listener(String name, String certificate) {
    return """
      - name: NAME
        address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        listener_filters:
        - { name: tls, typed_config: { "@type": a/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector } }
        filter_chains:
        - filters:
          - name: hcm
            typed_config:
              "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: NAME
              route_config:
                validate_clusters: false
                virtual_hosts:
                - name: v
                  domains: ["*"]
                  routes:
                  - { match: { prefix: /here }, direct_response: { status: 200 } }
                  - { match: { prefix: / }, route: { cluster: old, timeout: 0s } }
              http_filters:
              - { name: router, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }
          transport_socket:
            name: tls
            typed_config:
              "@type": a/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
              common_tls_context:
                tls_certificates: [{ certificate_chain: { filename: DIR/CERT.pem }, private_key: { filename: DIR/CERT.key } }]
    """
        .replace("NAME", name)
        .replace("DIR", directory.toString())
        .replace("CERT", certificate);
  }

  private Socket connect() throws IOException {
    Socket socket =
        new Socket(
            InetAddress.getLoopbackAddress(),
            sidecar.listenerAddress("in").orElseThrow().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static Socket secured(Socket plain) throws IOException {
    return PKI.jdk(null).getSocketFactory().createSocket(plain, "localhost", 0, true);
  }

  private static void ask(Socket socket, String path) throws IOException {
    socket
        .getOutputStream()
        .write(
            ("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static @Nullable String status(Socket socket) throws IOException {
    return new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
        .readLine();
  }
}
