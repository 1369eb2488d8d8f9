package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import io.handfast.proxy.tls.TestPki;
import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireRequest;
import io.handfast.transaction.v1.InquireResponse;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeRequest;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.TransactionControlGrpc;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * A participant believes the outcome of that peer alone whom the decider's certificate names (T20):
 * by mutual TLS, told and asked for. Everybody here is vouched for by the same authority.
 */
final class DeciderIdentityTest {
  private static final TestPki PKI = new TestPki();
  private static final String TX = "019767b8a4007abc8def0123456789ab";
  private static final long BRANCH = 0xaa;

  @TempDir private Path directory;
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Logger logger =
      (Logger) LoggerFactory.getLogger("io.handfast.tx.engine.base.DeciderCheck");
  private final HttpServer service;
  private Sidecar sidecar;

  DeciderIdentityTest() throws IOException {
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.createContext(
        "/",
        exchange -> {
          try (exchange) {
            seen.add(exchange.getRequestURI().getPath());
            SidecarRig.answer(exchange, 200, "done");
          }
        });
    service.start();
  }

  @BeforeEach
  void start() throws Exception {
    sidecar = sidecar(PKI.workload("back"));
    logged.start();
    logger.addAppender(logged);
  }

  private String config() {
    return """
    admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
    bootstrap_extensions:
    - name: handfast.transaction_manager
      typed_config:
        "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
        service_name: back
        store: { journal: { directory: %1$s/journal, segment_bytes: 65536, max_bytes: 67108864 } }
        control: { address: 127.0.0.1, port: 0 }
        control_tls:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext
          tls_certificates: [{ certificate_chain: { filename: %1$s/back.pem }, private_key: { filename: %1$s/back.key } }]
          validation_context: { trusted_ca: { filename: %1$s/ca.pem } }
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
                  - match: { prefix: / }
                    route: { cluster: service, timeout: 1s }
                    typed_per_filter_config:
                      handfast.transaction:
                        "@type": type.googleapis.com/handfast.transaction.v1.TransactionPerRoute
                        participant: { callback: { confirm: { path: /confirm }, cancel: { path: /cancel } } }
              http_filters:
              - name: handfast.transaction
                typed_config: { "@type": type.googleapis.com/handfast.transaction.v1.Transaction, trust: PLAINTEXT }
              - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
      clusters:
      - name: service
        load_assignment:
          cluster_name: service
          endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %2$d } } } }] }]
    """
        .formatted(directory, service.getAddress().getPort());
  }

  private Sidecar sidecar(X509Bundle certificate) throws Exception {
    PKI.write(directory, "back", certificate);
    return Sidecars.start(config());
  }

  @AfterEach
  void stop() {
    logger.detachAppender(logged);
    if (sidecar != null) {
      sidecar.close();
    }
    service.stop(0);
  }

  /** A call of the branch; the answer is its vote. */
  private HttpResponse<String> call(int deciderPort, String identity, int remainingMs)
      throws Exception {
    String context =
        "00-%s-%016x-00;d=j.front@127.0.0.1:%d%s;v=127.0.0.1:9;t=%d"
            .formatted(TX, BRANCH, deciderPort, identity, remainingMs);
    return SidecarRig.send(
        sidecar.listenerAddress("inbound").orElseThrow().getPort(),
        "POST",
        "{}",
        "tx-context",
        context);
  }

  @Test
  void shouldBelieveTheOutcomeOfTheIdentityThatTheContextNamesT20() throws Exception {
    // Given
    String vote = vote(call(9, ";i=spiffe://mesh.example/front", 5_000));

    // When
    OutcomeResult first = tell(vote, PKI.workload("front"), Outcome.COMMIT);
    OutcomeResult again = tell(vote, PKI.workload("front"), Outcome.COMMIT);

    // Then
    assertThat(first.getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
    assertThat(again.getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
    assertThat(seen).containsExactly("/work", "/confirm");
    assertThat(refused()).isZero();
    assertThat(logged.list).isEmpty();
  }

  @Test
  void shouldRefuseCountAndLogOnceTheOutcomeOfAnotherIdentityT20() throws Exception {
    // Given
    String vote = vote(call(9, ";i=spiffe://mesh.example/front", 5_000));

    // When
    OutcomeResult commit = tell(vote, PKI.workload("thief"), Outcome.COMMIT);
    OutcomeResult abort = tell(vote, PKI.workload("thief"), Outcome.ABORT);

    // Then
    assertThat(commit.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(abort.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(abort.getDetail()).contains("(expected: the store and the certificate");
    assertThat(seen).containsExactly("/work");
    assertThat(refused()).isEqualTo(2);
    assertThat(logged.list)
        .singleElement()
        .satisfies(event ->
            assertThat(event.getFormattedMessage())
                .contains("spiffe://mesh.example/thief", "(expected: j.front, spiffe://mesh"));

    // When: what the thief has seen go by is said again
    tell(vote, PKI.workload("front"), Outcome.COMMIT);
    OutcomeResult replayed = tell(vote, PKI.workload("thief"), Outcome.COMMIT);

    // Then
    assertThat(replayed.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(seen).containsExactly("/work", "/confirm");
  }

  @Test
  void shouldTakeADnsNameForAnIdentityT20() throws Exception {
    // Given
    String vote = vote(call(9, ";i=front.example.com", 5_000));

    // When
    OutcomeResult thief = tell(vote, PKI.workload("thief"), Outcome.COMMIT);
    OutcomeResult front = tell(vote, PKI.workload("front"), Outcome.COMMIT);

    // Then
    assertThat(thief.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(front.getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
  }

  @Test
  void shouldAskUntilTheDeciderItselfAnswersT20() throws Exception {
    // Given: somebody else answers at the decider's address
    Server thief = decider(PKI.workload("thief"), 0);
    int port = thief.getPort();

    // When
    call(port, ";i=spiffe://mesh.example/front", 500);

    // Then
    await().untilAsserted(() -> assertThat(refused()).isGreaterThan(1));
    assertThat(seen).containsExactly("/work");
    assertThat(logged.list).hasSize(1);

    // When
    thief.shutdownNow().awaitTermination();
    Server front = decider(PKI.workload("front"), port);

    // Then
    await().untilAsserted(() -> assertThat(seen).containsExactly("/work", "/cancel"));
    front.shutdownNow().awaitTermination();
  }

  @Test
  void shouldRefuseAContextThatNamesNobodyT20() throws Exception {
    // When
    HttpResponse<String> answer = call(9, "", 5_000);

    // Then
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("malformed-context", "no i=<identity> (expected: ");
    assertThat(seen).isEmpty();
  }

  @Test
  void shouldNotStartWithACertificateThatNamesNobodyT20() {
    // Given
    sidecar.close();
    X509Bundle nameless = PKI.issue(it -> it.ecp256());

    // When, Then
    assertThatThrownBy(() -> sidecar(nameless))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("control_tls: the certificate names nobody (expected: ");
  }

  private static String vote(HttpResponse<String> answer) {
    return answer.headers().firstValue("tx-vote").orElseThrow();
  }

  /** Says that everything was aborted. */
  private static Server decider(X509Bundle certificate, int port) throws IOException {
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .sslContext(
            GrpcSslContexts.configure(
                    SslContextBuilder.forServer(
                        certificate.getKeyPair().getPrivate(), certificate.getCertificatePath()))
                .clientAuth(ClientAuth.REQUIRE)
                .trustManager(PKI.authority().getCertificate())
                .build())
        .addService(
            new TransactionControlGrpc.TransactionControlImplBase() {
              @Override
              public void inquire(InquireRequest request, StreamObserver<InquireResponse> reply) {
                InquireResponse.Builder response = InquireResponse.newBuilder().setSender(sender());
                for (InquireItem item : request.getItemsList()) {
                  response.addResults(
                      InquireResult.newBuilder()
                          .setTxId(item.getTxId())
                          .setBranchId(item.getBranchId())
                          .setAnswer(Answer.ABORTED));
                }
                reply.onNext(response.build());
                reply.onCompleted();
              }
            })
        .build()
        .start();
  }

  private double refused() {
    return sidecar.stats().meters().get("handfast.tx.outcome.refused").counter().count();
  }

  private static String parameter(String vote, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(vote);
    assertThat(matcher.find()).as(vote).isTrue();
    return matcher.group(1);
  }

  private OutcomeResult tell(String vote, X509Bundle teller, Outcome outcome) throws SSLException {
    int port = Integer.parseInt(parameter(vote, "p=127\\.0\\.0\\.1:([0-9]+);"));
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .overrideAuthority("back.example.com")
            .sslContext(
                GrpcSslContexts.forClient()
                    .trustManager(PKI.authority().getCertificate())
                    .keyManager(teller.getKeyPair().getPrivate(), teller.getCertificatePath())
                    .build())
            .build();
    try {
      return TransactionControlGrpc.newBlockingStub(channel)
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .outcome(
              OutcomeRequest.newBuilder()
                  .setSender(sender())
                  .addItems(
                      OutcomeItem.newBuilder()
                          .setTxId(ByteString.copyFrom(HexFormat.of().parseHex(TX)))
                          .setBranchId(BRANCH)
                          .setOutcome(outcome)
                          .setDecider("j.front")
                          .setStoreId(parameter(vote, "j=([^;]+);"))
                          .setAwaited(true))
                  .build())
          .getResults(0);
    } finally {
      channel.shutdownNow();
    }
  }

  private static Sender sender() {
    return Sender.newBuilder()
        .setProtocolVersion(1)
        .setService("front")
        .setAuthority("127.0.0.1:9")
        .setStoreId("j.front")
        .build();
  }
}
