package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.Policies.MESH;
import static io.handfast.proxy.transaction.Policies.boundary;
import static io.handfast.proxy.transaction.Policies.callback;
import static io.handfast.proxy.transaction.Policies.participant;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.handfast.tx.interceptor.RoutePolicy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * grpc-java's client, and its servers behind two sidecars: one transaction over HTTP/2, in which
 * the front's service calls the bank's.
 */
class GrpcTransactionTest {
  private static final MethodDescriptor<String, String> TRANSFER =
      MethodDescriptor.<String, String>newBuilder(new Text(), new Text())
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("bank.Bank/Transfer")
          .build();
  private static final Context.Key<Metadata> CARRIED = Context.key("carried");
  private static final Metadata.Key<String> OUTCOME = text("tx-outcome");

  @TempDir private Path directory;
  private final Neighbours peers = new Neighbours();
  private final List<AutoCloseable> closing = new ArrayList<>();
  private final AtomicReference<Status> bankSays = new AtomicReference<>(Status.OK);
  private SidecarRig front;
  private SidecarRig bank;
  private Channel client;
  private int bankInbound;

  @BeforeEach
  void start() throws Exception {
    front = rig("front");
    bank = rig("bank");
    CompletableFuture<Channel> toBank = new CompletableFuture<>();
    int bankService =
        serve(request -> {
          if (!bankSays.get().isOk()) {
            throw bankSays.get().asRuntimeException();
          }
          return "bank: " + request;
        });
    int frontService =
        serve(request -> {
          Metadata carried = Objects.requireNonNull(CARRIED.get());
          Channel calls =
              ClientInterceptors.intercept(
                  toBank.join(), MetadataUtils.newAttachHeadersInterceptor(carried));
          try {
            return "front: " + call(calls, request);
          } catch (StatusRuntimeException failed) {
            return "front: the bank failed"; // and says that all is well
          }
        });
    bankInbound = bank.inbound(participant(callback()), bankService, true);
    toBank.complete(channel(front.outbound(RoutePolicy.NONE, bankInbound, MESH)));
    client = channel(front.inbound(boundary(callback(), 1 << 20), frontService, false));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : closing.reversed()) {
      each.close();
    }
  }

  @Test
  void shouldCommitOverGrpcWhenAllSucceed() {
    // Given
    AtomicReference<Metadata> head = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Channel watched =
        ClientInterceptors.intercept(
            client, MetadataUtils.newCaptureMetadataInterceptor(head, trailers));

    // When
    String answer = call(watched, "transfer");

    // Then
    assertThat(answer).isEqualTo("front: bank: transfer");
    assertThat(trailers.get().get(OUTCOME)).isEqualTo("committed");
    assertThat(trailers.get().get(text("tx-id"))).hasSize(32);
    assertThat(trailers.get().get(text("tx-vote"))).isNull();
    assertThat(head.get().get(OUTCOME)).isNull();
    assertThat(front.completions).containsExactly("POST /confirm");
    assertThat(bank.completions).containsExactly("POST /confirm");
    assertThat(peers.votes).as("votes that had to be messages").isEmpty();
  }

  @Test
  void shouldAbortOverGrpcWhenTheBankRefuses() {
    // Given
    bankSays.set(Status.FAILED_PRECONDITION.withDescription("no funds"));

    // When
    StatusRuntimeException aborted =
        catchThrowableOfType(StatusRuntimeException.class, () -> call(client, "transfer"));

    // Then
    assertThat(aborted.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
    assertThat(aborted.getStatus().getDescription()).contains("bank", "grpc-status 9");
    Metadata trailers = Objects.requireNonNull(aborted.getTrailers());
    assertThat(trailers.get(OUTCOME)).isEqualTo("aborted");
    byte[] details =
        trailers.get(Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER));
    assertThat(new String(Objects.requireNonNull(details), ISO_8859_1))
        .contains("google.rpc.ErrorInfo", "TRANSACTION_ABORTED", "bank");
    await().untilAsserted(() -> assertThat(front.completions).containsExactly("POST /cancel"));
    assertThat(bank.completions).as("a definite no is not undone").isEmpty();
  }

  @Test
  void shouldUndoOverGrpcWhatMayHaveHappened() {
    // Given
    bankSays.set(Status.INTERNAL);

    // When
    StatusRuntimeException aborted =
        catchThrowableOfType(StatusRuntimeException.class, () -> call(client, "transfer"));

    // Then
    assertThat(aborted.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
    await().untilAsserted(() -> assertThat(front.completions).containsExactly("POST /cancel"));
    await().untilAsserted(() -> assertThat(bank.completions).containsExactly("POST /cancel"));
  }

  @Test
  void shouldAbortWhenTheServiceCancelsACallBeforeItTookTheWholeAnswerT12() throws Exception {
    // Given
    AtomicReference<Integer> outbound = new AtomicReference<>();
    int frontService =
        serve(request -> {
          ManagedChannel narrow =
              NettyChannelBuilder.forAddress("127.0.0.1", outbound.get())
                  .usePlaintext()
                  .flowControlWindow(1_024)
                  .build();
          closing.add(narrow::shutdownNow);
          ClientCall<String, String> call = narrow.newCall(TRANSFER, CallOptions.DEFAULT);
          call.start(new ClientCall.Listener<>() {}, Objects.requireNonNull(CARRIED.get()));
          call.sendMessage("x".repeat(10_000));
          call.halfClose();
          front.awaitStreamEnd(outbound.get()); // all of the answer waits for window
          call.cancel("the service has changed its mind", null);
          return "front: fine";
        });
    outbound.set(front.outbound(RoutePolicy.NONE, bankInbound, MESH));
    Channel caller = channel(front.inbound(boundary(callback(), 1 << 20), frontService, false));

    // When
    StatusRuntimeException aborted =
        catchThrowableOfType(StatusRuntimeException.class, () -> call(caller, "transfer"));

    // Then
    assertThat(aborted.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
    assertThat(aborted.getStatus().getDescription()).contains("cancelled the call");
    await().untilAsserted(() -> assertThat(bank.completions).containsExactly("POST /cancel"));
  }

  private SidecarRig rig(String name) throws Exception {
    SidecarRig rig =
        new SidecarRig(name, directory, peers, exchange -> SidecarRig.answer(exchange, 200, ""));
    closing.add(rig);
    return rig;
  }

  private int serve(Function<String, String> work) throws IOException {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("bank.Bank")
            .addMethod(
                TRANSFER,
                ServerCalls.asyncUnaryCall((request, observer) -> {
                  try {
                    observer.onNext(work.apply(request));
                    observer.onCompleted();
                  } catch (StatusRuntimeException refused) {
                    observer.onError(refused);
                  }
                }))
            .build();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(ServerInterceptors.intercept(service, new Carrying()))
            .build()
            .start();
    closing.add(server::shutdownNow);
    return server.getPort();
  }

  private ManagedChannel channel(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    closing.add(channel::shutdownNow);
    return channel;
  }

  private static String call(Channel channel, String request) {
    return ClientCalls.blockingUnaryCall(
        channel, TRANSFER, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), request);
  }

  private static Metadata.Key<String> text(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** What an instrumented service does: carries its context on. */
  private static final class Carrying implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      Metadata carried = new Metadata();
      for (String name : List.of("traceparent", "tracestate", "baggage")) {
        String value = headers.get(text(name));
        if (value != null) {
          carried.put(text(name), value);
        }
      }
      return Contexts.interceptCall(
          Context.current().withValue(CARRIED, carried), call, headers, next);
    }
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
