package io.handfast.example.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.handfast.example.bank.ServiceMain.Running;
import io.handfast.example.bank.v1.CreateTransferRequest;
import io.handfast.example.bank.v1.ReservationKind;
import io.handfast.example.bank.v1.ReservationServiceGrpc;
import io.handfast.example.bank.v1.ReserveRequest;
import io.handfast.example.bank.v1.TransferServiceGrpc;
import io.handfast.example.bank.web.Answer;
import io.handfast.example.bank.web.Router;
import io.handfast.example.bank.web.Web;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The four services together over gRPC, without a mesh. */
final class TransfersGrpcTest {
  private final Services services = new Services();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private Running bankA;
  private Running bankB;
  private Running transfers;

  @BeforeEach
  void start() throws Exception {
    bankA = services.bank("bank-a", "alice=1000");
    bankB = services.bank("bank-b", "bob=1000");
    transfers = services.transfersByGrpc(grpc(bankA), grpc(bankB));
  }

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    services.close();
  }

  @Test
  void shouldReserveAtBothBanksWhenTransferIsCreated() throws Exception {
    // When
    String id = create(transfers, Map.of("transfer-id", "t1"), 300);

    // Then
    assertThat(id).isEqualTo("t1");
    assertThat(state(bankA, "/reservations/t1-debit")).isEqualTo("RESERVED");
    assertThat(state(bankB, "/reservations/t1-credit")).isEqualTo("RESERVED");
    assertThat(state(transfers, "/transfers/t1")).isEqualTo("PENDING");
  }

  @ParameterizedTest
  @CsvSource({
    "bank-a/alice, 1001, FAILED_PRECONDITION, 'bank-a: account alice: 1000 available'",
    "bank-a/alice, 5001, FAILED_PRECONDITION, 'bank-a: amount: 5001 (expected: at most 5000)'",
    "bank-a/eve, 1, FAILED_PRECONDITION, 'bank-a: account eve'",
    "bank-x/eve, 1, FAILED_PRECONDITION, 'from: bank-x (expected one of: bank-a, bank-b)'",
    "alice, 1, INVALID_ARGUMENT, 'from: alice (expected: BANK/ACCOUNT)'",
    "bank-a/alice, 0, INVALID_ARGUMENT, 'amount: 0 (expected: cents, 1 or more)'"
  })
  void shouldSayInTheStatusWhyItRefuses(String from, long amount, Status.Code code, String said)
      throws Exception {
    // When
    Status status = refusal(() -> create(transfers, Map.of("transfer-id", "t1"), from, amount));

    // Then
    assertThat(status.getCode()).isEqualTo(code);
    assertThat(status.getDescription()).startsWith(said);
    assertThat(state(transfers, "/transfers/t1")).isIn("CANCELLED", "");
    assertThat(new Http(bankB.port()).get("/reservations").body()).isEmpty();
  }

  @Test
  void shouldAskForTheKeyWhenThereIsNone() {
    // When
    Status status = refusal(() -> create(transfers, Map.of(), 300));

    // Then
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).startsWith("transfer-id: missing");
  }

  @Test
  void shouldRefuseKeysThatAreTaken() throws Exception {
    // Given
    create(transfers, Map.of("transfer-id", "t1"), 300);
    new Http(bankA.port()).put("/reservations/t2-debit/cancel", "");

    // When
    Status again = refusal(() -> create(transfers, Map.of("transfer-id", "t1"), 300));
    Status cancelled = refusal(() -> create(transfers, Map.of("transfer-id", "t2"), 300));

    // Then
    assertThat(again.getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
    assertThat(again.getDescription()).contains("t1 is taken");
    assertThat(cancelled.getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
    assertThat(cancelled.getDescription()).contains("bank-a: reservation t2-debit is cancelled");
    assertThat(state(transfers, "/transfers/t1")).isEqualTo("PENDING");
  }

  @Test
  void shouldBeUnavailableWhenABankIsDown() throws Exception {
    // Given
    Running broken = services.transfersByGrpc(grpc(bankA), Services.freePort());

    // When
    Status status = refusal(() -> create(broken, Map.of("transfer-id", "t1"), 300));

    // Then
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(status.getDescription()).startsWith("bank-b did not answer: UNAVAILABLE");
    assertThat(state(broken, "/transfers/t1")).isEqualTo("CANCELLED");
  }

  @Test
  void shouldRefuseReservationWhenItHasNoKind() {
    // Given
    ReserveRequest request = ReserveRequest.newBuilder().setAccount("alice").setAmount(1).build();

    // When
    Status status = refusal(() -> reserve(bankA, Map.of("reservation-key", "k"), request));

    // Then
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription())
        .isEqualTo(
            "kind: RESERVATION_KIND_UNSPECIFIED (expected: RESERVATION_KIND_DEBIT or"
                + " RESERVATION_KIND_CREDIT)");
  }

  @Test
  void shouldForwardTraceContextAndNothingElseWhenItCallsOthers() throws Exception {
    // Given
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    Server recorder = recorder(seen);
    Running service = services.transfersByGrpc(recorder.getPort(), grpc(bankB));

    // When
    Status status = refusal(() -> create(service, with("transfer-id", "t1"), 300));
    recorder.shutdownNow();

    // Then
    assertThat(status.getDescription()).contains("nothing is served here");
    assertThat(seen).containsExactly("00-a-b-01 hf=1-2 k=v t1-debit null");
  }

  @Test
  void shouldForwardTraceContextFromGrpcToHttp() throws Exception {
    // Given
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    Router routes =
        new Router()
            .on(
                "GET",
                "/limits",
                call -> {
                  seen.add(call.headers().get("traceparent") + " " + call.headers().get("baggage"));
                  return Answer.ok(Map.of("allowed", true));
                });
    ReserveRequest debit =
        ReserveRequest.newBuilder()
            .setAccount("alice")
            .setAmount(1)
            .setKind(ReservationKind.RESERVATION_KIND_DEBIT)
            .build();

    // When
    try (Web audit = Web.start(0, routes, () -> {})) {
      Running bank = services.bank("bank-c", "alice=1000", audit.port());
      reserve(bank, with("reservation-key", "k"), debit);
    }

    // Then
    assertThat(seen).containsExactly("[00-a-b-01] [k=v]");
  }

  private static Map<String, String> with(String name, String value) {
    return Map.of(
        name,
        value,
        "traceparent",
        "00-a-b-01",
        "tracestate",
        "hf=1-2",
        "baggage",
        "k=v",
        "tx-context",
        "x");
  }

  private static Server recorder(List<String> seen) throws Exception {
    ServerInterceptor interceptor =
        new ServerInterceptor() {
          @Override
          public <Q, A> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
            List<String> values = new ArrayList<>();
            for (String name :
                List.of("traceparent", "tracestate", "baggage", "reservation-key", "tx-context")) {
              values.add(String.valueOf(metadata.get(key(name))));
            }
            seen.add(String.join(" ", values));
            call.close(
                Status.UNIMPLEMENTED.withDescription("nothing is served here"), new Metadata());
            return new ServerCall.Listener<>() {};
          }
        };
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .addService(
            ServerInterceptors.intercept(
                new ReservationServiceGrpc.ReservationServiceImplBase() {}, interceptor))
        .build()
        .start();
  }

  private String create(Running service, Map<String, String> metadata, long amount) {
    return create(service, metadata, "bank-a/alice", amount);
  }

  private String create(Running service, Map<String, String> metadata, String from, long amount) {
    return TransferServiceGrpc.newBlockingStub(channel(service))
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata(metadata)))
        .createTransfer(
            CreateTransferRequest.newBuilder()
                .setFrom(from)
                .setTo("bank-b/bob")
                .setAmount(amount)
                .build())
        .getId();
  }

  private void reserve(Running service, Map<String, String> metadata, ReserveRequest request) {
    String key =
        ReservationServiceGrpc.newBlockingStub(channel(service))
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata(metadata)))
            .reserve(request)
            .getKey();
    assertThat(key).isEqualTo(metadata.get("reservation-key"));
  }

  private ManagedChannel channel(Running service) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", grpc(service)).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  private static Metadata metadata(Map<String, String> values) {
    Metadata metadata = new Metadata();
    values.forEach((name, value) -> metadata.put(key(name), value));
    return metadata;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static int grpc(Running service) {
    return service.grpc().orElseThrow().port();
  }

  private static Status refusal(Runnable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call::run).getStatus();
  }

  private static String state(Running service, String path) throws Exception {
    return new Http(service.port()).get(path).body().path("state").asText();
  }
}
