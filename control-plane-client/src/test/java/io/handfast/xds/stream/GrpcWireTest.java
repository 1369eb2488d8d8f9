package io.handfast.xds.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource.ApiType;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceType;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is between a client and its server: sockets, TLS, limits. */
final class GrpcWireTest {

  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("x-token", Metadata.ASCII_STRING_MARSHALLER);

  private final RecordingHandler handler = new RecordingHandler();
  private final Control control = new Control();
  private final List<String> tokens = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> resources = new CopyOnWriteArrayList<>();

  /** Answers the first request of a stream with one cluster, and does what the test says. */
  private static final class Control extends AggregatedDiscoveryServiceImplBase {
    final List<StreamObserver<DeltaDiscoveryResponse>> streams = new CopyOnWriteArrayList<>();
    final List<DeltaDiscoveryRequest> requests = new CopyOnWriteArrayList<>();
    int firstBytes;

    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      streams.add(responses);
      int bytes = streams.size() == 1 ? firstBytes : 0;
      return new StreamObserver<>() {
        @Override
        public void onNext(DeltaDiscoveryRequest request) {
          requests.add(request);
          if (request.getResponseNonce().isEmpty()) {
            responses.onNext(response("n" + streams.size(), bytes));
          }
        }

        @Override
        public void onError(Throwable gone) {}

        @Override
        public void onCompleted() {}
      };
    }

    private static DeltaDiscoveryResponse response(String nonce, int bytes) {
      Cluster cluster = Cluster.newBuilder().setName("a").setAltStatName("x".repeat(bytes)).build();
      return DeltaDiscoveryResponse.newBuilder()
          .setTypeUrl(ResourceType.CLUSTER.typeUrl())
          .setNonce(nonce)
          .addResources(
              Resource.newBuilder().setName("a").setVersion("1").setResource(Any.pack(cluster)))
          .build();
    }
  }

  /** Notes the metadata of calls. */
  private final class Interceptor implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      String token = headers.get(TOKEN);
      tokens.add(token == null ? "none" : token);
      return next.startCall(call, headers);
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : resources) {
      each.close();
    }
  }

  @Test
  void shouldSpeakPlainAndSendInitialMetadata() {
    // Given
    TestServer server = serve(Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()));
    GrpcService.Builder service = GrpcService.newBuilder();
    service.getGoogleGrpcBuilder().setTargetUri("127.0.0.1:" + server.port());
    service.addInitialMetadata(HeaderValue.newBuilder().setKey("x-token").setValue("secret"));

    // When
    connect(server, service.build(), ClusterChannels.NONE);

    // Then
    awaitCluster();
    assertThat(tokens).containsExactly("secret");
  }

  @Test
  void shouldSpeakMutualTls() throws Exception {
    // Given
    X509Bundle ca = authority("CN=ca");
    X509Bundle server = leaf("CN=server", ca);
    X509Bundle sidecar = leaf("CN=sidecar", ca);
    TestServer tls =
        serve(
            Grpc.newServerBuilderForPort(
                0,
                TlsServerCredentials.newBuilder()
                    .keyManager(
                        stream(server.getCertificatePathPEM()), stream(server.getPrivateKeyPEM()))
                    .trustManager(stream(ca.getCertificatePEM()))
                    .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                    .build()));
    GrpcService.Builder service = GrpcService.newBuilder();
    service
        .getGoogleGrpcBuilder()
        .setTargetUri("localhost:" + tls.port())
        .getChannelCredentialsBuilder()
        .getSslCredentialsBuilder()
        .setRootCerts(inline(ca.getCertificatePEM()))
        .setPrivateKey(inline(sidecar.getPrivateKeyPEM()))
        .setCertChain(inline(sidecar.getCertificatePathPEM()));

    // When
    connect(tls, service.build(), ClusterChannels.NONE);

    // Then
    awaitCluster();
  }

  @Test
  void shouldNotTrustAStranger() throws Exception {
    // Given
    X509Bundle stranger = leaf("CN=stranger", authority("CN=unknown"));
    X509Bundle ca = authority("CN=ca");
    TestServer tls =
        serve(
            Grpc.newServerBuilderForPort(
                0,
                TlsServerCredentials.create(
                    stream(stranger.getCertificatePathPEM()),
                    stream(stranger.getPrivateKeyPEM()))));
    GrpcService.Builder service = GrpcService.newBuilder();
    service
        .getGoogleGrpcBuilder()
        .setTargetUri("localhost:" + tls.port())
        .getChannelCredentialsBuilder()
        .getSslCredentialsBuilder()
        .setRootCerts(inline(ca.getCertificatePEM()));

    // When
    connect(tls, service.build(), ClusterChannels.NONE);

    // Then
    await().untilAsserted(() -> assertThat(handler.failed).isNotEmpty());
    assertThat(handler.failed.getFirst().error()).startsWith("UNAVAILABLE");
    assertThat(control.streams).isEmpty();
  }

  @Test
  void shouldSpeakOverAUnixSocket(@TempDir Path directory) {
    // Given
    Path socket = directory.resolve("ads");
    MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    resources.add(() -> loops.shutdownGracefully(0, 0, TimeUnit.SECONDS));
    TestServer server =
        serve(
            NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .channelType(EpollServerDomainSocketChannel.class));
    GrpcService.Builder service = GrpcService.newBuilder();
    service.getGoogleGrpcBuilder().setTargetUri("unix:" + socket);

    // When
    connect(server, service.build(), ClusterChannels.NONE);

    // Then
    awaitCluster();
  }

  @Test
  void shouldTryTheNextEndpointOfAClusterWhenOneIsDead() {
    // Given
    TestServer dead = serve(Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()));
    int deadPort = dead.port();
    dead.close();
    TestServer server = serve(Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()));
    ClusterChannels clusters =
        cluster ->
            cluster.equals("control") ? List.of(plain(deadPort), plain(server.port())) : List.of();
    GrpcService.Builder service = GrpcService.newBuilder();
    service.getEnvoyGrpcBuilder().setClusterName("control");

    // When
    connect(server, service.build(), clusters);

    // Then
    awaitCluster();
    assertThat(handler.failed).hasSize(1);
  }

  @Test
  void shouldRefuseAResponseAboveTheLimitAndComeAgainP1() {
    // Given
    control.firstBytes = 5000;
    TestServer server = serve(Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()));
    GrpcService.Builder service = GrpcService.newBuilder();
    service
        .getEnvoyGrpcBuilder()
        .setClusterName("control")
        .setMaxReceiveMessageLength(UInt32Value.of(4000));

    // When
    connect(server, service.build(), cluster -> List.of(plain(server.port())));

    // Then
    awaitCluster();
    assertThat(handler.failed.getFirst().error()).startsWith("RESOURCE_EXHAUSTED").contains("4000");
    assertThat(control.streams).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void shouldTakeAResponseOfMegabytesP1() {
    // Given
    control.firstBytes = 8 << 20;
    TestServer server = serve(Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()));
    GrpcService.Builder service = GrpcService.newBuilder();
    service.getGoogleGrpcBuilder().setTargetUri("127.0.0.1:" + server.port());

    // When
    connect(server, service.build(), ClusterChannels.NONE);

    // Then
    awaitCluster();
    assertThat(control.streams).hasSize(1);
  }

  @Test
  void shouldComeAgainWithVersionsWhenTheServerEndsTheStreamD3() {
    // Given
    TestServer server = serve(Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()));
    GrpcService.Builder service = GrpcService.newBuilder();
    service.getGoogleGrpcBuilder().setTargetUri("127.0.0.1:" + server.port());
    connect(server, service.build(), ClusterChannels.NONE);
    awaitCluster();
    await().untilAsserted(() -> assertThat(control.requests).hasSize(2));

    // When
    control.streams.getFirst().onError(Status.UNAVAILABLE.asRuntimeException());

    // Then
    await().untilAsserted(() -> assertThat(control.streams).hasSize(2));
    await().untilAsserted(() -> assertThat(control.requests).hasSizeGreaterThanOrEqualTo(3));
    assertThat(control.requests.get(2).getInitialResourceVersionsMap()).containsEntry("a", "1");
    assertThat(control.requests.get(2).getNode()).isEqualTo(TestServer.NODE);
  }

  private TestServer serve(ServerBuilder<?> builder) {
    TestServer server = new TestServer(builder.intercept(new Interceptor()), List.of(control));
    resources.add(server);
    return server;
  }

  private void connect(TestServer server, GrpcService service, ClusterChannels clusters) {
    ConfigErrors errors = new ConfigErrors();
    XdsSource source =
        XdsSource.aggregated(
                ApiConfigSource.newBuilder()
                    .setApiType(ApiType.DELTA_GRPC)
                    .setTransportApiVersion(ApiVersion.V3)
                    .addGrpcServices(service)
                    .build(),
                "ads_config",
                clusters,
                errors)
            .orElseThrow(() -> new AssertionError(errors.list().toString()));
    XdsClient client = source.client(TestServer.NODE, handler, server.runtime());
    resources.addFirst(client);
    client.subscribe(ResourceType.CLUSTER, Set.of("*"), Duration.ofSeconds(15));
    client.start();
  }

  private void awaitCluster() {
    await().untilAsserted(() -> assertThat(handler.versions).containsEntry("clusters[a]", "1"));
  }

  private static ManagedChannelBuilder<?> plain(int port) {
    return Grpc.newChannelBuilder("127.0.0.1:" + port, InsecureChannelCredentials.create());
  }

  private static X509Bundle authority(String subject) throws Exception {
    return new CertificateBuilder()
        .subject(subject)
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  private static X509Bundle leaf(String subject, X509Bundle ca) throws Exception {
    return new CertificateBuilder().subject(subject).addSanDnsName("localhost").buildIssuedBy(ca);
  }

  private static InputStream stream(String pem) {
    return ByteString.copyFromUtf8(pem).newInput();
  }

  private static DataSource inline(String pem) {
    return DataSource.newBuilder().setInlineString(pem).build();
  }
}
