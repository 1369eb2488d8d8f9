package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.Policies.CONTEXT;
import static io.handfast.proxy.transaction.Policies.MESH;
import static io.handfast.proxy.transaction.Policies.callback;
import static io.handfast.proxy.transaction.Policies.participant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.handfast.proxy.grpc.Answers;
import io.handfast.proxy.grpc.Echo;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Boundary;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls of the four kinds in a transaction, over HTTP/2, with a client and a service of grpc-java.
 */
class GrpcStreamsTest {
  private static final Metadata.Key<String> OUTCOME =
      Metadata.Key.of("tx-outcome", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> VOTE =
      Metadata.Key.of("tx-vote", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir private Path directory;
  private final Neighbours peers = new Neighbours();
  private final List<AutoCloseable> closing = new ArrayList<>();
  private final AtomicReference<Metadata> head = new AtomicReference<>();
  private final AtomicReference<Metadata> trailers = new AtomicReference<>();
  private SidecarRig rig;
  private Echo service;

  @BeforeEach
  void start() throws Exception {
    service = closing(Echo.start());
    rig = rig("bank");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : closing.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T closing(T resource) {
    closing.add(resource);
    return resource;
  }

  private SidecarRig rig(String name) throws Exception {
    return closing(
        new SidecarRig(name, directory, peers, exchange -> SidecarRig.answer(exchange, 200, "")));
  }

  private static RoutePolicy boundary(boolean streaming) {
    return new RoutePolicy(
        Propagation.REQUIRED,
        new Boundary(Duration.ofSeconds(10), Duration.ofSeconds(1), 1 << 20, false, streaming),
        callback(),
        false);
  }

  /** A client of that port, which notes what comes beside the messages. */
  private Channel client(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    closing.add(channel::shutdownNow);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newCaptureMetadataInterceptor(head, trailers));
  }

  private Channel boundaryClient(boolean streaming) throws Exception {
    return client(rig.inbound(boundary(streaming), service.port(), false));
  }

  private Channel participantClient() throws Exception {
    int port = rig.inbound(participant(callback()), service.port(), true);
    return Echo.with(client(port), "tx-context", CONTEXT);
  }

  private static ClientCallStreamObserver<String> start(
      Channel channel, MethodDescriptor<String, String> method, Answers answers) {
    ClientCall<String, String> call = channel.newCall(method, CallOptions.DEFAULT);
    return (ClientCallStreamObserver<String>) ClientCalls.asyncBidiStreamingCall(call, answers);
  }

  private static MethodDescriptor<String, String> method(String kind) {
    return switch (kind) {
      case "unary" -> Echo.UNARY;
      case "client" -> Echo.CLIENT_STREAM;
      case "server" -> Echo.SERVER_STREAM;
      case "bidi" -> Echo.BIDI;
      default -> throw new IllegalArgumentException(kind);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"unary", "client", "server", "bidi"})
  void shouldCommitEveryKindAtABoundaryThatAllowsStreams(String kind) throws Exception {
    // Given
    Answers answers = new Answers();
    var call = start(boundaryClient(true), method(kind), answers);

    // When
    call.onNext("a");
    if (kind.equals("client") || kind.equals("bidi")) {
      call.onNext("b");
    }
    call.onCompleted();

    // Then
    switch (kind) {
      case "client" -> assertThat(answers.next()).isEqualTo("ab");
      case "bidi" -> assertThat(answers.next() + answers.next()).isEqualTo("ab");
      default -> assertThat(answers.next()).isEqualTo("a");
    }
    assertThat(answers.next()).isEqualTo("OK");
    assertThat(trailers.get().get(OUTCOME)).isEqualTo("committed");
    assertThat(rig.completions).containsExactly("POST /confirm");
  }

  @Test
  void shouldHoldTheMessagesOfABoundaryUntilTheOutcome() throws Exception {
    // Given
    Answers answers = new Answers();
    var call = start(boundaryClient(true), Echo.BIDI, answers);

    // When
    call.onNext("a");
    call.onNext("fail 9 no");

    // Then
    assertThat(answers.next()).isEqualTo("a");
    assertThat(answers.next()).isEqualTo("FAILED_PRECONDITION: no");
    assertThat(trailers.get().get(OUTCOME))
        .as("known before the message left")
        .isEqualTo("aborted");
  }

  @ParameterizedTest
  @ValueSource(strings = {"client", "bidi"})
  void shouldRefuseASecondMessageAtABoundaryThatAllowsNoStreams(String kind) throws Exception {
    // Given
    Answers answers = new Answers();
    var call = start(boundaryClient(false), method(kind), answers);

    // When
    call.onNext("a");
    call.onNext("b");

    // Then
    assertThat(answers.next())
        .startsWith("UNIMPLEMENTED: request: a second message (expected: one, or allow_streaming");
    assertThat(trailers.get().get(OUTCOME)).isEqualTo("aborted");
  }

  @ParameterizedTest
  @ValueSource(strings = {"unary", "server"})
  void shouldTakeOneMessageAtABoundaryThatAllowsNoStreams(String kind) throws Exception {
    // Given
    Answers answers = new Answers();
    var call = start(boundaryClient(false), method(kind), answers);

    // When
    call.onNext("a");
    call.onCompleted();

    // Then
    assertThat(answers.next()).isEqualTo("a");
    assertThat(answers.next()).isEqualTo("OK");
    assertThat(trailers.get().get(OUTCOME)).isEqualTo("committed");
  }

  /** The votes are in the trailers, and no message waits for them (T8). */
  @ParameterizedTest
  @CsvSource({"0,prepared", "9,abort"})
  void shouldLetAConversationGoOnBelowABoundaryAndVoteInTheTrailersT8(int status, String vote)
      throws Exception {
    // Given
    Answers answers = new Answers();
    var call = start(participantClient(), Echo.BIDI, answers);

    // When
    for (String word : List.of("1", "2", "3")) {
      call.onNext(word);
      assertThat(answers.next()).as("before the next is sent").isEqualTo(word);
    }
    if (status == 0) {
      call.onCompleted();
    } else {
      call.onNext("fail " + status + " no");
    }

    // Then
    assertThat(answers.next()).isEqualTo(status == 0 ? "OK" : "FAILED_PRECONDITION: no");
    assertThat(head.get().get(VOTE)).isNull();
    assertThat(trailers.get().get(VOTE)).contains(";v=" + vote + ";");
  }

  @Test
  void shouldVoteInTheTrailersOfAClientStreamT8() throws Exception {
    // Given
    Answers answers = new Answers();
    var call = start(participantClient(), Echo.CLIENT_STREAM, answers);

    // When
    call.onNext("a");
    call.onNext("b");
    call.onCompleted();

    // Then
    assertThat(answers.next()).isEqualTo("ab");
    assertThat(answers.next()).isEqualTo("OK");
    assertThat(trailers.get().get(VOTE)).contains(";v=prepared;");
  }

  /** Who calls may hold a conversation with a participant; the calling branch then commits. */
  @Test
  void shouldCountAConversationThatEndedWellOnTheWayOut() throws Exception {
    // Given
    SidecarRig front = rig("front");
    int bank = rig.inbound(participant(callback()), service.port(), true);
    int outbound = front.outbound(RoutePolicy.NONE, bank, MESH);
    Talker talker = closing(new Talker(client(outbound)));
    int port = front.inbound(boundary(false), talker.port(), false);

    // When
    Answers answers = new Answers();
    var call = start(client(port), Echo.UNARY, answers);
    call.onNext("go");
    call.onCompleted();

    // Then
    assertThat(answers.next()).isEqualTo("1 2 3 OK");
    assertThat(answers.next()).isEqualTo("OK");
    assertThat(trailers.get().get(OUTCOME)).isEqualTo("committed");
    await().untilAsserted(() -> assertThat(rig.completions).containsExactly("POST /confirm"));
  }

  @Test
  void shouldAbortWhenTheClientOfAStreamCancels() throws Exception {
    // Given
    Answers answers = new Answers();
    var call = start(boundaryClient(true), Echo.BIDI, answers);
    call.onNext("a");
    call.onNext("wait");
    service.nextCall();

    // When
    call.cancel("enough", null);

    // Then
    assertThat(service.nextIsCancelled()).isTrue();
    assertThat(answers.next()).isEqualTo("CANCELLED: enough");
    assertThat(rig.completions).doesNotContain("POST /confirm");
  }
}
