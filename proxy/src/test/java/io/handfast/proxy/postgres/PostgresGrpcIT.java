package io.handfast.proxy.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.handfast.proxy.grpc.Echo;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Services of gRPC whose databases take part: the front updates, calls the back, which updates, and
 * answers. What they were called with they carry into calls and SQL comments, as an agent would.
 */
final class PostgresGrpcIT {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final Context.Key<Metadata> CALLED_WITH = Context.key("called-with");
  private static final List<String> CONTEXT = List.of("traceparent", "tracestate", "baggage");
  private static final String HTTP2 =
      ", typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http2_protocol_options: {} } } }";

  @TempDir private Path directory;

  private final List<AutoCloseable> closing = new ArrayList<>();
  private final AtomicReference<String> preparedMeanwhile = new AtomicReference<>("");
  private final AtomicReference<Status> backSays = new AtomicReference<>(Status.OK);
  private final AtomicReference<Status> frontSays = new AtomicReference<>(Status.OK);
  private Member back;
  private Member front;

  /** A service, its sidecar and its database. */
  private record Member(Sidecar sidecar, String database) {
    int port(String listener) {
      return sidecar.listenerAddress(listener).orElseThrow().getPort();
    }

    /** A service's own connection, through its sidecar; it adds to an account. */
    void add(int account, int amount) throws SQLException {
      try (Connection connection =
              DriverManager.getConnection(
                  "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres"
                      .formatted(port("db"), database));
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute(
            "UPDATE account SET balance = balance + (%d) WHERE id = %d".formatted(amount, account)
                + comment());
        connection.commit();
      }
    }

    String balance() {
      return SERVER.query(database, "SELECT sum(balance) FROM account").getFirst();
    }

    PostgresStats stats() {
      return new PostgresStats(sidecar.stats(), "db");
    }
  }

  @BeforeEach
  void start() throws Exception {
    back = member("back", List.of(), this::back);
    front = member("front", List.of(back), this::front);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : closing.reversed()) {
      each.close();
    }
  }

  private String front(String request) throws SQLException {
    front.add(1, -30);
    Channel toBack =
        ClientInterceptors.intercept(
            channel(front.port("to-back")), MetadataUtils.newAttachHeadersInterceptor(carried()));
    String said = ClientCalls.blockingUnaryCall(toBack, Echo.UNARY, CallOptions.DEFAULT, request);
    preparedMeanwhile.set(SERVER.prepared(back.database()).size() + " " + back.balance());
    checked(frontSays.get());
    return said;
  }

  private String back(String request) throws SQLException {
    back.add(1, 10);
    back.add(2, 20); // a block of its own
    checked(backSays.get());
    return "credited " + request;
  }

  private static void checked(Status status) {
    if (!status.isOk()) {
      throw status.asRuntimeException();
    }
  }

  @Test
  void shouldPrepareTheBlocksOfServicesOfGrpcAndCommitThemTogether() {
    // Given
    AtomicReference<Metadata> head = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();

    // When
    String answer = call(head, trailers);

    // Then
    assertThat(answer).isEqualTo("credited it");
    assertThat(outcome(trailers.get())).isEqualTo("committed");
    assertThat(preparedMeanwhile.get()).isEqualTo("2 100");
    await().until(() -> front.balance().equals("70") && back.balance().equals("130"));
  }

  @Test
  void shouldLeaveNothingWhenAServiceOfGrpcFailsBehindItsCommitT12() {
    // Given
    backSays.set(Status.FAILED_PRECONDITION.withDescription("not today"));

    // When
    StatusRuntimeException failed = failed();

    // Then
    assertThat(failed.getStatus().getDescription()).contains("not today");
    assertNothingIsLeft(Objects.requireNonNull(failed.getTrailers()));
  }

  @Test
  void shouldLeaveNothingWhenTheCallerFailsBehindBothCommits() {
    // Given
    frontSays.set(Status.ABORTED.withDescription("changed its mind"));

    // When
    StatusRuntimeException failed = failed();

    // Then
    assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
    assertNothingIsLeft(Objects.requireNonNull(failed.getTrailers()));
  }

  private StatusRuntimeException failed() {
    return catchThrowableOfType(
        StatusRuntimeException.class, () -> call(new AtomicReference<>(), new AtomicReference<>()));
  }

  private void assertNothingIsLeft(Metadata trailers) {
    assertThat(outcome(trailers)).isEqualTo("aborted");
    for (Member member : List.of(front, back)) {
      await().until(() -> SERVER.prepared(member.database()).isEmpty());
      assertThat(member.balance()).isEqualTo("100");
      assertThat(member.stats().blocksPrepared.value()).isPositive();
    }
  }

  private String call(AtomicReference<Metadata> head, AtomicReference<Metadata> trailers) {
    Channel client =
        ClientInterceptors.intercept(
            channel(front.port("inbound")),
            MetadataUtils.newCaptureMetadataInterceptor(head, trailers));
    return ClientCalls.blockingUnaryCall(client, Echo.UNARY, CallOptions.DEFAULT, "it");
  }

  private static String outcome(Metadata trailers) {
    return String.valueOf(trailers.get(key("tx-outcome")));
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static Metadata carried() {
    Metadata carried = new Metadata();
    for (String name : CONTEXT) {
      String value = Objects.requireNonNull(CALLED_WITH.get()).get(key(name));
      if (value != null) {
        carried.put(key(name), value);
      }
    }
    return carried;
  }

  private static String comment() {
    Metadata carried = carried();
    return " /*traceparent='%s',tracestate='%s'*/"
        .formatted(
            carried.get(key("traceparent")),
            URLEncoder.encode(String.valueOf(carried.get(key("tracestate"))), UTF_8));
  }

  private Channel channel(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    closing.add(channel::shutdownNow);
    return channel;
  }

  /** What a service answers. */
  private interface Work {
    String answer(String request) throws SQLException;
  }

  private Member member(String name, List<Member> calls, Work work) throws Exception {
    String database = SERVER.newDatabase();
    SERVER.execute(
        database,
        "CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)",
        "INSERT INTO account VALUES (1, 100), (2, 0)");
    Server service =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .addService(
                ServerServiceDefinition.builder("handfast.test.Echo")
                    .addMethod(
                        Echo.UNARY,
                        ServerCalls.asyncUnaryCall((request, out) -> answer(work, request, out)))
                    .build())
            .intercept(new Remember())
            .build()
            .start();
    closing.add(service::shutdownNow);
    Sidecar sidecar = Sidecars.start(yaml(name, database, calls, service.getPort()));
    closing.add(sidecar);
    return new Member(sidecar, database);
  }

  private static void answer(Work work, String request, StreamObserver<String> out) {
    try {
      String answer = work.answer(request);
      out.onNext(answer);
      out.onCompleted();
    } catch (StatusRuntimeException e) {
      out.onError(e.getStatus().asRuntimeException());
    } catch (SQLException e) {
      out.onError(Status.INTERNAL.withDescription(e.getMessage()).asRuntimeException());
    }
  }

  private static final class Remember implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(
          Context.current().withValue(CALLED_WITH, headers), call, headers, next);
    }
  }

  private String yaml(String name, String database, List<Member> calls, int service) {
    String begins = calls.isEmpty() ? "" : "boundary: { timeout: 30s }, ";
    MeshYaml yaml = new MeshYaml().serves(begins + "participant: { database: {} }", service, HTTP2);
    for (Member called : calls) {
      yaml.calls("back", called.port("inbound"), "15s", HTTP2);
    }
    return yaml.sidecar(name, directory, SERVER, database, "");
  }
}
