package io.handfast.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.handfast.proxy.server.StartException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What passes two sidecars as it is: cancellation, metadata, statuses; and what they say
 * themselves.
 */
class GrpcPassageTest {
  private static final List<AutoCloseable> CLOSING = new ArrayList<>();
  private static Echo service;
  private static Channel client;

  /** Through a sidecar that answers by itself, with the status that a header names. */
  private static Channel refused;

  @BeforeAll
  static void start() throws IOException, StartException {
    service = closing(Echo.start());
    client = client(closing(Hop.to(closing(Hop.to(service.port())).port())).port());
    refused = client(closing(Hop.ofRoutes(service.port(), refusals())).port());
  }

  private static String refusals() {
    return IntStream.rangeClosed(400, 504)
        .mapToObj(status ->
            "{ match: { prefix: /, headers: [{ name: x-status, string_match: { exact: '%1$d' } }] }, direct_response: { status: %1$d, body: { inline_string: no way } } }"
                .formatted(status))
        .collect(Collectors.joining(", "));
  }

  @BeforeEach
  void forget() {
    service.forget();
  }

  @AfterAll
  static void close() throws Exception {
    for (AutoCloseable each : CLOSING.reversed()) {
      each.close();
    }
  }

  private static <T extends AutoCloseable> T closing(T resource) {
    CLOSING.add(resource);
    return resource;
  }

  private static Channel client(int port) {
    ManagedChannel channel = Hop.channel(port);
    CLOSING.add(channel::shutdownNow);
    return channel;
  }

  private static String call(Channel channel, String message) {
    return ClientCalls.blockingUnaryCall(channel, Echo.UNARY, CallOptions.DEFAULT, message);
  }

  private static StatusRuntimeException failing(Channel channel, String message) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> call(channel, message));
  }

  @Test
  void shouldPassTheFourKinds() {
    // Unary, and the three streams
    assertThat(call(client, "hello")).isEqualTo("hello");
    assertThat(
            ClientCalls.blockingServerStreamingCall(
                client, Echo.SERVER_STREAM, CallOptions.DEFAULT, "one"))
        .toIterable()
        .containsExactly("one");
    Answers collected = new Answers();
    StreamObserver<String> stream =
        ClientCalls.asyncClientStreamingCall(
            client.newCall(Echo.CLIENT_STREAM, CallOptions.DEFAULT), collected);
    stream.onNext("a");
    stream.onNext("b");
    stream.onCompleted();
    assertThat(collected.next()).isEqualTo("ab");
    assertThat(collected.next()).isEqualTo("OK");
    Answers echoed = new Answers();
    StreamObserver<String> talk =
        ClientCalls.asyncBidiStreamingCall(client.newCall(Echo.BIDI, CallOptions.DEFAULT), echoed);
    for (String word : List.of("1", "2", "3")) {
      talk.onNext(word);
      assertThat(echoed.next()).as("before the next is sent").isEqualTo(word);
    }
    talk.onCompleted();
    assertThat(echoed.next()).isEqualTo("OK");
  }

  /** A call that its client cancels before the answer, in its middle, and with the request open. */
  @ParameterizedTest
  @CsvSource({"true,0", "true,2", "false,0", "false,2"})
  void shouldCancelTheCallAtTheServiceWhenTheClientDoes(boolean requestEnds, int answers) {
    // Given
    Answers came = new Answers();
    ClientCallStreamObserver<String> call =
        (ClientCallStreamObserver<String>)
            ClientCalls.asyncBidiStreamingCall(
                client.newCall(Echo.BIDI, CallOptions.DEFAULT), came);
    for (int i = 0; i < answers; i++) {
      call.onNext("m");
      assertThat(came.next()).isEqualTo("m");
    }
    call.onNext("wait");
    if (requestEnds) {
      call.onCompleted();
    }
    service.nextCall();

    // When
    call.cancel("enough", null);

    // Then
    assertThat(service.nextIsCancelled()).isTrue();
  }

  /** The service ends a call whose client is still sending. */
  @Test
  void shouldEndTheCallAtTheClientWhenTheServiceDoes() {
    // Given
    Answers came = new Answers();
    StreamObserver<String> call =
        ClientCalls.asyncBidiStreamingCall(client.newCall(Echo.BIDI, CallOptions.DEFAULT), came);

    // When
    call.onNext("first");
    call.onNext("fail 1 that will do");

    // Then
    assertThat(came.next()).isEqualTo("first");
    assertThat(came.next()).isEqualTo("CANCELLED: that will do");
  }

  static List<List<byte[]>> binaries() {
    return List.of(
        List.of(new byte[0]),
        List.of(new byte[] {1}),
        List.of(new byte[] {1, 2}),
        List.of(new byte[] {1, 2, 3}),
        List.of(new byte[] {(byte) 0xfb, (byte) 0xff, 0, '\r', '\n', ','}),
        List.of(new byte[] {1}, new byte[] {2, 3}, new byte[] {(byte) 0xff}),
        List.of(new byte[4000]));
  }

  @ParameterizedTest
  @MethodSource("binaries")
  void shouldLeaveBinaryMetadataAsItIsBothWays(List<byte[]> values) {
    // Given
    Metadata.Key<byte[]> key = Metadata.Key.of("x-echo-bin", Metadata.BINARY_BYTE_MARSHALLER);
    Metadata sent = new Metadata();
    values.forEach(value -> sent.put(key, value));
    AtomicReference<Metadata> head = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Channel channel =
        ClientInterceptors.intercept(
            Echo.with(client, sent), MetadataUtils.newCaptureMetadataInterceptor(head, trailers));

    // When
    call(channel, "hello");

    // Then
    for (Metadata came : List.of(service.nextCall(), head.get(), trailers.get())) {
      assertThat(came.getAll(key))
          .usingElementComparator(Arrays::compare)
          .containsExactlyElementsOf(values);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void shouldPassEveryStatusOnOfAHeadThatIsTheEnd(Status.Code code) {
    // When
    StatusRuntimeException failure =
        failing(client, "fail " + code.value() + " na\u00efve 100% \u20ac");

    // Then
    assertThat(failure.getStatus().getCode()).isEqualTo(code);
    assertThat(failure.getStatus().getDescription()).isEqualTo("na\u00efve 100% \u20ac");
  }

  /** Envoy's mapping, of answers that a sidecar makes by itself. */
  @ParameterizedTest
  @CsvSource({
    "400,INTERNAL",
    "401,UNAUTHENTICATED",
    "403,PERMISSION_DENIED",
    "404,UNIMPLEMENTED",
    "409,UNKNOWN",
    "413,UNKNOWN",
    "429,UNAVAILABLE",
    "500,UNKNOWN",
    "502,UNAVAILABLE",
    "503,UNAVAILABLE",
    "504,UNAVAILABLE"
  })
  void shouldSayAStatusOfItsOwnAsGrpcDoes(int http, Status.Code code) {
    // When
    StatusRuntimeException failure =
        failing(Echo.with(refused, "x-status", Integer.toString(http)), "hello");

    // Then
    assertThat(failure.getStatus().getCode()).isEqualTo(code);
    assertThat(failure.getStatus().getDescription()).isEqualTo("no way");
  }

  @Test
  void shouldSayUnavailableWhenNobodyListens() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    try (Hop hop = Hop.to(free)) {
      // When
      StatusRuntimeException failure = failing(client(hop.port()), "hello");

      // Then
      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(failure.getStatus().getDescription()).contains("upstream connect error");
    }
  }

  @Test
  void shouldSayUnavailableWhenTheRouteTakesNoLonger() throws Exception {
    try (Hop hop = Hop.to(service.port(), "timeout: 0.2s")) {
      // When
      StatusRuntimeException failure = failing(client(hop.port()), "wait");

      // Then
      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(failure.getStatus().getDescription()).isEqualTo("upstream request timeout");
      assertThat(service.nextIsCancelled()).isTrue();
    }
  }

  /** A half-closed client is still told; one that never begins its message is not in the way. */
  @Test
  void shouldAnswerACallWithoutAMessage() {
    // Given
    Answers came = new Answers();
    ClientCall<String, String> call = client.newCall(Echo.BIDI, CallOptions.DEFAULT);

    // When
    ClientCalls.asyncBidiStreamingCall(call, came).onCompleted();

    // Then
    assertThat(came.next()).isEqualTo("OK");
  }
}
