package io.handfast.proxy.transparency;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.handfast.proxy.grpc.Answers;
import io.handfast.proxy.grpc.Echo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** gRPC by grpc-java over every way on which there is nothing but HTTP/2. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GrpcMatrixTest {
  private static final String WAYS = "io.handfast.proxy.transparency.Way#allHttp2";
  private static final Metadata.Key<byte[]> BINARY =
      Metadata.Key.of("x-echo-bin", Metadata.BINARY_BYTE_MARSHALLER);

  /** Beyond every window and buffer on the way, and below what grpc-java takes. */
  private static final int LARGE = 3 << 20;

  private final Map<Way, ManagedChannel> channels = new HashMap<>();
  private Path directory;
  private Echo service;
  private Mesh mesh;

  @BeforeAll
  void start(@TempDir Path made) throws Exception {
    directory = made;
    service = Echo.start();
    mesh = Mesh.before(service.port(), directory);
  }

  @AfterAll
  void stop() throws IOException {
    channels.values().forEach(ManagedChannel::shutdownNow);
    mesh.close();
    service.close();
  }

  private Channel channel(Way way) throws IOException {
    ManagedChannel known = channels.get(way);
    if (known != null) {
      return known;
    }
    NettyChannelBuilder builder = NettyChannelBuilder.forAddress("localhost", mesh.port(way));
    if (way.link() == null && way.mutualTls()) {
      builder.sslContext(
          GrpcSslContexts.forClient()
              .trustManager(directory.resolve("ca.pem").toFile())
              .keyManager(
                  directory.resolve("front.pem").toFile(), directory.resolve("front.key").toFile())
              .build());
    } else {
      builder.usePlaintext();
    }
    ManagedChannel made = builder.build();
    channels.put(way, made);
    return made;
  }

  private static Answers begin(
      Channel channel, MethodDescriptor<String, String> method, String... messages) {
    Answers answers = new Answers();
    StreamObserver<String> request =
        ClientCalls.asyncBidiStreamingCall(channel.newCall(method, CallOptions.DEFAULT), answers);
    for (String message : messages) {
      request.onNext(message);
    }
    request.onCompleted();
    return answers;
  }

  @ParameterizedTest
  @MethodSource(WAYS)
  void shouldPassTheFourKinds(Way way) throws IOException {
    Channel channel = channel(way);
    for (MethodDescriptor<String, String> method :
        List.of(Echo.UNARY, Echo.SERVER_STREAM, Echo.CLIENT_STREAM)) {
      // When
      Answers answers = begin(channel, method, "hello");

      // Then
      assertThat(answers.next()).isEqualTo("hello");
      assertThat(answers.next()).isEqualTo("OK");
    }
    Answers echoed = new Answers();
    StreamObserver<String> talk =
        ClientCalls.asyncBidiStreamingCall(channel.newCall(Echo.BIDI, CallOptions.DEFAULT), echoed);
    for (String word : List.of("1", "2", "3")) {
      talk.onNext(word);
      assertThat(echoed.next()).as("before the next is sent").isEqualTo(word);
    }
    talk.onCompleted();
    assertThat(echoed.next()).isEqualTo("OK");
  }

  @ParameterizedTest
  @MethodSource(WAYS)
  void shouldPassLargeMessagesBothWaysAtOnce(Way way) throws IOException {
    // Given
    String large = "0123456789abcdef".repeat(LARGE / 16);

    // When
    Answers answers = begin(channel(way), Echo.BIDI, large, large, large);

    // Then
    for (int i = 0; i < 3; i++) {
      assertThat(answers.next().equals(large)).isTrue();
    }
    assertThat(answers.next()).isEqualTo("OK");
  }

  @ParameterizedTest
  @MethodSource(WAYS)
  void shouldPassStatusOn(Way way) throws IOException {
    // Without a message before it, and behind one
    assertThat(begin(channel(way), Echo.UNARY, "fail 9 not now").next())
        .isEqualTo("FAILED_PRECONDITION: not now");
    Answers answers = begin(channel(way), Echo.BIDI, "one", "fail 13 \u00e4 %");
    assertThat(answers.next()).isEqualTo("one");
    assertThat(answers.next()).isEqualTo("INTERNAL: \u00e4 %");
  }

  @ParameterizedTest
  @MethodSource(WAYS)
  void shouldLeaveBinaryMetadataAsItIs(Way way) throws IOException {
    // Given
    byte[] bytes = {0, -1, 10, 13, 44, 127};
    Metadata headers = new Metadata();
    headers.put(BINARY, bytes);
    ClientCall<String, String> call =
        io.grpc.ClientInterceptors.intercept(
                channel(way), MetadataUtils.newAttachHeadersInterceptor(headers))
            .newCall(Echo.UNARY, CallOptions.DEFAULT);
    Metadata[] head = new Metadata[2];

    // When
    Answers answers = new Answers();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onHeaders(Metadata came) {
            head[0] = came;
          }

          @Override
          public void onMessage(String message) {
            answers.onNext(message);
          }

          @Override
          public void onClose(io.grpc.Status status, Metadata trailers) {
            head[1] = trailers;
            answers.onCompleted();
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage("hello");
    call.halfClose();

    // Then
    assertThat(answers.next()).isEqualTo("hello");
    assertThat(answers.next()).isEqualTo("OK");
    assertThat(head[0].get(BINARY)).isEqualTo(bytes);
    assertThat(head[1].get(BINARY)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @MethodSource(WAYS)
  void shouldCancelAtTheServiceWhenTheClientCancels(Way way) throws IOException {
    // Given
    Answers answers = new Answers();
    ClientCallStreamObserver<String> request =
        (ClientCallStreamObserver<String>)
            ClientCalls.asyncBidiStreamingCall(
                channel(way).newCall(Echo.BIDI, CallOptions.DEFAULT), answers);
    request.onNext("one");
    assertThat(answers.next()).isEqualTo("one");

    // When
    request.cancel("enough", null);

    // Then
    assertThat(answers.next()).startsWith("CANCELLED");
    assertThat(service.nextIsCancelled()).isTrue();
  }

  @ParameterizedTest
  @MethodSource(WAYS)
  void shouldEndBothSidesWhenTheDeadlinePasses(Way way) throws IOException {
    // Given
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(200, TimeUnit.MILLISECONDS);
    Answers answers = new Answers();

    // When
    ClientCalls.asyncUnaryCall(channel(way).newCall(Echo.UNARY, options), "wait", answers);

    // Then
    assertThat(answers.next()).startsWith("DEADLINE_EXCEEDED");
    assertThat(service.nextIsCancelled()).isTrue();
  }
}
