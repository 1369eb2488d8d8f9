package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.http;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static io.handfast.proxy.xds.SecretResources.certificate;
import static io.handfast.proxy.xds.SecretResources.downstream;
import static io.handfast.proxy.xds.SecretResources.secured;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource.ApiType;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.handfast.proxy.tls.TestPki;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A sidecar and a real control plane, over every transport that a bootstrap of Envoy names. */
final class TransportsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String DELTA = "AGGREGATED_DELTA_GRPC";
  private static final String OWN =
      "tls_certificates: [{ certificate_chain: { filename: %s/sidecar.pem }, private_key: { filename: %s/sidecar.key } }], ";
  private static final TestPki PKI = new TestPki();
  private static final TestPki OTHER = new TestPki();

  @TempDir Path directory;

  private final NamedService one = new NamedService("one");
  private final NamedService two = new NamedService("two");
  private Optional<LiveSidecar> running = Optional.empty();

  @AfterEach
  void close() {
    running.ifPresent(LiveSidecar::close);
    one.close();
    two.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "alpn_protocols: [h2], "})
  void shouldAskOverTlsWhateverTheClusterSaysOfAlpn(String alpn) throws IOException {
    // Given
    SslContext tls = serverTls(ClientAuth.NONE);
    try (LiveServer control = new LiveServer(port -> LiveServer.loopback(port).sslContext(tls))) {
      control.serve(plain("1", one));

      // When
      LiveSidecar sidecar = started(overTls(control, "", alpn));

      // Then
      follows(control, sidecar);
    }
  }

  @Test
  void shouldShowItsCertificateToAControlPlaneThatAsksForOne() throws IOException {
    // Given
    SslContext tls = serverTls(ClientAuth.REQUIRE);
    try (LiveServer control = new LiveServer(port -> LiveServer.loopback(port).sslContext(tls))) {
      control.serve(plain("1", one));
      PKI.write(directory, "sidecar", PKI.workload("sidecar"));

      // When
      LiveSidecar sidecar = started(overTls(control, OWN.formatted(directory, directory), ""));

      // Then
      follows(control, sidecar);
    }
  }

  @Test
  void shouldShowItsNewCertificateWhenItsFilesAreReplaced() throws IOException {
    // Given
    List<BigInteger> shown = new CopyOnWriteArrayList<>();
    SslContext tls =
        GrpcSslContexts.configure(
                builder(PKI.workload("control"))
                    .trustManager(new Recording(shown))
                    .clientAuth(ClientAuth.REQUIRE))
            .build();
    X509Bundle first = PKI.workload("sidecar");
    X509Bundle second = PKI.workload("sidecar");
    try (LiveServer control = new LiveServer(port -> LiveServer.loopback(port).sslContext(tls))) {
      control.serve(plain("1", one));
      PKI.write(directory, "sidecar", first);
      LiveSidecar sidecar = started(overTls(control, OWN.formatted(directory, directory), ""));
      assertThat(shown).containsOnly(serial(first));

      // When
      PKI.write(directory, "sidecar", second);
      await()
          .atMost(PATIENCE)
          .until(() -> !sidecar.admin("/certs").contains(serial(first).toString(16)));
      control.stop();
      control.restart();

      // Then
      await().atMost(PATIENCE).until(() -> shown.contains(serial(second)));
      follows(control, sidecar);
    }
  }

  private static BigInteger serial(X509Bundle bundle) {
    return bundle.getCertificate().getSerialNumber();
  }

  /** Takes every client, and notes the number of its certificate. */
  private static final class Recording extends X509ExtendedTrustManager {
    private final List<BigInteger> shown;

    Recording(List<BigInteger> shown) {
      this.shown = shown;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      shown.add(chain[0].getSerialNumber());
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
      shown.add(chain[0].getSerialNumber());
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      shown.add(chain[0].getSerialNumber());
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("a server (expected: a client)");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("a server (expected: a client)");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("a server (expected: a client)");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Test
  void shouldNotTakeConfigurationFromAStranger() throws IOException {
    // Given
    X509Bundle stranger = OTHER.workload("control");
    SslContext tls = GrpcSslContexts.configure(builder(stranger)).build();
    try (LiveServer control = new LiveServer(port -> LiveServer.loopback(port).sslContext(tls))) {
      control.serve(plain("1", one));

      // When
      LiveSidecar sidecar = LiveSidecar.of(overTls(control, "", ""));
      running = Optional.of(sidecar);

      // Then
      await()
          .atMost(PATIENCE)
          .until(() -> sidecar.stat("cluster_manager.cds.update_failure").orElse(0L) > 0);
      assertThat(sidecar.isReady()).isFalse();
      assertThat(control.nodes()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alpn_protocols: [http/1.1], ",
        "tls_certificate_sds_secret_configs: [{ name: own, sds_config: { path_config_source: { path: /own.yaml } } }], "
      })
  void shouldRefuseTlsOverWhichNoControlPlaneCanBeAsked(String context) throws IOException {
    // Given
    try (LiveServer control = new LiveServer()) {
      String bootstrap = overTls(control, "", context);

      // When, Then
      assertThatThrownBy(() -> LiveSidecar.of(bootstrap))
          .hasMessageContaining(
              "static_resources.clusters[control].transport_socket.common_tls_context")
          .hasMessageContaining("(expected: ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, "AGGREGATED_GRPC"})
  void shouldAskOverAUnixSocket(String type) {
    // Given
    Path socket = directory.resolve("ads");
    MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try (LiveServer control =
        new LiveServer(_ ->
            NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .channelType(EpollServerDomainSocketChannel.class))) {
      control.serve(plain("1", one));

      // When
      String tcp = "{ socket_address: { address: localhost, port_value: 1 } }";
      LiveSidecar sidecar =
          started(
              LiveSidecar.bootstrap(1, type)
                  .replace("type: STRICT_DNS", "type: STATIC")
                  .replace(tcp, "{ pipe: { path: %s } }".formatted(socket)));

      // Then
      follows(control, sidecar);
    } finally {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ApiType.class,
      names = {"GRPC", "DELTA_GRPC"})
  void shouldAskForEveryTypeOnAStreamOfItsOwn(ApiType type) throws IOException {
    // Given
    try (LiveServer control = new LiveServer()) {
      control.serve(apart("1", type, one, PKI.workload("first")));
      String own =
          "{ resource_api_version: V3, api_config_source: { api_type: %s, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: control } }] } }"
              .formatted(type);
      String bootstrap = LiveSidecar.bootstrap(control, DELTA);
      int ads = bootstrap.indexOf("  ads_config:");
      String bare =
          bootstrap.substring(0, ads) + bootstrap.substring(bootstrap.indexOf("  cds_config:"));

      // When
      LiveSidecar sidecar = started(bare.replace("{ ads: {}, resource_api_version: V3 }", own));

      // Then: a stream each for clusters, endpoints, listeners, routes and secrets
      assertThat(askOverTls(sidecar)).isEqualTo("200 one");
      assertThat(control.nodes()).hasSize(5);
      control.serve(apart("2", type, two, PKI.workload("second")));
      await().atMost(PATIENCE).until(() -> askOverTls(sidecar).equals("200 two"));
      await()
          .atMost(PATIENCE)
          .until(() -> sidecar.stat("sds.own.update_success").equals(Optional.of(2L)));
      assertThat(control.refusals()).isEmpty();
      assertThat(sidecar.stat("control_plane.connected_state")).contains(1L);
    }
  }

  private void follows(LiveServer control, LiveSidecar sidecar) {
    assertThat(ask(sidecar)).isEqualTo("200 one");
    control.serve(plain("2", two));
    await().atMost(PATIENCE).until(() -> ask(sidecar).equals("200 two"));
    assertThat(control.refusals()).isEmpty();
  }

  private LiveSidecar started(String bootstrap) {
    LiveSidecar sidecar = LiveSidecar.of(bootstrap);
    running = Optional.of(sidecar);
    await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l").isPresent());
    return sidecar;
  }

  private static String ask(LiveSidecar sidecar) {
    try (KeptConnection client = new KeptConnection(sidecar.port("l").orElseThrow())) {
      return client.get();
    }
  }

  private static String askOverTls(LiveSidecar sidecar) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            PKI.jdk(null)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), sidecar.port("l").orElseThrow());
    try (KeptConnection client = new KeptConnection(socket)) {
      return client.get();
    }
  }

  private static SslContextBuilder builder(X509Bundle own) {
    return SslContextBuilder.forServer(own.getKeyPair().getPrivate(), own.getCertificatePath());
  }

  private static SslContext serverTls(ClientAuth clientAuth) throws IOException {
    return GrpcSslContexts.configure(
            builder(PKI.workload("control"))
                .trustManager(PKI.authority().getCertificate())
                .clientAuth(clientAuth))
        .build();
  }

  /** As bootstraps of Envoy say it. */
  private String overTls(LiveServer control, String own, String alpn) {
    PKI.write(directory, "unused", PKI.workload("unused"));
    return LiveSidecar.bootstrap(control, DELTA)
        + """
            transport_socket:
              name: envoy.transport_sockets.tls
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                sni: control.example.com
                common_tls_context: { %s%s validation_context: { trusted_ca: { filename: %s/ca.pem } } }
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
        """
            .formatted(own, alpn, directory);
  }

  private static Snapshot plain(String version, NamedService service) {
    return Snapshot.create(
        List.of(cluster("a")),
        List.of(endpoints("a", service.port())),
        List.of(listener("l", "r")),
        List.of(routes("r", "a")),
        List.of(),
        version);
  }

  /** Of which every resource names the source of what it names. */
  private static Snapshot apart(
      String version, ApiType type, NamedService service, X509Bundle certificate) {
    ConfigSource source = source(type);
    Cluster.Builder cluster = cluster("a").toBuilder();
    cluster.getEdsClusterConfigBuilder().setEdsConfig(source);
    HttpConnectionManager.Builder http = http("r").toBuilder();
    http.getRdsBuilder().setConfigSource(source);
    DownstreamTlsContext.Builder tls = downstream("own").toBuilder();
    tls.getCommonTlsContextBuilder()
        .getTlsCertificateSdsSecretConfigsBuilder(0)
        .setSdsConfig(source);
    Listener listener = secured(listener("l", http.build()), tls.build());
    Secret secret = certificate("own", certificate);
    return Snapshot.create(
        List.of(cluster.build()),
        List.of(endpoints("a", service.port())),
        List.of(listener),
        List.of(routes("r", "a")),
        List.of(secret),
        version);
  }

  private static ConfigSource source(ApiType type) {
    ConfigSource.Builder source = ConfigSource.newBuilder().setResourceApiVersion(ApiVersion.V3);
    source
        .getApiConfigSourceBuilder()
        .setApiType(type)
        .setTransportApiVersion(ApiVersion.V3)
        .addGrpcServicesBuilder()
        .getEnvoyGrpcBuilder()
        .setClusterName("control");
    return source.build();
  }
}
